/** `steplab/runner` as its users have it: its exports, and a program outside the repository. */
import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import * as library from "../../runner/index.ts";
import { repositoryRoot } from "../rig/project.ts";
import { lastRecord } from "../rig/run.ts";
import { MAKE, stepProject, type Step } from "../rig/steps.ts";

test("the exports of steplab/runner are these: more is a decision, fewer break programs", () => {
  expect(Object.keys(library).sort()).toEqual([
    "RUN_DEFAULTS",
    "StepLabError",
    "findProjectRoot",
    "judge",
    "lint",
    "openArchive",
    "openLint",
    "openWatch",
    "recoverRuns",
    "run",
    "status",
  ]);
});

const PRICE: Step = {
  inputs: { n: ["a.json(z.int())", "make.n"] },
  outputs: `const output = outputs({ listings: a.table(z.object({ id: z.int(), price: z.number() })), mean: a.metric({ goal: "min", unit: "USD" }) });`,
  body: `const n = await input.n.read();
const rows = Array.from({ length: n }, (_, at) => ({ id: at + 1, price: 10 * (at + 1) }));
await output.listings.write(rows);
output.mean.write(rows.reduce((sum, { price }) => sum + price, 0) / n);`,
};

test("a program outside the repository compiles against its types and runs", async () => {
  await using project = await stepProject({ make: MAKE, price: PRICE });
  const program = await readFile(join(import.meta.dirname, "program.ts"));
  await project.write("program.ts", program);
  const { compilerOptions } = JSON.parse(
    await readFile(join(repositoryRoot, "tsconfig.json"), "utf8"),
  ) as { compilerOptions: object }; // our own
  // The checkout is compiled when it is packed; until then its sources stand for the declarations.
  const customConditions = ["steplab-source"];
  await project.write(
    "tsconfig.json",
    JSON.stringify({
      compilerOptions: { ...compilerOptions, customConditions },
      files: ["program.ts"],
    }),
  );
  const tsc = join(repositoryRoot, "node_modules", "typescript", "bin", "tsc");
  const node = async (...words: string[]): Promise<string> => {
    const ran = promisify(execFile)(process.execPath, words, { cwd: project.root });
    const { stdout, stderr } = await ran.catch(
      (error: { stdout: string; stderr: string }) => error,
    );
    return stdout + stderr;
  };
  expect(await node(tsc, "-p", ".")).toBe("");
  const printed = await node("--conditions=steplab-source", "program.ts", project.root);
  expect(printed).toBe(`${lastRecord(project).run}\n`);
});
