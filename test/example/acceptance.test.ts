/**
 * What the example's model is worth, on the chain's one split: the acceptance figures on the real sample where it
 * is, the bar of the chain's own checks on the generated one. The mean over ten splits is in `npm run bench -- example`.
 */
import { beforeAll, expect, test } from "vitest";
import { modelOf } from "../../notebooks/models/candidates.ts";
import { FeatureParams } from "../../notebooks/models/features.ts";
import { gbdt } from "../../notebooks/models/gbdt.ts";
import { hashOf } from "../../notebooks/models/split.ts";
import { mae, medianOf, r2 } from "../../notebooks/models/scores.ts";
import { featureNames, Features } from "../../notebooks/schemas/listing.ts";
import type { Table } from "../../stage/index.ts";
import { cleanedListings, partOf, type CleanListing, type Cleaned } from "../rig/example.ts";

/** What build chooses with its defaults, and train fits. */
const BEST = {
  model: "trees",
  features: FeatureParams.parse({}),
  params: gbdt.params.parse({}),
} as const;

let cleaned: Cleaned;
beforeAll(async () => {
  cleaned = await cleanedListings();
});

type Part = ReturnType<typeof partOf>;
async function figures(known: Part, test: Part): Promise<{ mae: number; r2: number }> {
  const fitted = await modelOf(BEST).fit(known, { target: "price" });
  const said = (await fitted.apply(test.select(...featureNames))).array("predicted");
  const asked = test.array("price");
  return { mae: mae(asked, said), r2: r2(asked, said) };
}

test("test listings are predicted within the acceptance figures, far better than by one price for all", async () => {
  const { listings, real } = cleaned;
  const [known, held] = [partOf(listings, ["train", "valid"]), partOf(listings, ["test"])];
  expect(known.numRows() + held.numRows()).toBe(listings.numRows());
  const scores = await figures(known, held);
  expect(scores.mae).toBeLessThanOrEqual(real ? 32.5 : 34);
  expect(scores.r2).toBeGreaterThanOrEqual(real ? 0.565 : 0.5);
  const typical = medianOf(known.array("price"));
  const one = held.array("price").map(() => typical);
  expect(scores.mae).toBeLessThan(0.65 * mae(held.array("price"), one));
});

test("the figures are not owed to hosts met in training: they hold for hosts never met", async () => {
  const { listings, real } = cleaned;
  const isHeld = (d: { host_id: number }): boolean => hashOf(`host/${d.host_id}`) % 5 === 0;
  const part = (rows: Table<CleanListing>): Part => rows.select(...featureNames, "price");
  const scores = await figures(
    part(listings.filter((d) => !isHeld(d))),
    part(listings.filter(isHeld)),
  );
  expect(scores.mae).toBeLessThanOrEqual(real ? 32.5 : 34);
  expect(scores.r2).toBeGreaterThanOrEqual(real ? 0.565 : 0.5);
});

test("nothing is learned where there is nothing to learn: with prices of other listings the model knows no more than the mean", async () => {
  const known = partOf(cleaned.listings, ["train", "valid"]);
  const prices = known.array("price");
  const half = prices.length >> 1;
  const exchanged = known.derive({
    price: (_, row) => prices[(row * 7919 + half) % prices.length]!,
  });
  const scores = await figures(exchanged, partOf(cleaned.listings, ["test"]));
  expect(Math.abs(scores.r2)).toBeLessThan(0.15);
});

test("the model is asked with nothing that names a listing, a host, its price or its part of the split", () => {
  expect(featureNames).toEqual(Object.keys(Features.shape));
  for (const secret of ["id", "host_id", "host_name", "price", "split"])
    expect(featureNames).not.toContain(secret);
});
