/** What is kept of a delivery, and what stops it where cleaning cannot help. */
import { expect, test } from "vitest";
import type { Listing } from "../../notebooks/schemas/listing.ts";
import { runStage } from "../../runner/testing.ts";
import { delivery } from "./listings.ts";

const params = { minRows: 50, minPrice: 20, maxPrice: 300 };

test("listings outside the price range are dropped, its ends are kept", async () => {
  const listings = delivery(100, {
    3: { price: 0 },
    4: { price: 19.99 },
    5: { price: 20 },
    6: { price: 300 },
    7: { price: 10_000 },
  });
  await using result = await runStage("process", { inputs: { listings }, params });
  expect(result.error).toBeNull();
  expect(result.status).toBe("succeeded");
  const kept = (await result.output("listings")) as Listing[]; // as the stage's contract says
  const dropped = new Set([3, 4, 7].map((row) => 1_000 + row));
  expect(kept.map(({ id }) => id)).toEqual(
    listings.map(({ id }) => id).filter((id) => !dropped.has(id)),
  );
  expect(kept[5 - 2]?.price).toBe(20);
  // The one listing of Staten Island trains: a fifth of one is none.
  expect(kept.find((d) => d.neighbourhood_group === "Staten Island")?.split).toBe("train");
  const ofManhattan = kept.filter((d) => d.neighbourhood_group === "Manhattan");
  const parts = Object.groupBy(ofManhattan, ({ split }) => split);
  expect([parts.test?.length, parts.valid?.length, parts.train?.length]).toEqual([8, 7, 26]);
});

test("a listing outside the city stops the chain, with its row and the rule named", async () => {
  const listings = delivery(100, { 41: { latitude: 39.8, name: "Not here" } });
  await using result = await runStage("process", { inputs: { listings }, params });
  expect(result.status).toBe("checks-failed");
  expect(result.checks.filter(({ status }) => status === "failed")).toMatchObject([
    {
      name: "inside the city",
      rule: "latitude in [40.5, 41.2], longitude in [-74.25, -73.5]",
      // No name, no host: `show` says what may be told of a row.
      rows: {
        failed: 1,
        total: 100,
        first: [{ row: 42, values: { id: 1_041, latitude: 39.8 } }],
      },
    },
  ]);
  expect(JSON.stringify(result.checks)).not.toContain("Not here");
});

test("a delivery of which little is left stops too", async () => {
  const listings = delivery(
    60,
    Object.fromEntries([...Array(20).keys()].map((row) => [row, { price: 999 }])),
  );
  await using result = await runStage("process", { inputs: { listings }, params });
  expect(result.status).toBe("checks-failed");
  expect(result.checks.at(-1)).toMatchObject({
    name: "listings kept",
    status: "failed",
    value: 40,
  });
});
