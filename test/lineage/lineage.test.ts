/** What an artifact was made of, and what was made of it: on archives written by hand. */
import { rmSync } from "node:fs";
import { beforeEach, afterEach, describe, expect, test } from "vitest";
import { digestOf, type ArtifactDigest } from "../../core/digest.ts";
import { readExecutions } from "../../lineage/query/executions.ts";
import { findStart } from "../../lineage/query/lineage/find.ts";
import { lineageGraph, placeName, type Graph } from "../../lineage/query/lineage/graph.ts";
import type { OutputRecord, RunRecord, StageRecord } from "../../lineage/record.ts";
import { makeProject, type Project } from "../rig/project.ts";
import {
  fromPath,
  fromStage,
  keyOf,
  runId,
  runRecord,
  stageRecord,
  storedOutput,
  writeRun,
} from "../rig/records.ts";
import { errorOf, steplab } from "../rig/run.ts";

let project: Project;
beforeEach(async () => {
  project = await makeProject({ "PIPELINE.md": "", "data/x.csv": "x\n" });
});
afterEach(() => project[Symbol.asyncDispose]());

const delivery = digestOf("x\n") as ArtifactDigest;
let rows: OutputRecord;

/** collect reads data/x.csv, validate passes its rows on, train makes a model of them. */
function chain(
  n: number,
  options: { trees?: number; cached?: number; model?: string } = {},
): RunRecord {
  const run = runId(n);
  const { trees = 10, cached } = options;
  rows = storedOutput(project, "rows", { kind: "table", summary: { rows: 3, columns: {} } });
  const model = storedOutput(project, options.model ?? `model of ${trees}`);
  const executedIn = cached === undefined ? run : runId(cached);
  const status = cached === undefined ? ("succeeded" as const) : ("cached" as const);
  const stages: Record<string, StageRecord> = {
    collect: stageRecord(run, {
      index: 1,
      key: keyOf("collect"),
      inputs: { delivery: fromPath("data/x.csv", delivery) },
      outputs: { rows },
    }),
    validate: stageRecord(run, {
      index: 2,
      key: keyOf("validate"),
      inputs: { rows: fromStage("collect", "rows", rows) },
      outputs: { rows },
    }),
    train: stageRecord(run, {
      index: 3,
      key: keyOf(`train ${trees}`),
      params: { trees },
      inputs: { rows: fromStage("validate", "rows", rows) },
      outputs: { model },
      metrics: { mae: { value: 1, goal: "min", unit: null, series: null } },
      checks: [{ name: "small error", status: "passed", severity: "error" }],
    }),
  };
  for (const stage of Object.values(stages)) Object.assign(stage, { executedIn, status });
  return writeRun(project, runRecord(run, { stages }));
}

function graphOf(
  word: string,
  directions: { up: boolean; down: boolean },
  depth = Infinity,
): Graph {
  const known = readExecutions(project.root);
  return lineageGraph(known, findStart(project.root, word, known, project.root), {
    ...directions,
    depth,
  });
}
const UP = { up: true, down: false };
const DOWN = { up: false, down: true };

/** `collect -> collect.rows`, sorted as the data flows. */
function flows({ artifacts, steps, edges }: Graph): string[] {
  const names = new Map([
    ...artifacts.map(({ id, place }) => [id, placeName(place)] as const),
    ...steps.map(({ id, stage }) => [id, stage] as const),
  ]);
  return edges.map(({ from, to }) => `${names.get(from)} -> ${names.get(to)}`).sort();
}

const WHOLE = [
  "collect -> collect.rows",
  "collect.rows -> validate",
  "data/x.csv -> collect",
  "train -> train.model",
  "validate -> validate.rows",
  "validate.rows -> train",
];

describe("the lineage of an artifact", () => {
  test("leads up to the raw bytes, through a stage that only passed them on", () => {
    chain(1);
    expect(flows(graphOf("train.model", UP))).toEqual(WHOLE);
  });

  test("leads down from the raw bytes to everything made of them", () => {
    chain(1);
    chain(2, { trees: 20 });
    const graph = graphOf("data/x.csv", DOWN);
    expect(flows(graph)).toEqual(
      [...WHOLE, "train -> train.model", "validate.rows -> train"].sort(),
    );
    expect(
      graph.steps.filter(({ stage }) => stage === "train").map(({ execution }) => execution.params),
    ).toEqual([{ trees: 20 }, { trees: 10 }]);
  });

  test("is one node for the same work in whatever number of runs", () => {
    chain(1);
    for (let n = 2; n < 10; n++) chain(n, { cached: 1 });
    chain(10);
    const graph = graphOf("data/x.csv", DOWN);
    expect(flows(graph)).toEqual(WHOLE);
    expect(graph.steps[0]).toMatchObject({ stage: "collect", executions: 2, runs: 10 });
  });

  test("goes as far as --depth says, by the nearest way", () => {
    chain(1);
    expect(flows(graphOf("train.model", UP, 1))).toEqual([
      "train -> train.model",
      "validate.rows -> train",
    ]);
    expect(flows(graphOf("data/x.csv", DOWN, 2))).toEqual(
      WHOLE.filter((flow) => !flow.includes("train")),
    );
  });

  test("is known from a run that took the results, when the run that made them is gone", () => {
    chain(1);
    chain(2, { cached: 1 });
    readExecutions(project.root);
    rmSync(project.path(`runs/${runId(1)}`), { recursive: true });
    expect(flows(graphOf("train.model", UP))).toEqual(WHOLE);
    rmSync(project.path("runs/.store/cache"), { recursive: true });
    expect(flows(graphOf("train.model", UP))).toEqual(WHOLE);
  });

  test("crosses runs: an input taken from a run leads to that run's stages", () => {
    chain(1);
    chain(2, { trees: 20, model: "model of 10" }); // other code, the same bytes
    const [run, model] = [runId(3), storedOutput(project, "model of 10")];
    const source = { run: runId(1), stage: "train", output: "model" };
    const inputs = { model: { source, digest: model.digest, bytes: model.bytes } };
    writeRun(
      project,
      runRecord(run, { stages: { compare: stageRecord(run, { inputs, key: keyOf("compare") }) } }),
    );
    expect(flows(graphOf("compare", UP))).toEqual([...WHOLE, "train.model -> compare"].sort());
    const trained = graphOf("compare", UP).steps.filter(({ stage }) => stage === "train");
    expect(trained.map(({ execution }) => execution.params)).toEqual([{ trees: 10 }]);
  });
});

describe("an artifact is named", () => {
  const rootOf = (word: string): string => {
    const graph = graphOf(word, UP);
    return graph.root.replace(/@.*/, "").replace(/^.*Z-0000\//, "");
  };

  test("by output, run, digest, file, folder of a run, metric and check", () => {
    chain(1);
    const hex = rows.digest.slice("sha256:".length);
    expect(rootOf("train.model")).toBe("train.model");
    expect(rootOf(`run:${runId(1)}/validate.rows`)).toBe("validate.rows");
    expect(rootOf(hex.slice(0, 8))).toBe("collect.rows"); // made there, passed on by validate
    expect(rootOf(rows.digest)).toBe("collect.rows");
    expect(rootOf("data/x.csv")).toBe("data/x.csv");
    expect(rootOf(`runs/.store/objects/${hex.slice(0, 2)}/${hex.slice(2)}`)).toBe("collect.rows");
    expect(rootOf("train.mae")).toBe("train");
    expect(rootOf("train.small error")).toBe("train");
  });

  test("or is told what there is", async () => {
    chain(1);
    await project.write("data/x.csv", "changed\n");
    const told = async (word: string): Promise<object> =>
      (await errorOf(Promise.try(() => graphOf(word, UP)))).toJSON();
    expect(await told("train.modle")).toMatchObject({
      code: "archive/unknown-artifact",
      hint: 'did you mean "model"?',
    });
    expect(await told("trian.model")).toMatchObject({
      message: 'No run has results of "trian.model".',
      hint: 'did you mean "train"?',
    });
    expect(await told("abcdef0123")).toMatchObject({
      message: "No run has read or made bytes with the digest abcdef0123.",
    });
    expect(await told("data/x.csv")).toMatchObject({
      message: expect.stringMatching(
        /^No run has read or made data\/x\.csv as it is now/,
      ) as string,
    });
  });
});

test("`steplab lineage` draws a tree each way, and a Mermaid flowchart", async () => {
  chain(1);
  chain(2, { cached: 1 });
  const { code, stdout } = await steplab(project, ["lineage", "validate.rows"]);
  const short = (digest: string): string => digest.slice("sha256:".length, "sha256:".length + 8);
  const [made, model, notebook] = [rows.digest, digestOf("model of 10"), digestOf("source")].map(
    short,
  );
  expect([code, stdout]).toEqual([
    0,
    `validate.rows  table  3 rows  4 B  ${made}

made of
└─ validate  ${runId(1)}, code ${notebook}, in 2 runs
   └─ collect.rows  table  3 rows  4 B  ${made}
      └─ collect  ${runId(1)}, code ${notebook}, in 2 runs
         └─ data/x.csv as delivery  1 B  ${short(delivery)}

went into
└─ train  ${runId(1)}, code ${notebook}, in 2 runs
     trees 10
   └─ train.model  json  11 B  ${model}
`,
  ]);
  const mermaid = await steplab(project, [
    "lineage",
    "last",
    "train.model",
    "--up",
    "--depth",
    "1",
    "--mermaid",
  ]);
  expect(mermaid.stdout).toBe(`flowchart LR
  n1(["train.model<br>${model}"])
  n2(["validate.rows<br>${made}"])
  n3["train<br>${runId(1)}"]
  n3 --> n1
  n2 --> n3
  style n1 stroke-width:4px
`);
});
