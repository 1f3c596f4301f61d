import { z } from "steplab";

/** One listing as the owner delivers it. */
export const Listing = z.object({
  id: z.int(),
  borough: z.enum(["Bronx", "Queens"]),
  price: z.number(),
  seen: z.date().nullable(),
});
