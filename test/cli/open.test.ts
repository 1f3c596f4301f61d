/** `steplab open` as it is typed, without JupyterLab: that is test/lab/open.test.ts. */
import { existsSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Project } from "../rig/project.ts";
import { lastRecord, steplab, type Command } from "../rig/run.ts";
import { faultsOf } from "../rig/schema-faults.ts";
import { DOUBLE, MAKE, stepProject } from "../rig/steps.ts";

let project: Project;
beforeAll(async () => {
  project = await stepProject({ make: MAKE, double: DOUBLE });
  expect((await steplab(project, ["run"])).code).toBe(0);
});
afterAll(() => project[Symbol.asyncDispose]());
const type = async (words: string): Promise<Command> => await steplab(project, words.split(" "));

test("lays a stage out and says how to open it", async () => {
  const { run } = lastRecord(project);
  const told = await type("open last double --at outputs --no-lab");
  expect(told.code).toBe(0);
  expect(told.stdout).toMatch(
    new RegExp(
      `^Stage double of ${run}: restored/${run}/double/notebooks/double\\.ipynb\nOpen it with the kernel "TypeScript \\(steplab\\)".* Run all above cell \\d+ to be where it was\\.\n$`,
    ),
  );
  expect(existsSync(project.path(`restored/${run}/double/notebooks/double.ipynb`))).toBe(true);
  expect(await project.read("restored/.gitignore")).toBe("*\n");
  const again = await type("open last double --no-lab");
  expect(again.stdout).toContain("as you left it (--fresh lays it out anew)");
});

test("prints where it lies as JSON, in the form that is published", async () => {
  const { stdout } = await type("open last make --no-lab --json");
  expect(faultsOf("open", JSON.parse(stdout))).toEqual([]);
});

test.each([
  ["open last", "cli/usage"],
  ["open last treble", "run/unknown-stage"],
  ["open 2020 make", "archive/unknown-run"],
  ["open last make --at 99", "open/unknown-cell"],
  ["open last make --json", "cli/usage"],
])("steplab %s is refused as %s", async (words, code) => {
  const { code: exitCode, stderr } = await type(
    `${words}${words.endsWith("--json") ? "" : " --no-lab"}`,
  );
  expect([exitCode, stderr]).toEqual([expect.any(Number), expect.stringContaining(code)]);
  expect(exitCode).not.toBe(0);
});
