/** A stage of a past run as a live notebook, in a kernel that JupyterLab would start for it. */
import { dirname, join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readNotebook } from "../../core/notebook/index.ts";
import type { RunRecord } from "../../lineage/record.ts";
import { restoreStage } from "../../runner/restore.ts";
import { KernelClient } from "../rig/kernel-client.ts";
import { IMPORTS } from "../rig/notebook.ts";
import type { Project } from "../rig/project.ts";
import { editStep, MAKE, notebookPath, stepProject, type Step } from "../rig/steps.ts";
import {
  errorOf,
  executedNotebook,
  filesBelow,
  runProject,
  stageParams,
  streamText,
} from "../rig/run.ts";

const MIX: Step = {
  imports: `${IMPORTS}\nimport { base } from "./lib/base.ts";\nimport { readFileSync } from "node:fs";`,
  inputs: {
    n: ["a.json(z.int())", "make.n"],
    word: ["a.file()", "data/word.txt"],
    all: ["a.folder()", "data/all"],
  },
  parameters: "const params = parameters({ times: z.int().default(2) });",
  outputs: "const output = outputs({ n: a.json(z.number()) });",
  body: [
    `const names = (await input.all.list()).map((file) => file.path);`,
    `console.log(JSON.stringify([params.times, await input.n.read(), await input.word.text(), names, base, Math.random()]));`,
    `await output.n.write(base);`,
  ],
  checks: `check("small", params.times < 5);`,
};

let project: Project;
let first: RunRecord;
let shown: string;

beforeAll(async () => {
  project = await stepProject(
    { make: MAKE, mix: MIX },
    {},
    {
      "notebooks/lib/base.ts": "export const base: number = 40;\n",
      "data/word.txt": "before",
      "data/all/a.txt": "a",
    },
  );
  const ran = await runProject(project, stageParams({ make: { n: 7 }, mix: { times: 4 } }));
  first = ran.record;
  expect(ran.statuses).toEqual({ make: "succeeded", mix: "succeeded" });
  shown = shownIn(first);
  // Everything is another one now.
  await project.write("notebooks/lib/base.ts", "export const base: number = 41;\n");
  await project.write("data/word.txt", "after");
  await project.write("data/all/b.txt", "b");
  await editStep(project, "make", { ...MAKE, body: "await output.n.write(params.n + 1);" });
  await runProject(project, { seed: 99 });
});
afterAll(() => project[Symbol.asyncDispose]());

function shownIn(record: RunRecord): string {
  return streamText(
    executedNotebook(project, record, "mix").cells.flatMap(({ outputs }) => outputs),
  );
}

async function open(notebook: string): Promise<KernelClient> {
  const path = project.path(notebook);
  return await KernelClient.start({ folder: dirname(path), env: { JPY_SESSION_NAME: path } });
}

/** The random number is the last. */
function withoutDraw(printed: string): unknown[] {
  return (JSON.parse(printed) as unknown[]).slice(0, -1);
}

/** Every cell, in order; what they printed. */
async function replay(notebook: string): Promise<string> {
  await using kernel = await open(notebook);
  let printed = "";
  const { notebook: read } = readNotebook(await project.read(notebook), notebook);
  for (const { type, source, id } of read?.cells ?? []) {
    if (type !== "code") continue;
    const { error, stdout } = await kernel.execute(source, {}, { cellId: id });
    expect(error?.evalue).toBeUndefined();
    printed += stdout;
  }
  return printed;
}

test("shows again what it showed: code, modules, inputs, parameters and seed are those of the run", async () => {
  const before = filesBelow(project.path("runs"));
  const restored = restoreStage(project.root, first.run, "mix");
  expect(restored).toMatchObject({
    notebook: `restored/${first.run}/mix/${notebookPath("mix")}`,
    at: null,
    isNew: true,
    differs: [],
  });
  expect(withoutDraw(shown)).toEqual([4, 7, "before", ["a.txt"], 40]);
  expect(await replay(restored.notebook)).toBe(shown);
  expect(filesBelow(project.path("runs"))).toEqual(before);
});

test("is as it was left when it is opened again, and fresh beside it when that is wanted", async () => {
  const { notebook } = restoreStage(project.root, first.run, "mix");
  await project.write(
    notebook,
    (await project.read(notebook)).replace("params.times", "params.times + 100"),
  );
  const base = join(dirname(notebook), "lib", "base.ts");
  await project.write(base, "export const base: number = 1;\n");
  const again = restoreStage(project.root, first.run, "mix");
  expect(again).toMatchObject({ notebook, isNew: false });
  expect(withoutDraw(await replay(notebook))).toEqual([104, 7, "before", ["a.txt"], 1]);
  const fresh = restoreStage(project.root, first.run, "mix", { fresh: true });
  expect(fresh).toMatchObject({
    notebook: `restored/${first.run}/mix-2/${notebookPath("mix")}`,
    isNew: true,
  });
  expect(await replay(fresh.notebook)).toBe(shown);
});

test("a stage that failed is to be replayed to the cell that failed; another is named by number, id or slot", async () => {
  const { record } = await runProject(project, stageParams({ mix: { times: 6 } }));
  const at = (word?: string) =>
    restoreStage(project.root, record.run, "mix", word === undefined ? {} : { at: word }).at;
  const { cells } = executedNotebook(project, record, "mix");
  const checks = cells.find(({ slot }) => slot === "checks");
  expect(at()).toEqual({ id: checks?.id, number: record.stages["mix"]?.error?.cell?.number });
  expect(at("outputs")?.id).toBe(cells.find(({ slot }) => slot === "outputs")?.id);
  expect(at(String(at()?.number))).toEqual(at());
  expect(at(checks?.id)).toEqual(at());
  const unknown = await errorOf(Promise.resolve().then(() => at("nowhere")));
  expect(unknown.code).toBe("open/unknown-cell");
});

test("what is no longer there is said: a package of another version, a module that was not kept", async () => {
  await project.write(
    `runs/${first.run}/run.json`,
    JSON.stringify({
      ...first,
      environment: { ...first.environment, packages: { zod: "1.0.0", gone: "2.0.0" } },
      stages: {
        ...first.stages,
        mix: { ...first.stages["mix"], modules: { "notebooks/lib/base.ts": null } },
      },
    }),
  );
  const { differs } = restoreStage(project.root, first.run, "mix", { fresh: true });
  expect(differs).toEqual([
    "notebooks/lib/base.ts was not kept: it is taken as it is now.",
    expect.stringMatching(/^zod was 1\.0\.0 and is \d+\.\d+\.\d+ now\.$/),
    "gone 2.0.0 is not installed.",
  ]);
});

test("a stage that did not run has nothing to open", async () => {
  await editStep(project, "make", {
    ...MAKE,
    body: "if (params.n > 0) throw new Error('no');\nawait output.n.write(1);",
  });
  const { record } = await runProject(project);
  const refused = await errorOf(
    Promise.resolve().then(() => restoreStage(project.root, record.run, "mix")),
  );
  expect(refused.code).toBe("open/nothing-executed");
});
