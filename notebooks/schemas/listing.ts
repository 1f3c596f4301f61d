/** What a rental listing is at each point of the chain: the contracts that the stages share. */
import { z } from "steplab";

/**
 * A row of the weekly delivery, before anything is known to be right about it.
 * The borough is any text here: which boroughs there are is a question for `validate`, not for the reader.
 */
export const RawListing = z.object({
  id: z.int(),
  name: z.string().nullable(),
  host_id: z.int(),
  host_name: z.string().nullable(),
  neighbourhood_group: z.string(),
  neighbourhood: z.string(),
  latitude: z.number(),
  longitude: z.number(),
  room_type: z.enum(["Entire home/apt", "Private room", "Shared room"]),
  price: z.number(),
  minimum_nights: z.int(),
  number_of_reviews: z.int(),
  last_review: z.date().nullable(),
  reviews_per_month: z.number().nullable(),
  calculated_host_listings_count: z.int(),
  availability_365: z.int(),
});
export type RawListing = z.infer<typeof RawListing>;

/** The five boroughs, which the data calls "neighbourhood_group". */
export const Borough = z.enum(["Bronx", "Brooklyn", "Manhattan", "Queens", "Staten Island"]);
export type Borough = z.infer<typeof Borough>;

/** Which part of the data a listing belongs to; said once, in `process`, and carried along (models/split.ts). */
export const Split = z.enum(["train", "valid", "test"]);
export type Split = z.infer<typeof Split>;

/** A cleaned listing: a known borough, a price worth learning from, and its place in the split. */
export const Listing = RawListing.extend({ neighbourhood_group: Borough, split: Split });
export type Listing = z.infer<typeof Listing>;

/** What the model is asked with: no identities of people, no price, nothing of the split. */
export const Features = Listing.omit({
  id: true,
  host_id: true,
  host_name: true,
  price: true,
  split: true,
});
export type Features = z.infer<typeof Features>;

/** The names of the features, in the schema's order: what `select` takes. */
export const featureNames = Features.keyof().options;

/** What the model answers: the typical price of one night, USD. */
export const Price = z.object({ predicted: z.number().positive() });
export type Price = z.infer<typeof Price>;

/** A listing the model never saw, its price and what the model said. */
export const Prediction = z.object({
  id: z.int(),
  neighbourhood_group: Borough,
  room_type: RawListing.shape.room_type,
  price: z.number(),
  predicted: z.number(),
});
export type Prediction = z.infer<typeof Prediction>;
