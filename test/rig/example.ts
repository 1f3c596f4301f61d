/** The example's cleaned listings for tests and benchmarks: from the real sample where it is, else from the generated one. */
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { stratifiedSplit } from "../../notebooks/models/split.ts";
import { generateListings } from "../../notebooks/sample/generate.ts";
import { Borough, RawListing, featureNames, type Split } from "../../notebooks/schemas/listing.ts";
import { CsvTable } from "../../stage/artifact/csv.ts";
import type { Table } from "../../stage/index.ts";

const SAMPLE = fileURLToPath(
  new URL("../../../shared/data/nyc-listings-sample1.csv", import.meta.url),
);

export interface Cleaned {
  /** As `process` keeps them: 10 to 350 USD, the borough one of five. */
  listings: Table<CleanListing>;
  /** False for the generated sample. */
  real: boolean;
}
export type CleanListing = Omit<RawListing, "neighbourhood_group"> & {
  neighbourhood_group: Borough;
};

export async function cleanedListings(): Promise<Cleaned> {
  const real = existsSync(SAMPLE);
  const folder = mkdtempSync(join(tmpdir(), "steplab-listings-"));
  try {
    const path = real ? SAMPLE : join(folder, "listings.csv");
    if (!real) writeFileSync(path, generateListings());
    const raw = await new CsvTable<RawListing>("The sample", RawListing, () =>
      Promise.resolve(path),
    ).read();
    const listings = raw
      .filter((d) => d.price >= 10 && d.price <= 350)
      .derive({ neighbourhood_group: (d) => Borough.parse(d.neighbourhood_group) });
    return { listings, real };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The chosen parts with the model's features and the price, by the chain's split (or another, by its salt). */
export function partOf(listings: Table<CleanListing>, parts: readonly Split[], salt?: string) {
  const split = stratifiedSplit(
    listings.array("id"),
    listings.array("neighbourhood_group"),
    ...(salt === undefined ? [] : [salt]),
  );
  return listings
    .filter((d) => parts.includes(split.get(d.id) ?? "train"))
    .select(...featureNames, "price");
}
