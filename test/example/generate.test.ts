/** The generated sample: the same for everyone, and as awkward as the real one. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { klDivergence, REFERENCE_LISTINGS } from "../../notebooks/models/shares.ts";
import { COLUMNS, generateListings } from "../../notebooks/sample/generate.ts";
import { Borough, RawListing } from "../../notebooks/schemas/listing.ts";
import { CsvTable } from "../../stage/artifact/csv.ts";
import { op, type Table } from "../../stage/index.ts";

test("the same seed gives the same bytes, another seed other ones", () => {
  const text = generateListings({ rows: 300 });
  expect(generateListings({ rows: 300 })).toBe(text);
  expect(generateListings({ rows: 300, seed: 43 })).not.toBe(text);
  // Row after row from one stream: a longer sample begins like a shorter one.
  expect(generateListings({ rows: 301 }).startsWith(text)).toBe(true);
});

test("it has the delivery's sixteen columns, exactly and in this order", () => {
  // reference: the published file's own header
  const header =
    "id,name,host_id,host_name,neighbourhood_group,neighbourhood,latitude,longitude,room_type,price," +
    "minimum_nights,number_of_reviews,last_review,reviews_per_month,calculated_host_listings_count,availability_365";
  expect(generateListings({ rows: 1 }).split("\n", 1)).toEqual([header]);
  expect(Object.keys(RawListing.shape)).toEqual(COLUMNS);
});

describe("20,000 rows, read by the chain's own strict reader,", () => {
  const folder = mkdtempSync(join(tmpdir(), "steplab-generate-"));
  let listings: Table<RawListing>;
  beforeAll(async () => {
    const path = join(folder, "listings.csv");
    writeFileSync(path, generateListings());
    const csv = new CsvTable<RawListing>("The sample", RawListing, () => Promise.resolve(path));
    listings = await csv.read();
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const share = (column: keyof RawListing, value: unknown): number =>
    listings.array(column).filter((each) => each === value).length / listings.numRows();

  test("are 20,000, each with an id of its own", () => {
    expect(listings.numRows()).toBe(20_000);
    expect(new Set(listings.array("id")).size).toBe(20_000);
  });

  test("mix boroughs and room types about as the city does", () => {
    const boroughs = listings.groupby("neighbourhood_group").rollup({ rows: op.count() });
    const counts = Object.fromEntries(
      boroughs.objects().map((row) => [row.neighbourhood_group, row.rows]),
    );
    expect(Object.keys(counts).sort()).toEqual(Borough.options);
    expect(klDivergence(counts, REFERENCE_LISTINGS)).toBeLessThan(0.01);
    expect(share("room_type", "Entire home/apt")).toBeCloseTo(0.52, 1);
    expect(share("room_type", "Shared room")).toBeCloseTo(0.024, 2);
  });

  test("lie inside the city", () => {
    for (const { latitude, longitude } of listings) {
      expect(latitude > 40.5 && latitude < 41.2).toBe(true);
      expect(longitude > -74.25 && longitude < -73.5).toBe(true);
    }
  });

  test("ask prices of which the chain keeps at least nine in ten", () => {
    const prices = listings.array("price");
    expect(Math.min(...prices)).toBe(0);
    expect(prices.filter((price) => price >= 10 && price <= 350).length).toBeGreaterThan(18_000);
  });

  test("lack what real ones lack: reviews of a fifth, and a few names", () => {
    expect(share("last_review", null)).toBeCloseTo(4_123 / 20_000, 2);
    expect(listings.array("last_review").map((day) => day === null)).toEqual(
      listings.array("reviews_per_month").map((rate) => rate === null),
    );
    expect(share("name", null) * 20_000).toBeGreaterThan(0);
    expect(share("host_name", null) * 20_000).toBeLessThan(30);
  });

  test.each([
    ["quotes", /"/],
    ["commas", /,/],
    ["line breaks", /\n/],
    ["emoji", /\p{Extended_Pictographic}/u],
    ["Chinese characters", /\p{Script=Han}/u],
    ["blanks at the end", / $/],
  ])("have names with %s", (_what, awkward) => {
    const found = listings.array("name").filter((name) => name !== null && awkward.test(name));
    expect(found.length).toBeGreaterThan(100);
  });
});
