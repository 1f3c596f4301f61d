/** What the stages hand each other: one schema a table, said once. */
import { z } from "steplab";

export const Sky = z.enum(["clear", "cloud", "rain"]);
export type Sky = z.infer<typeof Sky>;

/** A day as it is delivered. */
export const DeliveredDay = z.object({
  day: z.iso.date(),
  sky: Sky,
  temperature: z.number().nullable().describe("at noon, °C; null where the thermometer failed"),
  rentals: z.int().min(0),
});
export type DeliveredDay = z.infer<typeof DeliveredDay>;

/** A day that a model can learn from. */
export const Day = DeliveredDay.extend({ temperature: z.number(), weekend: z.boolean() });

/** What the model is asked with, and what it answers. */
export const Asked = Day.pick({ sky: true, temperature: true, weekend: true });
export const Answer = z.object({ predicted: z.number() });
