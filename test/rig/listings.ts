/** Rows and files for tests of the data half of "steplab": the real sample where it is, else rows like it. */
import { existsSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { z } from "../../stage/index.ts";

/** The example's columns, exactly and in order (the example itself has its own copy, and may change it). */
export const RawListing = z.object({
  id: z.int(),
  name: z.string().nullable(),
  host_id: z.int(),
  host_name: z.string().nullable(),
  neighbourhood_group: z.string(),
  neighbourhood: z.string(),
  latitude: z.number(),
  longitude: z.number(),
  room_type: z.enum(["Shared room", "Private room", "Entire home/apt"]),
  price: z.number(),
  minimum_nights: z.int(),
  number_of_reviews: z.int(),
  last_review: z.date().nullable(),
  reviews_per_month: z.number().nullable(),
  calculated_host_listings_count: z.int(),
  availability_365: z.int(),
});
export type RawListing = z.infer<typeof RawListing>;

const SAMPLE = fileURLToPath(
  new URL("../../../shared/data/nyc-listings-sample1.csv", import.meta.url),
);

/** Names as people write them: quotes, commas, line breaks, emoji, other scripts. */
const NAMES = [
  '"Sunny" loft, 2nd floor',
  "two\nlines",
  "东村公寓 ✩",
  "Loft 🌇, quiet",
  "plain",
  "",
];

/** Writes `rows` rows like the sample's to `path`. */
export function writeSyntheticListings(path: string, rows: number): void {
  const lines = [Object.keys(RawListing.shape).join(",")];
  for (let row = 0; row < rows; row++) {
    const name =
      row % 1000 === 7 ? "" : `"${(NAMES[row % NAMES.length] ?? "").replaceAll('"', '""')}"`;
    const reviewed = row % 5 > 0;
    lines.push(
      [
        1000 + row,
        name,
        row % 700,
        row % 900 === 5 ? "" : "host",
        ["Bronx", "Brooklyn", "Manhattan", "Queens", "Staten Island"][row % 5],
        "Somewhere",
        40.5 + (row % 700) / 1000,
        -74.2 + (row % 600) / 1000,
        ["Private room", "Entire home/apt", "Shared room"][row % 3],
        10 + (row % 400),
        1 + (row % 30),
        reviewed ? row % 90 : 0,
        reviewed ? `2019-0${1 + (row % 6)}-1${row % 9}` : "",
        reviewed ? (row % 97) / 10 : "",
        1,
        row % 365,
      ].join(","),
    );
  }
  writeFileSync(path, `${lines.join("\n")}\n`);
}

/** The real sample's path, or that of 20,000 rows like it written to `fallback`. */
export function listingsCsv(fallback: string): { path: string; real: boolean } {
  if (existsSync(SAMPLE)) return { path: SAMPLE, real: true };
  writeSyntheticListings(fallback, 20_000);
  return { path: fallback, real: false };
}
