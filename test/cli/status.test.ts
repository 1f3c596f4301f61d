/** What a person sees who comes back after a weekend: in a project under git, whatever state it is in. */
import git from "isomorphic-git";
import fs from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { StatusOutput } from "../../cli/schemas/status.ts";
import { makeProject, type Project } from "../rig/project.ts";
import { eventOf, lastRecord, startSteplab, steplab, type Command } from "../rig/run.ts";
import { DOUBLE, editStep, MAKE, stepProject, type Step } from "../rig/steps.ts";

const MEASURE: Step = {
  imports: `import { z, a, parameters, inputs, outputs, assumption, check, finding } from "steplab";`,
  inputs: { n: ["a.json(z.int())", "double.n"] },
  parameters:
    "const params = parameters({ most: z.int().default(10), wait: z.boolean().default(false) });",
  outputs: `const output = outputs({ size: a.metric({ goal: "min", unit: "USD" }) });`,
  body: `const n = await input.n.read();\noutput.size.write(n);\nfinding("There are " + n + " things.");\nawait assumption("They cannot be shared.", { holds: () => n % 2 === 1 });\nif (params.wait) await new Promise((resolve) => setTimeout(resolve, 600_000));`,
  checks: `check("few", n <= params.most, { rule: "at most 10", value: n });`,
};
const TRIPLE: Step = { ...DOUBLE, body: "await output.n.write(3 * (await input.n.read()));" };

let project: Project;
beforeAll(async () => {
  project = await stepProject(
    { make: MAKE, double: DOUBLE, measure: MEASURE },
    { pipeline: "things" },
    { ".gitignore": "node_modules\nruns\n.tmp\n" },
  );
});
afterAll(() => project[Symbol.asyncDispose]());
const type = async (words: string): Promise<Command> =>
  await steplab(project, words.split(" ").filter(Boolean));
/** Times, ids and commits are of no interest. */
const plain = (text: string): string =>
  text
    .replaceAll(/\d{4}-\d\d-\d\dT\d{6}Z-[0-9a-f]+/g, "<run>")
    .replaceAll(/\b(main) [0-9a-f]{7}\b/g, "$1 <commit>")
    .replaceAll(/(just now|\d+ (second|minute)s? ago)/g, "<ago>")
    .replaceAll(/\b\d+(\.\d)? s\b|\d+ min \d+ s/g, "0.0 s");
async function commit(message: string): Promise<void> {
  const repository = { fs, dir: project.root };
  await git.add({ ...repository, filepath: ["."] });
  await git.commit({ ...repository, message, author: { name: "a", email: "a@example.org" } });
}

test("a project that never ran says so, and what to type", async () => {
  const { code, stdout } = await type("");
  expect([code, stdout]).toEqual([
    0,
    `things

Stages
  stale  make     never run
  waits  double   needs make
  waits  measure  needs double

Next    npx steplab run      (3 stages to run)
`,
  ]);
});

test("after a run all is fresh; its metrics and notes are told, and where the code stands", async () => {
  await git.init({ fs, dir: project.root, defaultBranch: "main" });
  await commit("one");
  await type("run");
  const { code, stdout } = await type("status");
  expect(code).toBe(0);
  expect(plain(stdout)).toBe(`things   main <commit>

Last run
  <run>  succeeded, <ago>, took 0.0 s
  measure.size  6  USD  lower is better

Stages
  fresh  make     unchanged since run <run>
  fresh  double   unchanged since run <run>
  fresh  measure  unchanged since run <run>

Notes
  finding (measure, <ago>): There are 6 things.
  assumption, does not hold (measure, <ago>): They cannot be shared.

Next    npx steplab show last      (all is fresh)
`);
});

test("what changed since is told by file and by stage, committed or not, until it is undone", async () => {
  await editStep(project, "double", TRIPLE);
  await project.write("notes.md", "Why three?\n");
  await commit("two");
  await project.write("templates/own.md", "not committed\n");
  const { stdout } = await type("");
  expect(plain(stdout)).toContain(`things   main <commit>, changes not committed\n`);
  expect(plain(stdout)).toContain(`
Changed since
  notebooks/double.ipynb
  notes.md                added
  templates/own.md        added

Stages
  fresh  make     unchanged since run <run>
  stale  double   the notebook's code changed
  waits  measure  needs double
`);
  expect(stdout).toMatch(/\nNext {4}npx steplab run {6}\(2 stages to run\)\n$/);
});

test("a result is compared with the one before it, also when the run ended in a failed check", async () => {
  const ran = await type("run -p measure.most=5");
  expect(ran.code).toBe(1);
  const { stdout } = await type("");
  expect(plain(stdout)).toContain(`
Last run
  <run>  failed, <ago>, took 0.0 s
  checks-failed  measure  "few": 9, rule: at most 10
  measure.size  6 → 9  USD  +50.0 %, worse
`);
  expect(stdout).not.toContain("Changed since"); // what was not committed then is the same file now
  const again = await type("run");
  expect(again.code).toBe(0);
  const { stdout: json } = await type("status --json");
  expect(JSON.parse(json)).toMatchObject({
    pipeline: "things",
    stages: [{ state: "fresh" }, { state: "fresh" }, { state: "fresh" }],
    changes: [],
    git: { branch: "main", dirty: true },
    last: { run: lastRecord(project).run, status: "succeeded", failed: [] },
    metrics: [{ metric: "size", value: 9 }],
    next: { command: "npx steplab show last" },
  });
});

test("a project that does not lint shows a line an error and the rest; exit code 2", async () => {
  await editStep(project, "double", { ...DOUBLE, body: "await output.n.wirte(1);" });
  const { code, stdout } = await type("");
  expect(code).toBe(2);
  expect(plain(stdout)).toMatch(/\nLast run\n {2}<run> {2}succeeded, <ago>/);
  expect(plain(stdout)).toContain(
    "\nChanged since\n  notebooks/double.ipynb\n\nDoes not lint\n  error types/error  notebooks/double.ipynb, cell 6, line 1:16: Property 'wirte' does not exist",
  );
  expect(stdout).toContain("\nNotes\n");
  expect(stdout).toMatch(/\nNext {4}npx steplab lint {6}\(shows every line that is wrong\)\n$/);
  const github = await type("lint --format github");
  expect([github.code, github.stdout]).toEqual([
    2,
    expect.stringMatching(/^::error file=notebooks\/double\.ipynb/m),
  ]);
  await editStep(project, "double", TRIPLE);
});

test("a run that goes on is told with the cell it is at, from another process; a dead one as interrupted", async () => {
  const words = ["run", "--json", "--only", "measure", "-p", "measure.wait=true"];
  const running = startSteplab(project, words);
  const isAt = ({ cell }: { cell: { id: string } }): boolean => cell.id === "body-1";
  const { kernelPid } = await eventOf(running, "stage-started");
  await eventOf(running, "cell-started", isAt);
  const during = await type("");
  running.process.kill("SIGKILL");
  await running.done;
  expect(kernelPid).toBeGreaterThan(0);
  expect(plain(during.stdout)).toContain(
    "\nRunning\n  <run>  2 of 3 stages done, 0.0 s\n    measure  cell 6 of 7  const n = await input.n.read();\n",
  );
  expect(during.stdout).toContain("\nNext    npx steplab status      (a run is going on");
  const after = JSON.parse((await type("status --json")).stdout) as StatusOutput;
  expect(after.recovered).toEqual([lastRecord(project).run]);
  expect(after.last).toMatchObject({
    status: "interrupted",
    failed: [{ stage: "measure", status: "interrupted" }],
  });
});

describe("outside a project", () => {
  test("it says how to make one", async () => {
    await using nowhere = await makeProject({});
    const { code, stderr } = await steplab(nowhere, []);
    expect([code, stderr]).toEqual([
      2,
      `error project/not-found\n  There is no PIPELINE.md in ${nowhere.root} or above.\n  Hint: Go to a project's folder, or make one here: npx steplab init\n`,
    ]);
  });
});
