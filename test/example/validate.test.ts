/** What stops a bad delivery before anything is learned from it. */
import { expect, test } from "vitest";
import type { CheckRecord } from "../../lineage/record.ts";
import { Borough, type RawListing } from "../../notebooks/schemas/listing.ts";
import { runStage } from "../../runner/testing.ts";
import { delivery } from "./listings.ts";

const minRows = 100;

test("a delivery like last week's passes, and is handed on as it came", async () => {
  const listings = delivery(200);
  await using result = await runStage("validate", { inputs: { listings }, params: { minRows } });
  expect(result.error).toBeNull();
  expect(result.status).toBe("succeeded");
  expect(result.checks.map(({ name, status }) => [name, status])).toEqual([
    ["rows of a delivery", "passed"],
    ["boroughs of New York", "passed"],
    ["every borough occurs", "passed"],
    ["the usual mix of boroughs", "passed"],
  ]);
  const { inputs, outputs } = result.record;
  expect(outputs["listings"]?.digest).toBe(inputs["listings"]?.digest);
});

/** The checks that did not pass; the cells after the first that fails do not run. */
async function failures(listings: RawListing[]): Promise<CheckRecord[]> {
  await using result = await runStage("validate", { inputs: { listings }, params: { minRows } });
  expect(result.status).toBe("checks-failed");
  return result.checks.filter(({ status }) => status === "failed");
}

test("far too few rows stop it", async () => {
  expect(await failures(delivery(99))).toEqual([
    {
      name: "rows of a delivery",
      status: "failed",
      severity: "error",
      rule: "100 to 1,000,000",
      value: 99,
    },
  ]);
});

test("a borough that does not exist stops it, its rows are named, and nobody's name is told", async () => {
  const listings = delivery(200, { 7: { neighbourhood_group: "Hoboken", name: "Secret" } });
  const [failed, ...others] = await failures(listings);
  expect(others).toEqual([]);
  expect(failed).toMatchObject({
    name: "boroughs of New York",
    rule: "neighbourhood_group is one of Bronx, Brooklyn, Manhattan, Queens, Staten Island",
    rows: {
      failed: 1,
      total: 200,
      first: [{ row: 8, values: { id: 1_007, neighbourhood_group: "Hoboken" } }],
    },
  });
  expect(JSON.stringify(failed)).not.toContain("Secret");
});

test("a borough that sends nothing stops it", async () => {
  const listings = delivery(200).filter((d) => d.neighbourhood_group !== "Staten Island");
  expect(await failures(listings)).toMatchObject([
    { name: "every borough occurs", value: ["Staten Island"] },
  ]);
});

test("a mix of boroughs that is not the city's stops it", async () => {
  // 20 listings of each borough: KL by hand from the city's 48,895.
  const city = [1_091, 20_104, 21_661, 5_666, 373];
  const bits = city.reduce((sum, count) => sum + 0.2 * Math.log2(0.2 / (count / 48_895)), 0);
  const boroughs = Borough.options;
  const listings = delivery(100).map((listing, row) => ({
    ...listing,
    neighbourhood_group: boroughs[row % 5]!, // of five
  }));
  const [failed] = await failures(listings);
  expect(failed).toMatchObject({
    name: "the usual mix of boroughs",
    rule: "KL(delivery, reference) < 0.2 bits",
  });
  expect(failed?.value).toBeCloseTo(bits, 10);
});
