import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { KernelClient } from "../rig/kernel-client.ts";

let kernel: KernelClient;
let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "steplab-modules-"));
  write("package.json", `{ "name": "project", "type": "module" }`);
  kernel = await KernelClient.start({
    folder,
    env: { STEPLAB_NOTEBOOK: join(folder, "notebooks", "stage.ipynb") },
  });
});

afterAll(async () => {
  await kernel[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

let edits = 0;

/** Each write differs in size from the one before, so that clocks too coarse for two edits do not matter. */
function write(path: string, text: string): void {
  const file = join(folder, path);
  mkdirSync(dirname(file), { recursive: true });
  const padding = path.endsWith(".json") ? " ".repeat(++edits) : `\n//${"-".repeat(++edits)}`;
  writeFileSync(file, text + padding);
}

async function shown(code: string): Promise<string | undefined> {
  const { texts, error } = await kernel.execute(code);
  expect(error?.traceback.join("\n")).toBeUndefined();
  return texts.at(-1);
}

async function failure(code: string): Promise<string> {
  const { error } = await kernel.execute(code);
  return `${error?.ename}: ${error?.evalue}`;
}

describe("imports of a cell", () => {
  test("resolve from the notebook, in every form", async () => {
    write(
      "notebooks/forms.ts",
      `export default 1; export const two = 2; export { two as "zwei drei" };`,
    );
    expect(
      await shown(`import one, { two, "zwei drei" as three } from "./forms.ts"; import * as all from "./forms.ts"; import def, * as both from "./forms.ts"; import "./forms.ts";
[one, two, three, Object.keys(all), def, both.two]`),
    ).toBe("[ 1, 2, 2, [ 'default', 'two', 'zwei drei' ], 1, 2 ]");
  });

  test("are seen by the whole cell, also above them, and by later cells", async () => {
    write("notebooks/late.ts", `export const late = "here";`);
    expect(await shown(`const early = late; import { late } from "./late.ts"; early`)).toBe(
      "'here'",
    );
    expect(await shown("late")).toBe("'here'");
  });

  test("a name that is not there is an error as in Node, with the hint that it may be a type", async () => {
    write("notebooks/types.ts", `export interface Row { a: number }; export const row = 1;`);
    expect(await failure(`import { Row } from "./types.ts"`)).toBe(
      "SyntaxError: The requested module './types.ts' does not provide an export named 'Row'. If it is a type, write `import type { Row }`.",
    );
    expect(
      await shown(
        `import type { Row } from "./types.ts"; import { row, type Row as R } from "./types.ts"; row`,
      ),
    ).toBe("1");
  });

  test("JSON with its attribute, CommonJS and ESM packages, exports and subpaths, builtins", async () => {
    write("notebooks/data.json", `{ "rows": [1, 2] }`);
    write("node_modules/old/package.json", `{ "name": "old", "main": "main.js" }`);
    write(
      "node_modules/old/main.js",
      `exports.named = 5; module.exports.dir = __dirname.length > 0;`,
    );
    write(
      "node_modules/modern/package.json",
      `{ "name": "modern", "type": "module", "exports": { ".": "./main.js", "./sub": { "node": "./node.js", "default": "./other.js" } } }`,
    );
    write(
      "node_modules/modern/main.js",
      `export const ready = await Promise.resolve("after its await");`,
    );
    write("node_modules/modern/node.js", `export default "for node";`);
    expect(
      await shown(`import data from "./data.json" with { type: "json" }; import old, { named } from "old"; import { ready } from "modern"; import sub from "modern/sub"; import { sep } from "node:path";
[data.rows, named, old.dir, ready, sub, sep.length]`),
    ).toBe("[ [ 1, 2 ], 5, true, 'after its await', 'for node', 1 ]");
  });

  test("import() and import.meta are the notebook's", async () => {
    expect(
      await shown(`const { two } = await import("./forms.ts"); const meta = import.meta;
[two, meta.filename.endsWith("notebooks/stage.ipynb"), meta.dirname === import.meta.dirname, meta.url.startsWith("file:///"), meta.resolve("./forms.ts").endsWith("notebooks/forms.ts")]`),
    ).toBe("[ 2, true, true, true, true ]");
  });

  test("a dynamic import later, inside a function, too", async () => {
    expect(
      await shown(`const lazily = () => import("./forms.ts").then((m) => m.two); await lazily()`),
    ).toBe("2");
  });

  test(`"steplab" is the kernel's own where the project has none`, async () => {
    expect(await shown(`import.meta.resolve("steplab").endsWith("/stage/index.ts")`)).toBe("true");
  });
});

describe("project modules", () => {
  test("enums, namespaces and parameter properties work in them", async () => {
    write(
      "notebooks/rich.ts",
      `export enum Room { Private = 3 } export namespace N { export const v = 4 } export class P { constructor(readonly x: number) {} }`,
    );
    expect(
      await shown(`import { Room, N, P } from "./rich.ts"; [Room.Private, N.v, new P(5).x]`),
    ).toBe("[ 3, 4, 5 ]");
  });

  test("an edited module is seen when the importing cell runs again, also one imported by another", async () => {
    write("notebooks/lib/leaf.ts", `export const leaf = "old";`);
    write("notebooks/lib/middle.ts", `export { leaf } from "./leaf.ts"; export const loaded = {};`);
    write("notebooks/lib/other.ts", `export const other = {};`);
    const cell = `import { leaf, loaded } from "./lib/middle.ts"; import { other } from "./lib/other.ts"; leaf`;
    expect(await shown(cell)).toBe("'old'");
    await shown("const loadedBefore = loaded, otherBefore = other");
    expect(await shown(`${cell}; [leaf, loaded === loadedBefore]`)).toBe("[ 'old', true ]");
    write("notebooks/lib/leaf.ts", `export const leaf = "new";`);
    expect(await shown(cell)).toBe("'new'");
    // The importer of the edited module is another one now; what did not change kept its identity.
    expect(await shown("[loaded === loadedBefore, other === otherBefore]")).toBe("[ false, true ]");
    write("notebooks/lib/leaf.ts", `export const leaf = "newest";`);
    expect(await shown(cell)).toBe("'newest'");
  });

  test("modules that import each other are reloaded too", async () => {
    write("notebooks/ring/a.ts", `import { b } from "./b.ts"; export const a = () => "a1" + b();`);
    write(
      "notebooks/ring/b.ts",
      `import { a } from "./a.ts"; export const b = () => "b1" + typeof a;`,
    );
    const cell = `import { a } from "./ring/a.ts"; a()`;
    expect(await shown(cell)).toBe("'a1b1function'");
    write(
      "notebooks/ring/b.ts",
      `import { a } from "./a.ts"; export const b = () => "b2" + typeof a;`,
    );
    expect(await shown(cell)).toBe("'a1b2function'");
  });

  test("edited JSON is seen too", async () => {
    write("notebooks/settings.json", `{ "v": 1 }`);
    const cell = `import s from "./settings.json" with { type: "json" }; s.v`;
    expect(await shown(cell)).toBe("1");
    write("notebooks/settings.json", `{ "v": 2 }`);
    expect(await shown(cell)).toBe("2");
  });

  test("a module that failed and was mended is loaded", async () => {
    write("notebooks/broken.ts", `export const v = ;`);
    const cell = `import { v } from "./broken.ts"; v`;
    expect(await failure(cell)).toMatch(
      /^SyntaxError: Unexpected token \(notebooks\/broken\.ts:1:18\)/,
    );
    write("notebooks/broken.ts", `export const v = 9;`);
    expect(await shown(cell)).toBe("9");
    write("notebooks/throws.ts", `throw new Error("at load"); export const w = 1;`);
    expect(await failure(`import { w } from "./throws.ts"; w`)).toBe("Error: at load");
    write("notebooks/throws.ts", `export const w = 10;`);
    expect(await shown(`import { w } from "./throws.ts"; w`)).toBe("10");
  });

  test("its own address tells nothing of epochs to import.meta.dirname, and relative imports work from it", async () => {
    write(
      "notebooks/where.ts",
      `export const dir = import.meta.dirname; export const file = import.meta.filename;`,
    );
    expect(
      await shown(
        `import { dir, file } from "./where.ts"; [dir.endsWith("notebooks"), file.endsWith("where.ts")]`,
      ),
    ).toBe("[ true, true ]");
    write(
      "notebooks/where.ts",
      `export const dir = import.meta.dirname; export const file = import.meta.filename; `,
    );
    expect(
      await shown(
        `import { dir, file } from "./where.ts"; [dir.endsWith("notebooks"), file.endsWith("where.ts")]`,
      ),
    ).toBe("[ true, true ]");
  });
});

describe("a name that shadows a Node global", () => {
  test("does what it says in cells, and can be taken back by declaring the original", async () => {
    expect(await shown(`const performance = "mine"; performance`)).toBe("'mine'");
    expect(await shown(`let performance = globalThis.performance; typeof performance.now`)).toBe(
      "'function'",
    );
  });
});
