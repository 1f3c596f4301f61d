/** The commands on a project that has run: what they print for people, and for programs. */
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { listRuns } from "../../lineage/query/runs.ts";
import { repositoryRoot, type Project } from "../rig/project.ts";
import { lastRecord, steplab, type Command } from "../rig/run.ts";
import { DOUBLE, MAKE, stepProject, type Step } from "../rig/steps.ts";

const MEASURE: Step = {
  imports: `import { z, a, parameters, inputs, outputs, assumption, check, finding, table } from "steplab";`,
  inputs: { n: ["a.json(z.int())", "double.n"] },
  parameters:
    "const params = parameters({ least: z.int().default(1), names: z.array(z.string()).default(Array(100).fill('name')) });",
  outputs: `const output = outputs({ size: a.metric({ goal: "max", unit: "things" }) });`,
  body: `const n = await input.n.read();\noutput.size.write(n);\nfinding("There are " + n + " things.");\nawait assumption("They cannot be shared.", { holds: () => n % 2 === 1 });`,
  checks: `const rows = table([{ id: 7, n }]);\nawait check.rows("enough", rows, (row) => row.n >= params.least);\ncheck("even", n % 2 === 0, { rule: "n is even" });`,
};
// oxlint-disable-next-line no-control-regex -- escape codes are control characters
const ESCAPES = /\u001b/;

let project: Project;
let first: Command;
beforeAll(async () => {
  project = await stepProject(
    { make: MAKE, double: DOUBLE, measure: MEASURE },
    { pipeline: "things" },
  );
  first = await steplab(project, ["run"]);
});
afterAll(() => project[Symbol.asyncDispose]());
const type = async (words: string, cwd = "."): Promise<Command> =>
  await steplab(project, words.split(" ").filter(Boolean), { cwd });
const json = async (words: string): Promise<unknown> => {
  const { stdout, code } = await type(words);
  expect(code).toBe(0);
  return JSON.parse(stdout);
};
/** Times and ids are of no interest. */
const plain = (text: string): string =>
  text
    .replaceAll(/\d{4}-\d\d-\d\dT\d{6}Z-[0-9a-f]+/g, "<run>")
    .replaceAll(/\b\d+(\.\d)? s\b/g, "0.0 s");

describe("steplab run", () => {
  test("tells the stages as they go on standard error, and the result on standard output", () => {
    expect(first.code).toBe(0);
    const lines = plain(first.stderr).trimEnd().split("\n");
    expect(lines.filter((line) => /^(running|succeeded) /.test(line))).toEqual(lines);
    expect(lines.length).toBe(6);
    expect(plain(first.stdout)).toBe(`
succeeded  things  0.0 s

  stage    status      time  checks
  make     succeeded  0.0 s  no checks
  double   succeeded  0.0 s  no checks
  measure  succeeded  0.0 s  2 checks passed

  measure.size  6  things  higher is better

Folder  runs/<run>
Look    npx steplab show last          inputs, outputs, checks and metrics of this run
Next    change a notebook or PIPELINE.md and run again: only what it changes runs
`);
  });

  test("has no escape codes where nobody looks, and none with NO_COLOR", () => {
    expect(first.stdout + first.stderr).not.toMatch(ESCAPES);
  });

  test("works from a subfolder, and names the folder from there", async () => {
    const { code, stdout } = await type("run", "notebooks");
    expect(code).toBe(0);
    expect(plain(stdout)).toContain("Folder  ../runs/<run>\n");
    expect(plain(stdout)).toMatch(/make +cached +unchanged since run <run>/);
  });

  test("--explain says why each stage runs or does not", async () => {
    const { stderr } = await type("run --explain -p measure.least=2");
    expect(plain(stderr)).toMatch(/^cached +make +unchanged since run <run>\n/m);
    expect(plain(stderr)).toMatch(/^running +measure +parameter least: 1 → 2\n/m);
  });

  test("--json prints the journal, line by line, and nothing else", async () => {
    const { code, stdout, stderr } = await type("run --json");
    expect([code, stderr]).toEqual([0, ""]);
    const events = stdout
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as { type: string });
    expect([events[0]?.type, events.at(-1)?.type]).toEqual(["run-started", "run-ended"]);
    expect(await project.read(`runs/${lastRecord(project).run}/events.jsonl`)).toBe(stdout);
  });

  test("a failed check ends with the check, the row, and where to look; exit code 1", async () => {
    const { code, stdout } = await type("run -p measure.least=100");
    expect(code).toBe(1);
    expect(plain(stdout)).toContain(`
checks-failed  measure
  "enough": 1 of 1 row, first: row 1, id 7, n 6
  in cell 7 (checks-1)
  Executed notebook: runs/<run>/3-measure/measure.ipynb

Folder  runs/<run>
Look    npx steplab show last measure
Next    mend it and type: npx steplab run      (stages that succeeded are cached)
`);
    expect(lastRecord(project).stages["measure"]?.status).toBe("checks-failed");
  });
});

describe("steplab show, runs, lint and verify", () => {
  test("--json is the record itself, a stage of it, the list of runs, diagnostics, and the report", async () => {
    const record = lastRecord(project);
    expect(await json("show last --json")).toEqual(record);
    expect(await json("show last measure --json")).toEqual(record.stages["measure"]);
    const runs = (await json("runs --json")) as { run: string; status: string; metrics: object }[];
    expect(runs.map(({ run }) => run)).toEqual(listRuns(project.root).toReversed());
    expect(runs.at(-1)).toMatchObject({
      status: "succeeded",
      stages: { make: "succeeded" },
      metrics: { "measure.size": 6 },
    });
    expect(await json("verify --json")).toMatchObject({ problems: [], runs: runs.length });
    expect(await json("lint --json")).toBeInstanceOf(Array);
  });

  test("show prints the stages in the order of the graph, and of a stage all that is known", async () => {
    const run = await type("show last~2");
    expect(run.stdout).toMatch(/make .*\n.*double .*\n.*measure /);
    const { stdout } = await type("show last measure");
    for (const part of [
      /^measure {2}checks-failed {2}run /,
      /\nParameters\n {2}least +100\n/,
      /\n {2}names +\["name",.{190,200} … \(701 B; --json shows all\)\n/,
      /\nInputs\n {2}n +double\.n +2 B +sha256:[0-9a-f]{8}\n/,
      /\nChecks\n {2}failed +"enough": 1 of 1 row, first: row 1, id 7, n 6\n {2}passed +"even" +n is even\n/,
      /\nMetrics\n {2}size +6 +things\n/,
      /\nNotes\n {2}finding +There are 6 things\.\n {2}assumption, does not hold +They cannot be shared\.\n/,
      /\n {2}checks-1 +checks +error +/,
      /\nNotebook {2}runs\/.*\/3-measure\/measure\.ipynb\n$/,
    ])
      expect(stdout).toMatch(part);
  });

  test("an unknown run or stage is named, with what there is", async () => {
    const run = await type("show yesterday");
    expect([run.code, run.stderr]).toEqual([
      2,
      expect.stringContaining('No run is called "yesterday".'),
    ]);
    const stage = await type("show last mesure");
    expect([stage.code, stage.stderr]).toEqual([
      2,
      expect.stringContaining('did you mean "measure"?'),
    ]);
  });

  test("a reader that has enough closes the pipe, and the command ends without a complaint", async () => {
    const command = `"${process.execPath}" "${join(repositoryRoot, "bin/steplab.js")}"`;
    await promisify(execFile)(
      "sh",
      [
        "-c",
        `(for i in 1 2 3; do ${command} show last --json; done 2>pipe-err; echo $? >pipe-code) | head -c 1`,
      ],
      { cwd: project.root },
    );
    expect([await project.read("pipe-code"), await project.read("pipe-err")]).toEqual(["0\n", ""]);
  });

  test("runs names a record that cannot be read, and lists the others", async () => {
    const path = `runs/${listRuns(project.root)[0]}/run.json`;
    const whole = await project.read(path);
    for (const [damaged, told] of [
      [whole.slice(0, 500), "is not valid JSON"],
      ["null", "is not an object."],
      [
        whole.replaceAll('"metrics"', '"metrisc"'),
        'is damaged: "stages.double.metrics" is missing',
      ],
      [whole.replace(/"endedAt"/g, '"ended"'), 'is damaged: "endedAt" is missing'],
    ] as const) {
      await project.write(path, damaged);
      const { code, stdout, stderr } = await type("runs --all");
      await project.write(path, whole);
      expect(code).toBe(0);
      expect(stdout.trimEnd().split("\n").length).toBe(listRuns(project.root).length - 1);
      expect(stderr).toContain(told);
    }
  });
});
