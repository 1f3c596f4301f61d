/** Bundles: a model with its code, loaded where the project is not. */
import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { makeProject, repositoryRoot, type Project } from "../rig/project.ts";

const MODULE = `import { transformer, z, type Table } from "steplab";
import { half } from "./lib/half.ts";

export const halve = transformer({
  name: "halve",
  params: z.object({}),
  state: z.object({ by: z.instanceof(Float64Array) }),
  fit: (_rows: Table<{ size: number }>) => ({ by: Float64Array.of(half satisfies number) }),
  apply: (state, rows) => ({ halved: rows.array("size").map((size: number) => size * state.by[0]!) }),
});
`;

/** Runs as a user would: in a process of its own, in the project. */
const MAKE = `import { z, a, bundle, table } from "steplab";
import { loadModel, writeModel } from "${join(repositoryRoot, "stage/transform/model-file.ts")}";
import { halve } from "./notebooks/halve.ts";
const { port } = a.model({ input: z.object({ size: z.number() }), output: z.object({ halved: z.number() }) });
const rows = table([{ size: 3 }]);
await writeModel(await halve().fit(rows), { example: rows, use: "Tests." }, port, "model");
const summary = await bundle(await loadModel("model", port), "bundle");
console.log(JSON.stringify(summary));
`;
const ASK = `import { loadBundle } from "${join(repositoryRoot, "stage/index.ts")}";
const model = await loadBundle(process.argv[2]);
console.log(JSON.stringify((await model.apply([{ size: 5 }])).objects()));
`;

let project: Project;
let elsewhere: string;

function node(cwd: string, ...words: string[]) {
  const source = "--conditions=steplab-source"; // a checkout has no compiled package
  return spawnSync(process.execPath, [source, ...words], { cwd, encoding: "utf8" });
}

beforeAll(async () => {
  project = await makeProject({
    "notebooks/halve.ts": MODULE,
    "notebooks/lib/half.ts": "export const half: number = 0.5;\n",
    "make.ts": MAKE,
  });
  elsewhere = mkdtempSync(join(tmpdir(), "steplab-elsewhere-"));
  const made = node(project.root, "make.ts");
  expect(made.stderr).toBe("");
  cpSync(project.path("bundle"), join(elsewhere, "bundle"), { recursive: true });
  writeFileSync(join(elsewhere, "ask.mjs"), ASK);
});
afterAll(async () => {
  await project[Symbol.asyncDispose]();
  rmSync(elsewhere, { recursive: true, force: true });
});

test("a bundle answers where there is neither the project nor any package", () => {
  const asked = node(elsewhere, "ask.mjs", "bundle");
  expect(asked.stderr).toBe("");
  expect(JSON.parse(asked.stdout)).toEqual([{ halved: 2.5 }]);
});

test("it holds the model, and the compiled modules behind it and no others", () => {
  const { modules } = JSON.parse(readFileSync(join(elsewhere, "bundle/bundle.json"), "utf8")) as {
    modules: { module: string; file: string }[];
  };
  expect(modules.map(({ module, file }) => [module, file])).toEqual([
    ["notebooks/halve.ts", "modules/notebooks/halve.js"],
    ["notebooks/lib/half.ts", "modules/notebooks/lib/half.js"],
  ]);
  const code = readFileSync(join(elsewhere, "bundle/modules/notebooks/halve.js"), "utf8");
  expect(code).toContain('from "./lib/half.js"');
  expect(code).not.toContain("satisfies");
});

test("a module that was changed in it is refused before it is imported", () => {
  const copy = join(elsewhere, "changed");
  cpSync(join(elsewhere, "bundle"), copy, { recursive: true });
  const module = join(copy, "modules/notebooks/lib/half.js");
  writeFileSync(module, `console.log("I ran"); ${readFileSync(module, "utf8")}`);
  const asked = node(elsewhere, "ask.mjs", "changed");
  expect(asked.status).toBe(1);
  expect(asked.stdout).toBe("");
  expect(asked.stderr).toContain(
    '"modules/notebooks/lib/half.js" of the bundle is missing or was changed.',
  );
});

test("a bundle is not made with other code than the model's", async () => {
  await project.write("notebooks/lib/half.ts", "export const half: number = 0.4;\n");
  // What lies on disk is bundled, so a handle with nothing but the folder stands for a model loaded before the edit.
  await project.write(
    "again.ts",
    `import { bundle } from "steplab"; await bundle({ folder: "model" } as never, "again");`,
  );
  const made = node(project.root, "again.ts");
  expect(made.status).toBe(1);
  expect(made.stderr).toContain(
    'The model was fitted with other code: transformer "halve" of "notebooks/halve.ts"',
  );
});
