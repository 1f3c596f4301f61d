/** A stage that did not succeed, as the commands tell of it. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { makeProject, type Project } from "../rig/project.ts";
import { lastRecord, steplab } from "../rig/run.ts";
import { MAKE, stepProject, type Step } from "../rig/steps.ts";

const NEEDS_MAKE = { inputs: { n: ["a.json(z.int())", "make.n"] } } as const;
const THROWS: Step = {
  ...NEEDS_MAKE,
  body: `const n = await input.n.read();\nconst thing: Record<string, string> = {};\nthing["name"]!.trim();`,
};
const REFUSES: Step = {
  ...NEEDS_MAKE,
  imports: `import { z, a, parameters, inputs, outputs, check, table } from "steplab";`,
  body: "const n = await input.n.read();\nconst rows = table([1, 2, 3, 4].map((id) => ({ id })));",
  checks: `await check.rows("even", rows, (d) => d.id % 2 === 0);`,
};
const CAUSED: Step = {
  ...NEEDS_MAKE,
  body: `const n = await input.n.read();\ntry {\n  throw new RangeError("too far");\n} catch (cause) {\n  throw new Error("too far", { cause });\n}`,
};

let project: Project;
beforeAll(async () => {
  project = await stepProject({ make: MAKE, throws: THROWS, refuses: REFUSES, caused: CAUSED });
});
afterAll(() => project[Symbol.asyncDispose]());

const times = (text: string, part: string): number => text.split(part).length - 1;

test("a run says what a stage's error was once, with its name where that tells something", async () => {
  const { code, stdout } = await steplab(project, ["run"]);
  expect(code).toBe(1);
  const [, ...told] = stdout.split(/^failed {2}(?=\w+$)/m);
  const of = (stage: string): string => told.find((text) => text.startsWith(`${stage}\n`)) ?? "";
  expect(of("throws")).toMatch(
    /^throws\n {2}TypeError: Cannot read properties of undefined \(reading 'trim'\)\n {2}in cell /,
  );
  expect(times(of("throws"), "Cannot read properties")).toBe(1);
  expect(of("caused")).toMatch(/^caused\n {2}too far\n {2}in cell /);
  expect(times(of("caused"), "too far")).toBe(2); // the message, and the line of the cell
  expect(of("caused")).toMatch(/^ +Caused by: RangeError, with the same message$/m);
});

test("show lists the rows that a check kept, and says nothing twice", async () => {
  const { stdout } = await steplab(project, ["show", "last", "refuses"]);
  expect(stdout).toContain(
    `Checks\n  failed  "even": 2 of 4 rows, first: row 1, id 1\n          row 3, id 3\n`,
  );
  expect(times(stdout, `"even"`)).toBe(1);
  const thrown = await steplab(project, ["show", "last", "throws"]);
  expect(times(thrown.stdout, "Cannot read properties")).toBe(1);
});

test("lineage of what it should have made names the run that can be asked", async () => {
  const { code, stderr } = await steplab(project, ["lineage", "refuses.rows"]);
  expect(code).toBe(2);
  expect(stderr).toBe(
    `error archive/unknown-artifact
  Stage "refuses" has not succeeded in any run, so nothing can be told of "refuses.rows".
  Hint: A run in which it failed can be named: npx steplab lineage run:<id>/refuses.rows
`,
  );
  const known = `run:${lastRecord(project).run}/refuses.even`;
  expect((await steplab(project, ["lineage", known])).code).toBe(0);
});

test("a project that has no stage yet is told to make one", async () => {
  await using bare = await makeProject({ "PIPELINE.md": "---\npipeline: bare\n---\n\n# Bare\n" });
  const { code, stdout } = await steplab(bare, []);
  expect(code).toBe(2);
  expect(stdout).toMatch(
    /\nNext {4}npx steplab new {6}\(lists the kinds of stage, and writes the first\)\n$/,
  );
});
