/** The two candidates as transformers: what is learned, drawn, stored and answered. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { modelOf, type Candidate } from "../../notebooks/models/candidates.ts";
import { FeatureParams } from "../../notebooks/models/features.ts";
import { gbdt } from "../../notebooks/models/gbdt.ts";
import { network } from "../../notebooks/models/network.ts";
import { mae, medianOf } from "../../notebooks/models/scores.ts";
import { Features, Price, featureNames } from "../../notebooks/schemas/listing.ts";
import { table, type Table } from "../../stage/index.ts";
import { columnsOf } from "../../stage/contract/shape-of.ts";
import { loadModel, writeModel, type ModelPort } from "../../stage/transform/model-file.ts";
import { repositoryRoot } from "../rig/project.ts";
import { cleanDelivery } from "./listings.ts";

const folder = mkdtempSync(join(tmpdir(), "steplab-models-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const listings = table(cleanDelivery(400));
const part = (isTest: boolean) =>
  listings.filter((d) => (d.split === "test") === isTest).select(...featureNames, "price");
const known = part(false);
const held = part(true);

const CANDIDATES: [string, Candidate][] = [
  [
    "trees",
    {
      model: "trees",
      features: FeatureParams.parse({ words: 20 }),
      params: gbdt.params.parse({ trees: 40, rate: 0.2, leaves: 8 }),
    },
  ],
  [
    "network",
    {
      model: "network",
      features: FeatureParams.parse({ words: 20 }),
      params: network.params.parse({ hidden: [12], epochs: 40, batch: 32, rate: 0.02 }),
    },
  ],
];

describe.each(CANDIDATES)("%s", (_name, candidate) => {
  const fit = () => modelOf(candidate).fit(known, { target: "price" });
  const ask = async (model: Awaited<ReturnType<typeof fit>>, rows: Table<Features>) => [
    ...(await model.apply(rows)).array("predicted"),
  ];

  test("learns what makes these listings dear: far better than one price for all", async () => {
    const prices = held.array("price");
    const typical = medianOf(known.array("price"));
    const one = mae(
      prices,
      prices.map(() => typical),
    );
    expect(mae(prices, await ask(await fit(), held))).toBeLessThan(one / 3);
  });

  test("loses less and less on the way", async () => {
    const losses: number[] = [];
    await modelOf(candidate).fit(known, {
      target: "price",
      onStep: (step, loss) => {
        losses.push(loss);
        expect(step).toBe(losses.length);
      },
    });
    expect(losses.length).toBe(40);
    expect(losses.at(-1)).toBeLessThan(losses[0]! / 2); // there are forty
  });

  test("of the same rows and seed is the same, to the bit", async () => {
    expect(await ask(await fit(), held)).toEqual(await ask(await fit(), held));
  });

  test("answers the same from disk, also when it is asked about one listing", async () => {
    const fitted = await fit();
    const port: ModelPort = {
      kind: "model",
      input: columnsOf(Features),
      output: columnsOf(Price),
    };
    const path = join(folder, candidate.model);
    const about = { example: held.drop("price").objects().slice(0, 3), use: "Tests." };
    await writeModel(fitted, about, port, path, { projectRoot: repositoryRoot });
    const loaded = await loadModel<Features, Price>(path, port, { projectRoot: repositoryRoot });
    const said = await ask(fitted, held);
    expect([...(await loaded.apply(held.drop("price"))).array("predicted")]).toEqual(said);
    const [listing] = held.drop("price").objects();
    expect((await loaded.apply([listing!])).get("predicted")).toBeCloseTo(said[0]!, 4);
  });

  test("answers a listing that lacks whatever may be missing, and words and places it never met", async () => {
    const [listing] = held.drop("price").objects();
    const strange: Features = {
      ...listing!, // held has rows
      name: null,
      neighbourhood: "Atlantis",
      last_review: null,
      reviews_per_month: null,
    };
    const [price] = await ask(await fit(), table([strange, { ...strange, name: "曼哈顿" }]));
    expect(price).toBeGreaterThan(10);
    expect(price).toBeLessThan(1_000);
  });
});
