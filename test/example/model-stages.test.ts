/** The stages behind the data: what build chooses, train keeps and judges, and deploy hands out. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { stratifiedSplit } from "../../notebooks/models/split.ts";
import type { Listing, Prediction } from "../../notebooks/schemas/listing.ts";
import { runStage, type StageTestResult } from "../../runner/testing.ts";
import { cleanedListings } from "../rig/example.ts";

/** Enough to learn from, few enough to wait for. */
const ROWS = 3_000;
const params = { trees: { trees: 40, rate: 0.2 }, network: { epochs: 2 } };

let listings: Listing[];
let build: StageTestResult;
let train: StageTestResult;

beforeAll(async () => {
  const rows = (await cleanedListings()).listings.objects().slice(0, ROWS);
  const split = stratifiedSplit(
    rows.map(({ id }) => id),
    rows.map((row) => row.neighbourhood_group),
  );
  listings = rows.map((row) => ({ ...row, split: split.get(row.id) ?? "train" }));
  build = await runStage("build", { inputs: { listings }, params });
  train = await runStage("train", {
    inputs: { listings, choice: await build.output("choice") },
    params: { maxMae: 60, minR2: 0.2 },
  });
});
afterAll(async () => {
  await train[Symbol.asyncDispose]();
  await build[Symbol.asyncDispose]();
});

test("build chooses the candidate with the smaller validation error, with all of its parameters", async () => {
  expect(build.error).toBeNull();
  const { treesMae = NaN, networkMae = NaN, validMae } = build.metrics;
  expect(validMae).toBe(Math.min(treesMae, networkMae));
  expect(await build.output("choice")).toMatchObject(
    treesMae <= networkMae
      ? { model: "trees", params: { trees: 40, rate: 0.2, leaves: 31 } }
      : { model: "network", params: { epochs: 2, batch: 256 } },
  );
});

test("build does not look at the test listings", async () => {
  const changed = listings.map((row) => (row.split === "test" ? { ...row, price: 11 } : row));
  await using again = await runStage("build", { inputs: { listings: changed }, params });
  expect(again.metrics).toEqual(build.metrics);
});

test("train judges on every test listing, and on no other", async () => {
  expect(train.error).toBeNull();
  const predictions = (await train.output("predictions")) as Prediction[]; // as the contract says
  const tests = listings.filter(({ split }) => split === "test");
  expect(predictions.map(({ id }) => id)).toEqual(tests.map(({ id }) => id));
  const errors = predictions.map(({ price, predicted }) => Math.abs(price - predicted));
  const mean = errors.reduce((sum, error) => sum + error, 0) / errors.length;
  expect(train.metrics.testMae).toBeCloseTo(mean, 9);
});

test("train stops at a model that is worse than the bar", async () => {
  await using strict = await runStage("train", {
    inputs: { listings, choice: await build.output("choice") },
    params: { maxMae: 1 },
  });
  expect(strict.status).toBe("checks-failed");
  expect(strict.checks.find(({ name }) => name === "test MAE, USD")).toMatchObject({
    status: "failed",
    rule: "0 to 1",
  });
});

test("deploy hands out a folder whose answers are the trained model's, to the bit", async () => {
  await using deploy = await runStage("deploy", {
    inputs: {
      model: { path: train.path("model") },
      listings,
      predictions: await train.output("predictions"),
    },
  });
  expect(deploy.error).toBeNull();
  expect(deploy.checks.map(({ name, status }) => [name, status])).toEqual([
    ["served predictions equal the model's", "passed"],
    ["size of the bundle, bytes", "passed"],
  ]);
});

test("deploy stops when the model served is not the one that was judged", async () => {
  const predictions = (await train.output("predictions")) as Prediction[];
  predictions[3] = { ...predictions[3]!, predicted: 1 };
  await using deploy = await runStage("deploy", {
    inputs: { model: { path: train.path("model") }, listings, predictions },
  });
  expect(deploy.status).toBe("checks-failed");
  expect(deploy.checks[0]).toMatchObject({ status: "failed", value: 1 });
});

test("collect takes a delivery as it comes, and stops at a second row of one listing", async () => {
  const header =
    "id,name,host_id,host_name,neighbourhood_group,neighbourhood,latitude,longitude,room_type,price," +
    "minimum_nights,number_of_reviews,last_review,reviews_per_month,calculated_host_listings_count,availability_365";
  const row = '7,"two\nlines, 🗽",1,host,Nowhere,Somewhere,40.7,-73.9,Private room,0,1,0,,,1,0';
  await using good = await runStage("collect", { inputs: { delivery: `${header}\n${row}\n` } });
  expect(good.error).toBeNull();
  expect(await good.output("listings")).toMatchObject([
    { id: 7, name: "two\nlines, 🗽", neighbourhood_group: "Nowhere", price: 0, last_review: null },
  ]);
  await using twice = await runStage("collect", {
    inputs: { delivery: `${header}\n${row}\n${row}\n` },
  });
  expect(twice.status).toBe("checks-failed");
  expect(twice.checks.at(-1)).toMatchObject({ name: "each listing is delivered once", value: 1 });
});

test("collect stops at a delivery of another form, with row and column named", async () => {
  await using bad = await runStage("collect", { inputs: { delivery: "id,name\n1,Loft\n" } });
  expect(bad.status).toBe("failed");
  expect(bad.error?.message).toMatch(/host_id/);
});
