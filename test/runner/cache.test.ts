/** What runs again and why, told by the planner (`--explain`) and seen in what really ran. */
import { chmodSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { markdownCell, readNotebook, withCells } from "../../core/notebook/index.ts";
import type { Project } from "../rig/project.ts";
import { editStep, MAKE, notebookPath, stepProject, type Step, type Steps } from "../rig/steps.ts";
import { filesBelow, folderOf, outputJson, runProject, stageParams, type Ran } from "../rig/run.ts";

const FIRST: Step = {
  imports: `import { z, a, parameters, inputs, outputs, check } from "steplab";
import { factor } from "./factor.ts";
import { tiny } from "tiny";`,
  parameters: "const params = parameters({ n: z.int().default(3) });",
  inputs: { raw: ["a.file()", "data/raw.txt"] },
  outputs: "const output = outputs({ n: a.json(z.number()) });",
  body: "const raw = Number(await input.raw.text());\nawait output.n.write(raw * params.n * factor * tiny);",
  scratch: "1 + 1",
};
const SECOND: Step = {
  inputs: { n: ["a.json(z.number())", "first.n"] },
  outputs: "const output = outputs({ n: a.json(z.number()) });",
  body: "await output.n.write((await input.n.read()) + 1);",
};
const STEPS: Steps = { first: FIRST, second: SECOND };

const lockfile = (tiny: string, other = "1.0.0"): string =>
  JSON.stringify({
    name: "test-project",
    lockfileVersion: 3,
    packages: {
      "": { name: "test-project", dependencies: { tiny: "*", other: "*" } },
      "node_modules/tiny": {
        version: tiny,
        integrity: `sha512-${tiny}`,
        dependencies: { deep: "*" },
      },
      "node_modules/deep": { version: "1.0.0", integrity: "sha512-deep" },
      "node_modules/other": { version: other, integrity: `sha512-${other}` },
    },
  });

const FILES = {
  "data/raw.txt": "5",
  "notebooks/factor.ts": `import { base } from "./base.ts";\nexport const factor = base * 2;\n`,
  "notebooks/base.ts": "export const base = 1;\n",
  "node_modules/tiny/package.json": `{ "name": "tiny", "version": "1.0.0", "type": "module", "exports": "./index.js", "types": "./index.d.ts" }`,
  "node_modules/tiny/index.js": "export const tiny = 1;\n",
  "node_modules/tiny/index.d.ts": "export declare const tiny: number;\n",
  "package-lock.json": lockfile("1.0.0"),
};

describe("a project that has run", () => {
  let project: Project;
  let first: Ran;
  beforeAll(async () => {
    project = await stepProject(STEPS, {}, FILES);
    first = await runProject(project);
  });
  afterAll(() => project[Symbol.asyncDispose]());

  const bothCached = { first: "cached", second: "cached" };
  const bothRan = { first: "succeeded", second: "succeeded" };
  /** What ran again after a change, and the reason given for the first stage. */
  async function after(change: () => Promise<void> | void): Promise<Ran> {
    await change();
    return await runProject(project);
  }
  const short = "[0-9a-f]{8}";

  test("ran every stage for the reason that none had run", () => {
    expect(first.statuses).toEqual(bothRan);
    expect(first.reasons).toEqual({ first: "never run", second: "never run" });
    expect(outputJson(project, first.record, "second", "n")).toBe(31);
  });

  test("runs nothing the second time, and has a folder with all files for each cached stage", async () => {
    const again = await runProject(project);
    expect(again.statuses).toEqual(bothCached);
    const reason = `unchanged since run ${first.record.run}`;
    expect(again.reasons).toEqual({ first: reason, second: reason });
    expect(filesBelow(folderOf(project, again.record))).toEqual(
      filesBelow(folderOf(project, first.record)),
    );
    expect(again.events.some(({ type }) => type === "stage-started")).toBe(false);
  });

  test("runs nothing for changed prose, markdown, scratch, comments and white space", async () => {
    const ran = await after(async () => {
      await editStep(project, "first", {
        ...FIRST,
        description: "Other words.",
        scratch: "2 + 2",
        body: "// a comment\nconst raw = Number(await input.raw.text()); /* another */\nawait output.n.write(raw * params.n * factor * tiny);",
      });
      const { notebook } = readNotebook(await project.read(notebookPath("second")), "second");
      if (notebook === null) throw new Error("written above");
      await project.write(
        notebookPath("second"),
        withCells(notebook, [...notebook.cells, markdownCell("The end.")]),
      );
      await project.write("notebooks/base.ts", "// why\nexport const base = 1;\n");
      await project.write(
        "PIPELINE.md",
        (await project.read("PIPELINE.md")).replace("Why there is", "Reasons for"),
      );
    });
    expect(ran.statuses).toEqual(bothCached);
    const folder = folderOf(project, ran.record);
    expect(
      await project.read(join(folder.slice(project.root.length), "1-first/stage.md")),
    ).toContain("Reasons for a stage first");
  });

  test("runs nothing for a lockfile that changed elsewhere than in what the stage imports", async () => {
    const ran = await after(() => project.write("package-lock.json", lockfile("1.0.0", "2.0.0")));
    expect(ran.statuses).toEqual(bothCached);
  });

  test("runs a stage whose code changed, and the next one only if its input's bytes did", async () => {
    const ran = await after(() =>
      editStep(project, "first", { ...FIRST, body: `${FIRST.body as string}\nvoid 0;` }),
    );
    expect(ran.statuses).toEqual({ first: "succeeded", second: "cached" });
    expect(ran.reasons["first"]).toBe("the notebook's code changed");
  });

  test("runs a stage whose module's module changed", async () => {
    const ran = await after(() => project.write("notebooks/base.ts", "export const base = 10;\n"));
    expect(ran.statuses).toEqual(bothRan);
    expect(ran.reasons["first"]).toMatch(
      new RegExp(`^module notebooks/base.ts: ${short} → ${short}$`),
    );
    expect(ran.reasons["second"]).toMatch(new RegExp(`^input n: ${short} → ${short}$`));
    expect(outputJson(project, ran.record, "second", "n")).toBe(301);
  });

  test("runs a stage whose parameter's default, or value on the command line, changed", async () => {
    const byWord = await runProject(project, stageParams({ first: { n: 4 } }));
    expect(byWord.reasons["first"]).toBe("parameter n: 3 → 4");
    const byDefault = await after(() =>
      editStep(project, "first", {
        ...FIRST,
        parameters: "const params = parameters({ n: z.int().default(6) });",
      }),
    );
    expect(byDefault.statuses).toEqual(bothRan);
    expect(byDefault.reasons["first"]).toContain("parameter n: 4 → 6");
  });

  test("runs a stage whose source has other bytes, and none when the file is only touched", async () => {
    const ran = await after(() => project.write("data/raw.txt", "7"));
    expect(ran.statuses).toEqual(bothRan);
    expect(ran.reasons["first"]).toMatch(/^input raw: /);
    expect((await after(() => project.write("data/raw.txt", "7"))).statuses).toEqual(bothCached);
  });

  test("runs a stage whose imported package, as the lockfile pins it, changed", async () => {
    const ran = await after(() => project.write("package-lock.json", lockfile("1.0.1")));
    expect(ran.statuses).toEqual({ first: "succeeded", second: "cached" });
    expect(ran.reasons["first"]).toBe('package tiny: "1.0.0 sha512-1.0.0" → "1.0.1 sha512-1.0.1"');
    expect(ran.record.environment.packages).toEqual({ deep: "1.0.0", tiny: "1.0.1" });
  });

  test("runs all for another seed, and finds the first seed's results again", async () => {
    const seeded = await runProject(project, { seed: 99 });
    expect(seeded.statuses).toEqual(bothRan);
    expect(seeded.record.seed).toBe(99);
    expect(seeded.reasons["second"]).toMatch(/^seed: /);
    expect((await runProject(project)).statuses).toEqual(bothCached);
  });

  test("runs all by force, and only what is selected", async () => {
    const forced = await runProject(project, { force: true });
    expect(forced.statuses).toEqual(bothRan);
    expect(forced.reasons).toEqual({ first: "forced", second: "forced" });
    const one = await runProject(project, { force: true, select: { only: ["second"] } });
    expect(one.statuses).toEqual({ first: "cached", second: "succeeded" });
  });

  test("runs a stage again whose output, or executed notebook, was deleted from the store", async () => {
    const remove = (digest: string | null | undefined): void => {
      const hex = (digest ?? "").slice("sha256:".length);
      rmSync(project.path(`runs/.store/objects/${hex.slice(0, 2)}/${hex.slice(2)}`));
    };
    const { record } = await runProject(project);
    remove(record.stages["first"]?.outputs["n"]?.digest);
    const ran = await runProject(project);
    expect(ran.statuses).toEqual({ first: "succeeded", second: "cached" });
    expect(ran.reasons["first"]).toBe("its output n is no longer in the store");
    remove(ran.record.stages["second"]?.notebook.executed);
    const again = await runProject(project);
    expect(again.statuses).toEqual({ first: "cached", second: "succeeded" });
    expect(again.reasons["second"]).toBe("its executed notebook is no longer in the store");
  });

  test("runs a stage again whose remembered result is gone", async () => {
    await project.remove("runs/.store/keys");
    const ran = await runProject(project);
    expect(ran.statuses).toEqual(bothRan);
    expect(ran.reasons["second"]).toBe("its result was removed");
  });

  test("runs a stage again whose remembered result is torn, when no run tells it better", async () => {
    const keys = project.path("runs/.store/keys");
    for (const file of filesBelow(keys)) {
      chmodSync(join(keys, file), 0o644);
      writeFileSync(join(keys, file), "{ torn");
    }
    await project.remove("runs/.store/refs/last.json");
    expect((await runProject(project)).statuses).toEqual(bothRan);
    expect((await runProject(project)).statuses).toEqual(bothCached);
  });
});

test("a stage with cache: false runs every time, and what reads it runs only when it wrote other bytes", async () => {
  await using project = await stepProject({
    make: { ...MAKE, yaml: { cache: false } },
    use: { inputs: { n: ["a.json(z.int())", "make.n"] }, body: "await input.n.read();" },
  });
  await runProject(project);
  const again = await runProject(project);
  expect(again.statuses).toEqual({ make: "succeeded", use: "cached" });
  expect(again.reasons["make"]).toBe("cache: false in PIPELINE.md");
});

test("a stage that failed runs again, and says that it failed last time", async () => {
  await using project = await stepProject({
    flaky: {
      imports: `import { parameters, inputs, outputs } from "steplab";\nimport { existsSync, writeFileSync } from "node:fs";`,
      body: `if (!existsSync("data-ready")) { writeFileSync("data-ready", ""); throw new Error("not yet"); }`,
    },
  });
  expect((await runProject(project)).statuses).toEqual({ flaky: "failed" });
  const again = await runProject(project);
  expect(again.statuses).toEqual({ flaky: "succeeded" });
  expect(again.reasons["flaky"]).toBe("it ended failed last time");
});

test("two stages that share a notebook have keys of their own, because each has a seed of its own", async () => {
  await using project = await stepProject({
    make: MAKE,
    twin: { ...MAKE, yaml: { notebook: notebookPath("make"), params: { n: 3 } } },
  });
  const { record } = await runProject(project);
  expect(record.stages["twin"]?.params).toEqual(record.stages["make"]?.params);
  expect(record.stages["twin"]?.key).not.toBe(record.stages["make"]?.key);
  expect(record.stages["twin"]?.outputs["n"]?.digest).toBe(
    record.stages["make"]?.outputs["n"]?.digest,
  );
});

test("code that is saved while its stage runs leads to no cached result", async () => {
  await using project = await stepProject(
    {
      edits: {
        imports: `import { parameters, inputs, outputs } from "steplab";\nimport { writeFileSync } from "node:fs";\nimport { word } from "./word.ts";`,
        body: `console.log(word);\nwriteFileSync("notebooks/word.ts", "export const word = 'after';\\n");`,
      },
    },
    {},
    { "notebooks/word.ts": "export const word = 'before';\n" },
  );
  expect((await runProject(project)).statuses).toEqual({ edits: "succeeded" });
  await project.write("notebooks/word.ts", "export const word = 'before';\n");
  expect((await runProject(project)).statuses).toEqual({ edits: "succeeded" });
  expect((await runProject(project)).statuses).toEqual({ edits: "succeeded" });
  expect((await runProject(project)).statuses).toEqual({ edits: "cached" });
});
