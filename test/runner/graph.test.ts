/** Which stages run, in which order, side by side or not. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { makeProject, type Project } from "../rig/project.ts";
import { errorOf, outputJson, runProject, type Ran } from "../rig/run.ts";
import { DOUBLE, MAKE, stepFiles, stepProject, type Step, type Steps } from "../rig/steps.ts";

/** Ends only when the other one has begun: two of these end only side by side. */
const meets = (own: string, other: string): Step => ({
  imports: `import { parameters, inputs, outputs } from "steplab";\nimport { existsSync, writeFileSync } from "node:fs";\nimport { setTimeout } from "node:timers/promises";`,
  body: `writeFileSync("${own}", "");\nwhile (!existsSync("${other}")) await setTimeout(5);`,
  yaml: { timeout: "20s" },
});

const begins = (ran: Ran, stage: string): number =>
  ran.events.findIndex((event) => event.type === "stage-started" && event.stage === stage);
const ends = (ran: Ran, stage: string): number =>
  ran.events.findIndex((event) => event.type === "stage-ended" && event.stage === stage);

test("independent stages run side by side, in kernels and scratch folders of their own", async () => {
  await using project = await stepProject({ left: meets("l", "r"), right: meets("r", "l") });
  const ran = await runProject(project, { jobs: 2 });
  expect(ran.statuses).toEqual({ left: "succeeded", right: "succeeded" });
  const pids = ran.events.flatMap((event) =>
    event.type === "stage-started" ? [event.kernelPid] : [],
  );
  expect(new Set(pids).size).toBe(2);
});

test("with --jobs 1 stages run one after the other, in the document's order where the graph leaves a choice", async () => {
  await using project = await stepProject({ b: { body: "1" }, a: { body: "2" }, c: { body: "3" } });
  const ran = await runProject(project, { jobs: 1 });
  const order = ["b", "a", "c"].flatMap((name) => [begins(ran, name), ends(ran, name)]);
  expect(order).toEqual(order.toSorted((x, y) => x - y));
  expect(Object.keys(ran.record.stages)).toEqual(["b", "a", "c"]);
});

test("a stage that asks for more processors waits until they are free", async () => {
  await using project = await stepProject({
    big: { body: "1", yaml: { resources: { cpus: 2 } } },
    other: { body: "2" },
  });
  const ran = await runProject(project, { jobs: 2 });
  expect(ends(ran, "big")).toBeLessThan(begins(ran, "other"));
});

describe("a chain of four, one of them after another without data", () => {
  const STEPS: Steps = {
    report: { body: "1", yaml: { after: ["again", "double"] } },
    make: MAKE,
    double: DOUBLE,
    again: {
      inputs: { n: ["a.json(z.int())", "double.n"] },
      outputs: "const output = outputs({ n: a.json(z.int()) });",
      body: "await output.n.write(2 * (await input.n.read()));",
    },
  };
  let project: Project;
  let ran: Ran;
  beforeAll(async () => {
    project = await stepProject(STEPS);
    ran = await runProject(project, { select: { to: ["double"] }, jobs: 2 });
  });
  afterAll(() => project[Symbol.asyncDispose]());

  test("--to runs what leads to a stage and leaves the rest, which is no failure", () => {
    expect(ran.statuses).toEqual({
      make: "succeeded",
      double: "succeeded",
      again: "not-run",
      report: "not-run",
    });
    expect(ran.record.status).toBe("succeeded");
    expect(ran.record.stages["again"]?.index).toBeGreaterThan(
      ran.record.stages["double"]?.index ?? 9,
    );
  });

  test("--from runs what depends on a stage, on the cached results before it; `after` waits", async () => {
    const from = await runProject(project, { select: { from: ["double"] }, force: true, jobs: 2 });
    expect(from.statuses).toEqual({
      make: "cached",
      double: "succeeded",
      again: "succeeded",
      report: "succeeded",
    });
    expect(begins(from, "report")).toBeGreaterThan(ends(from, "double"));
    expect(outputJson(project, from.record, "again", "n")).toBe(12);
  });

  test("--only runs one stage; when a result before it is missing, it says which and how to get it", async () => {
    await project.remove("runs");
    const only = await runProject(project, { select: { only: ["double"] } });
    expect(only.statuses).toEqual({
      make: "not-run",
      double: "not-run",
      again: "not-run",
      report: "not-run",
    });
    expect(only.record.status).toBe("failed");
    expect(only.record.stages["make"]?.error).toMatchObject({
      name: "run/upstream-missing",
      message:
        'Stage "make" is not selected and has no cached result (never run).\nRun it too: leave --from and --only out, or begin with --from make.',
    });
    expect(only.reasons["double"]).toBe("needs make");
  });

  test("a stage that fails is named by all that needed it, the stages between are not", async () => {
    const all = await runProject(project, { inputs: { "double.n": "/nowhere" } });
    expect(all.statuses).toEqual({
      make: "succeeded",
      double: "failed",
      again: "not-run",
      report: "not-run",
    });
    expect([all.reasons["again"], all.reasons["report"]]).toEqual(["needs double", "needs double"]);
    expect(all.record.stages["report"]?.reason).toBe("needs double");
  });

  test("an unknown stage is named with the one that was probably meant, and nothing is run", async () => {
    const error = await errorOf(runProject(project, { select: { from: ["duoble"] } }));
    expect([error.code, error.message, error.hint]).toEqual([
      "run/unknown-stage",
      'There is no stage "duoble".',
      'did you mean "double"?',
    ]);
    const none = await errorOf(runProject(project, { select: { from: ["again"], to: ["make"] } }));
    expect(none.code).toBe("run/nothing-selected");
  });

  test("-i reads another file instead of what the document says, and an unknown input is an error", async () => {
    await project.write("other.json", "50");
    const given = await runProject(project, {
      inputs: { "double.n": project.path("other.json") },
      select: { to: ["again"] },
    });
    expect(outputJson(project, given.record, "again", "n")).toBe(200);
    expect(given.record.stages["double"]?.inputs["n"]?.source).toEqual({ path: "other.json" });
    const error = await errorOf(runProject(project, { inputs: { "double.m": "x" } }));
    expect([error.code, error.message, error.hint]).toEqual([
      "run/unknown-input",
      'There is no input "double.m".',
      "Inputs of double: n.",
    ]);
  });
});

test("a stage may read what an earlier run made: run:<id>/stage.output", async () => {
  await using project = await stepProject({ make: MAKE });
  const { record } = await runProject(project);
  await project.write(
    "reuse.md",
    `---\npipeline: reuse\n---\n\n## Double\n\n\`\`\`yaml stage\nname: double\nnotebook: notebooks/double.ipynb\ninputs: { n: run:${record.run}/make.n }\n\`\`\`\n`,
  );
  const files = stepFiles({ double: DOUBLE });
  const { "notebooks/double.ipynb": notebook } = files;
  if (notebook === undefined) throw new Error("made above");
  await project.write("notebooks/double.ipynb", notebook);
  const reused = await runProject(project, { document: "reuse.md" });
  expect(reused.record.document).toBe("reuse.md");
  expect(reused.record.stages["double"]?.inputs["n"]?.source).toEqual({
    run: record.run,
    stage: "make",
    output: "n",
  });
  expect(outputJson(project, reused.record, "double", "n")).toBe(6);
});

test("two runs of one project at the same time both succeed, and leave one sound archive", async () => {
  await using project = await makeProject(stepFiles({ make: MAKE, double: DOUBLE }));
  const [one, two] = await Promise.all([
    runProject(project, { force: true }),
    runProject(project, { force: true }),
  ]);
  expect(one.record.run).not.toBe(two.record.run);
  expect([one.record.status, two.record.status]).toEqual(["succeeded", "succeeded"]);
  const { verifyArchive } = await import("../../lineage/verify.ts");
  expect(verifyArchive(project.root)).toMatchObject({ runs: 2, problems: [] });
});
