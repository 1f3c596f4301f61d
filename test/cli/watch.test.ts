/** `steplab watch`, the real command in a temporary project: files are saved, lines are waited for. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { listRuns } from "../../lineage/query/runs.ts";
import type { Project } from "../rig/project.ts";
import { ended, eventOf, lastRecord, startSteplab, type Started } from "../rig/run.ts";
import { faultsOf } from "../rig/schema-faults.ts";
import {
  documentOf,
  DOUBLE,
  editStep,
  MAKE,
  stepProject,
  type Step,
  type Steps,
} from "../rig/steps.ts";

const MEASURE: Step = {
  imports: `import { z, a, parameters, inputs, outputs, check } from "steplab";\nimport { factor } from "./factor.ts";`,
  inputs: { n: ["a.json(z.int())", "double.n"] },
  outputs: `const output = outputs({ size: a.metric({ goal: "min", unit: "USD" }) });`,
  body: "const n = await input.n.read();\noutput.size.write(factor * n);",
  checks: `check("few", n < 100, { value: n });`,
};
const STEPS: Steps = { make: MAKE, double: DOUBLE, measure: MEASURE };
const FACTOR = "notebooks/factor.ts";
const factor = (value: number): string => `export const factor = ${value};\n`;

describe("a save", () => {
  let project: Project;
  let watching: Started;
  beforeAll(async () => {
    project = await stepProject(STEPS, { pipeline: "things" }, { [FACTOR]: factor(3) });
    watching = startSteplab(project, ["watch"]);
    await watching.line((line) => line === "waiting for changes");
  });
  afterAll(async () => {
    watching.process.kill("SIGKILL");
    await project[Symbol.asyncDispose]();
  });
  const lineWith = (text: string): Promise<string> => watching.line((line) => line.includes(text));

  test("of a module runs the stages that import it, and tells what became of their metrics", async () => {
    await project.write(FACTOR, factor(2));
    expect(await lineWith("→ 12")).toBe("  measure.size  18 → 12  USD  -33.3 %, better");
    expect(await lineWith(`changed  ${FACTOR}`)).toBe(`changed  ${FACTOR}`);
    const { stages } = lastRecord(project);
    expect(Object.values(stages).map(({ status }) => status)).toEqual([
      "cached",
      "cached",
      "succeeded",
    ]);
  });

  test("that breaks a notebook shows what lint says and runs nothing; the next one mends it", async () => {
    await editStep(project, "double", { ...DOUBLE, body: "await output.n.wirte(1);" });
    await lineWith(": nothing runs until mended");
    await lineWith("error types/error  notebooks/double.ipynb, cell 6, line 1:16");
    const runs = listRuns(project.root).length;
    await editStep(project, "double", {
      ...DOUBLE,
      body: "await output.n.write(50 * (await input.n.read()));",
    });
    await lineWith("mended: no errors");
    await lineWith("checks-failed  ");
    await lineWith(`"few": 150`);
    expect(await lineWith("→ 300")).toBe("  measure.size  12 → 300  USD  +2400.0 %, worse");
    expect(listRuns(project.root).length).toBe(runs + 1);
  });

  test("that no stage depends on runs nothing, also not what failed", async () => {
    await project.write("notes.md", "Nothing to see.\n");
    await lineWith("changed  notes.md");
    await lineWith("nothing to run");
  });

  test("of PIPELINE.md with a new notebook in a new folder runs the new stage", async () => {
    await editStep(project, "double", DOUBLE);
    await lineWith("→ 12");
    const yaml = { notebook: "notebooks/late/late.ipynb" };
    const late: Step = {
      ...MAKE,
      parameters: "const params = parameters({ n: z.int().default(4) });",
      yaml,
    };
    await editStep(project, "late/late", late);
    await project.write("PIPELINE.md", documentOf({ ...STEPS, late }, { pipeline: "things" }));
    await lineWith("succeeded      late ");
  });

  test("ends with Ctrl-C: exit code 130, every run archived, no kernel left", async () => {
    watching.process.kill("SIGINT");
    expect((await watching.done).code).toBe(130);
    expect(lastRecord(project).status).toBe("succeeded");
  });
});

const WAIT: Step = {
  inputs: { n: ["a.json(z.int())", "make.n"] },
  body: "const n = await input.n.read();\nawait new Promise((resolve) => setTimeout(resolve, 600_000 * n));",
};

test("a save while a stage runs cancels it only when it changes what was begun; --json tells all of it", async () => {
  await using project = await stepProject({ make: MAKE, wait: WAIT });
  const watching = startSteplab(project, ["watch", "--json"]);
  const isWaiting = ({ cell }: { cell: { id: string } }): boolean => cell.id === "body-1";
  const typed = (type: string, fits = ""): Promise<string> =>
    watching.line((line) => line.startsWith(`{"type":"${type}"`) && line.includes(fits));
  const { kernelPid } = await eventOf(watching, "stage-started", ({ stage }) => stage === "wait");
  await eventOf(watching, "cell-started", (event) => event.stage === "wait" && isWaiting(event));
  await project.write("notes.md", "Of no interest.\n");
  await editStep(project, "wait", { ...WAIT, body: "await input.n.read();" });
  await typed("superseded", `"stages":["wait"]`);
  await typed("ran", `"status":"cancelled"`);
  await typed("ran", `"status":"succeeded"`);
  await ended(kernelPid ?? 0);
  watching.process.kill("SIGTERM");
  const { code, stdout } = await watching.done;
  expect(code).toBe(130);
  const lines = stdout.trimEnd().split("\n");
  expect(lines.flatMap((line) => faultsOf("watch", JSON.parse(line)))).toEqual([]);
  expect(Object.values(lastRecord(project).stages).map(({ status }) => status)).toEqual([
    "cached",
    "succeeded",
  ]);
});

test("Ctrl-C while a stage runs archives it as cancelled", async () => {
  await using project = await stepProject({ make: MAKE, wait: WAIT });
  const watching = startSteplab(project, ["watch", "--json", "--to", "wait"]);
  const { kernelPid } = await eventOf(watching, "stage-started", ({ stage }) => stage === "wait");
  await eventOf(
    watching,
    "cell-started",
    ({ stage, cell }) => stage === "wait" && cell.id === "body-1",
  );
  watching.process.kill("SIGINT");
  expect((await watching.done).code).toBe(130);
  await ended(kernelPid ?? 0);
  expect(lastRecord(project)).toMatchObject({
    status: "cancelled",
    stages: { wait: { status: "cancelled" } },
  });
});
