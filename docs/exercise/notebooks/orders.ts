/** What the stages hand each other. */
import { z } from "steplab";

/** One drink that was sold. */
export const Order = z.object({
  day: z.iso.date(),
  drink: z.string(),
  // Blank 1: the price, a number.
});

/** One row a drink. */
export const Drink = z.object({
  drink: z.string(),
  orders: z.int(),
  median: z.number().describe("price, EUR"),
});
