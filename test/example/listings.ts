/** Deliveries small enough to be read in a test, with the city's mix of boroughs. */
import type { Borough, Listing, RawListing } from "../../notebooks/schemas/listing.ts";
import { stratifiedSplit } from "../../notebooks/models/split.ts";

/** Of a hundred listings: about what the city has (notebooks/models/shares.ts). */
const MIX: [borough: Borough, share: number, latitude: number, longitude: number][] = [
  ["Manhattan", 44, 40.76, -73.98],
  ["Brooklyn", 41, 40.69, -73.95],
  ["Queens", 12, 40.75, -73.87],
  ["Bronx", 2, 40.85, -73.9],
  ["Staten Island", 1, 40.61, -74.1],
];
const BOROUGHS = MIX.flatMap(([borough, share, latitude, longitude]) =>
  Array.from({ length: share }, () => ({ borough, latitude, longitude })),
);

/** The `row`th listing; rooms are cheap, flats dear, and Manhattan is dearer than the rest. */
export function rawListing(row: number, change: Partial<RawListing> = {}): RawListing {
  const { borough, latitude, longitude } = BOROUGHS[row % BOROUGHS.length]!; // modulo its length
  const isFlat = row % 2 === 0;
  return {
    id: 1_000 + row,
    name: `${isFlat ? "Loft" : "Room"} ${row} in ${borough}`,
    host_id: 1 + (row % 37),
    host_name: "host",
    neighbourhood_group: borough,
    neighbourhood: `${borough} ${row % 3}`,
    latitude: latitude + (row % 10) / 1_000,
    longitude: longitude + (row % 7) / 1_000,
    room_type: isFlat ? "Entire home/apt" : "Private room",
    price: (isFlat ? 120 : 50) + (borough === "Manhattan" ? 40 : 0) + (row % 9),
    minimum_nights: 1 + (row % 5),
    number_of_reviews: row % 4,
    last_review: row % 4 === 0 ? null : new Date(Date.UTC(2019, 5, 1 + (row % 28))),
    reviews_per_month: row % 4 === 0 ? null : (row % 4) / 2,
    calculated_host_listings_count: 1,
    availability_365: row % 365,
    ...change,
  };
}

/** Listings 0 to `rows - 1`, the ones named by their row changed. */
export function delivery(
  rows: number,
  changes: Record<number, Partial<RawListing>> = {},
): RawListing[] {
  return Array.from({ length: rows }, (_, row) => rawListing(row, changes[row]));
}

/** As `process` hands them on. */
export function cleanDelivery(rows: number): Listing[] {
  const raw = delivery(rows);
  const split = stratifiedSplit(
    raw.map(({ id }) => id),
    raw.map(({ neighbourhood_group }) => neighbourhood_group),
  );
  return raw.map((listing) => ({
    ...listing,
    neighbourhood_group: listing.neighbourhood_group as Borough, // made of MIX
    split: split.get(listing.id)!, // every id is in it
  }));
}
