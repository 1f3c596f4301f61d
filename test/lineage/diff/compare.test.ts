/** Two runs compared: what their records tell, and the code and notebooks they lead to. */
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { compareRecords, compareRuns, type RunDiff } from "../../../lineage/query/diff/compare.ts";
import { archiveOf } from "../../../lineage/archive.ts";
import type { RunRecord, StageRecord } from "../../../lineage/record.ts";
import { ObjectStore } from "../../../lineage/store/objects.ts";
import { makeProject, type Project } from "../../rig/project.ts";
import { runId, runRecord, stageRecord, storedOutput } from "../../rig/records.ts";
import { runProject, stageParams, steplab } from "../../rig/run.ts";
import { editStep, stepProject, type Step } from "../../rig/steps.ts";

/** Parameter, module, table, check and metric: all that a diff can name. */
const KEEP: Step = {
  imports: `import { z, a, parameters, inputs, outputs, check, table } from "steplab";\nimport { double } from "./double.ts";`,
  parameters: "const params = parameters({ least: z.int().default(2) });",
  outputs: `const output = outputs({ kept: a.table(z.object({ n: z.int() })), sum: a.metric({ goal: "max" }) });`,
  body: [
    "const kept = [1, 2, 3, 4].filter((n) => n >= params.least).map(double);",
    "await output.kept.write(table(kept.map((n) => ({ n }))));\noutput.sum.write(kept.reduce((a, b) => a + b, 0));\nconsole.log(kept.length);",
  ],
  checks: `check("enough", kept.length > 2, { value: kept.length });`,
};

let project: Project;
let before: RunRecord;
let after: RunRecord;
beforeAll(async () => {
  project = await stepProject(
    { keep: KEEP },
    {},
    {
      "notebooks/double.ts": "/** Twice. */\nexport const double = (n: number): number => n * 2;\n",
    },
  );
  before = (await runProject(project)).record;
  await project.write(
    "notebooks/double.ts",
    "/** Twice. */\nexport const double = (n: number): number => n + n + 1;\n",
  );
  await editStep(project, "keep", {
    ...KEEP,
    body: [KEEP.body?.[0] ?? "", `${KEEP.body?.[1]}\n"written";`],
  });
  after = (await runProject(project, stageParams({ keep: { least: 1 } }))).record;
  await runProject(project, stageParams({ keep: { least: 4 } }));
});
afterAll(() => project[Symbol.asyncDispose]());

const stageOf = (diff: RunDiff) => diff.stages[0];

describe("two runs of one stage", () => {
  test("differ in parameters, code, modules, table, check and metric, and in nothing else", () => {
    const diff = compareRuns(project.root, before.run, after.run);
    expect([diff.equal, diff.status, diff.run, diff.environment, diff.packages]).toEqual([
      false,
      null,
      [],
      [],
      [],
    ]);
    const { facts, code } = stageOf(diff) ?? {};
    expect(facts?.params).toEqual([{ path: "least", before: 2, after: 1 }]);
    expect(facts?.metrics).toEqual([
      { name: "sum", before: 18, after: 24, goal: "max", unit: null, delta: 6, better: true },
    ]);
    expect(facts?.checks).toMatchObject([{ name: "enough", kind: "changed" }]);
    expect(facts?.outputs).toMatchObject([
      {
        name: "kept",
        before: { rows: 3 },
        after: { rows: 4 },
        columns: [{ column: "n" }],
        schema: [],
      },
    ]);
    expect(facts?.outputs[0]?.columns[0]?.changes).toContainEqual({
      path: "distinct",
      before: 3,
      after: 4,
    });
    expect(
      code?.cells?.map(({ kind, source }) => [
        kind,
        source[0]?.lines.map(({ line }) => line).at(-1),
      ]),
    ).toEqual([["changed", `"written";`]]);
    expect(code?.modules).toMatchObject([{ path: "notebooks/double.ts", change: "changed" }]);
    expect(code?.modules[0]?.lines?.[0]?.lines.map(({ kind, line }) => `${kind} ${line}`)).toEqual([
      "same /** Twice. */",
      "removed export const double = (n: number): number => n * 2;",
      "added export const double = (n: number): number => n + n + 1;",
    ]);
  });

  test("of which one failed: the check that newly fails, and no outputs that are gone", () => {
    const failed = stageOf(compareRuns(project.root, after.run, runOf("last")))?.facts;
    expect(failed).toMatchObject({
      status: { before: "succeeded", after: "checks-failed" },
      error: null,
      checks: [{ name: "enough", kind: "newly-failing" }],
      outputs: [],
    });
  });

  test("with their notebooks: what cells printed", () => {
    const { notebook } =
      stageOf(compareRuns(project.root, before.run, after.run, { stage: "keep" })) ?? {};
    expect(notebook).toBeNull();
    const asked = stageOf(
      compareRuns(project.root, before.run, after.run, { notebooks: true }),
    )?.notebook;
    const printed = asked?.cells
      .flatMap(({ outputs }) => outputs)
      .find(({ what }) => what === "stdout");
    expect(printed?.lines[0]?.lines.map(({ line }) => line)).toEqual(["3", "4"]);
  });

  test("the command says first what matters; a run with itself, or taken from the cache, differs in nothing", async () => {
    const told = await steplab(project, ["diff", before.run, after.run]);
    expect(told.stdout).toMatch(
      /\n {2}keep {2}sum 18 → 24 \(better, \+33\.3 %\); kept 3 → 4 rows; code: 1 cell, notebooks\/double\.ts; least 2 → 1\n\n── keep\nparameters\n/,
    );
    const same = await steplab(project, ["diff", after.run, after.run, "--exit-code"]);
    expect([same.code, same.stdout.split("\n").at(-2)]).toEqual([0, "Nothing differs."]);
    const differs = await steplab(project, ["diff", "keep", "--exit-code"]);
    expect(differs.code).toBe(1);
    expect(differs.stdout).toContain(`newly fails  "enough": 1`);
  });
});

const runOf = (word: "last"): RunRecord["run"] =>
  JSON.parse(readFileSync(project.path(`runs/.store/refs/${word}.json`), "utf8"))
    .run as RunRecord["run"];

describe("records written by hand", () => {
  const compare = async (
    earlier: Partial<StageRecord>,
    later: Partial<StageRecord>,
    change: Partial<RunRecord> = {},
  ) => {
    await using empty = await makeProject({});
    const [one, two] = [runId(1), runId(2)];
    return compareRecords(
      runRecord(one, { stages: { make: stageRecord(one, earlier) } }),
      runRecord(two, { stages: { make: stageRecord(two, later) }, ...change }),
      new ObjectStore(archiveOf(empty.root)),
    );
  };

  test("succeeded and cached are one; a stage that took longer is told and is no difference", async () => {
    const took = (ms: number) => ({
      attempts: [
        {
          status: "succeeded" as const,
          startedAt: "2026-11-21T00:00:00.000Z",
          endedAt: new Date(Date.parse("2026-11-21T00:00:00.000Z") + ms).toISOString(),
        },
      ],
    });
    expect(await compare({}, { status: "cached", executedIn: runId(1) })).toMatchObject({
      equal: true,
      stages: [],
    });
    const slower = await compare(took(1000), took(5000));
    expect(slower.equal).toBe(true);
    expect(slower.stages).toMatchObject([{ facts: { time: { beforeMs: 1000, afterMs: 5000 } } }]);
    expect((await compare(took(1000), took(1500))).stages).toEqual([]);
  });

  test("of a run that left stages out, packages named on one side only say nothing", async () => {
    const environment = { node: "26.0.0", platform: "linux-x64", lockfile: null, steplab: "0.1.0" };
    const diff = await compare(
      { metrics: { mae: { value: 1, goal: "min", unit: null, series: null } } },
      { status: "not-run", reason: "needs collect" },
      {
        environment: { ...environment, packages: { zod: "4.0.0" } },
      },
    );
    expect(diff.packages).toEqual([]);
    expect(diff.stages).toMatchObject([
      { facts: { reason: "needs collect", inputs: [], metrics: [] } },
    ]);
  });

  test("a column that is gone, new or of another type; an input from elsewhere with the same bytes", async () => {
    await using own = await makeProject({});
    const table = (schema: StageRecord["outputs"][string]["schema"], text: string) => ({
      outputs: {
        t: storedOutput(own, text, { kind: "table", schema, summary: { rows: 1, columns: {} } }),
      },
    });
    const { digest, bytes } = storedOutput(own, "x");
    const diff = await compare(
      {
        ...table({ a: { type: "int" }, b: { type: "int" } }, "1"),
        inputs: { x: { source: { path: "old.csv" }, digest, bytes } },
      },
      {
        ...table({ b: { type: "number" }, c: { type: "string" } }, "2"),
        inputs: { x: { source: { path: "new.csv" }, digest, bytes } },
      },
    );
    const facts = diff.stages[0]?.facts;
    expect(facts?.outputs[0]?.schema).toEqual([
      { path: "a", before: { type: "int" } },
      { path: "b", before: { type: "int" }, after: { type: "number" } },
      { path: "c", after: { type: "string" } },
    ]);
    expect(facts?.inputs).toMatchObject([{ name: "x", before: { source: { path: "old.csv" } } }]);
  });

  test("a stage that only one run has", async () => {
    const [one, two] = [runId(1), runId(2)];
    await using empty = await makeProject({});
    const diff = compareRecords(
      runRecord(one, { stages: { old: stageRecord(one) } }),
      runRecord(two, { stages: { new: stageRecord(two) } }),
      new ObjectStore(archiveOf(empty.root)),
    );
    expect(diff.stages.map(({ stage, presence }) => [stage, presence])).toEqual([
      ["new", "added"],
      ["old", "removed"],
    ]);
  });
});
