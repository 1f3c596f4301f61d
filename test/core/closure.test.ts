import { symlink } from "node:fs/promises";
import { expect, test } from "vitest";
import { closureOf } from "../../core/closure.ts";
import type { Digest } from "../../core/digest.ts";
import { moduleFacts, type StoredModuleFacts } from "../../core/module-facts.ts";
import { makeProject } from "../rig/project.ts";

const FILES = {
  "notebooks/a.ts": `import { b } from "./b.ts";\nimport type { T } from "./types.ts";\nexport const a = b;`,
  "notebooks/b.ts": `import data from "../data.json" with { type: "json" };\nimport { z } from "zod";\nexport * from "@scope/pkg/deep";\nimport { readFile } from "node:fs";\nexport const b = data;`,
  "notebooks/types.ts": `export type T = 1;`,
  "data.json": `{ "n": 1 }`,
};

test("a closure holds the modules and JSON files reached, and names the packages", async () => {
  await using project = await makeProject(FILES);
  const closure = closureOf([project.path("notebooks/a.ts")], project);
  expect(closure.files.map(({ path }) => path)).toEqual([
    "data.json",
    "notebooks/a.ts",
    "notebooks/b.ts",
  ]);
  expect(closure.packages).toEqual(["@scope/pkg", "zod"]);
  expect(closure.missing).toEqual([]);
});

test("a notebook's cells are an entry that is not in its own closure", async () => {
  await using project = await makeProject(FILES);
  const entry = {
    path: project.path("notebooks/x.ipynb"),
    source: `import "./a.ts"; const n: number = 1;`,
  };
  expect(closureOf([entry], project).files.map(({ path }) => path)).toContain("notebooks/a.ts");
  expect(closureOf([entry], project).digest).toBe(
    closureOf([{ ...entry, source: `import "./a.ts";` }], project).digest,
  );
});

test("a comment changes nothing; code, a JSON file and a new import do", async () => {
  await using project = await makeProject(FILES);
  const digest = () => closureOf([project.path("notebooks/a.ts")], project).digest;
  const before = digest();
  await project.write(
    "notebooks/b.ts",
    `// why\n${FILES["notebooks/b.ts"]} // because\n/* the\nend */\n`,
  );
  expect(digest()).toBe(before);
  await project.write(
    "notebooks/b.ts",
    FILES["notebooks/b.ts"].replace("b = data", "b = { ...data }"),
  );
  const changed = digest();
  expect(changed).not.toBe(before);
  await project.write("data.json", `{ "n": 2 }`);
  expect(digest()).not.toBe(changed);
});

test("cycles end, links are followed to one name, and what is missing is named with its line", async () => {
  await using project = await makeProject({
    "a.ts": `import "./b.ts";\nimport "./linked.ts";\nimport "./nowhere.ts";\nimport "./folder";\nimport "https://example.org/x.ts";`,
    "b.ts": `import "./a.ts";\nconst name = "x";\nawait import(name);\nawait import("./c.ts");`,
    "c.ts": "",
  });
  await symlink(project.path("c.ts"), project.path("linked.ts"));
  const closure = closureOf([project.path("a.ts")], project);
  expect(closure.files.map(({ path }) => path)).toEqual(["a.ts", "b.ts", "c.ts"]);
  expect(closure.missing).toEqual([
    { importer: "a.ts", specifier: "./nowhere.ts", line: 3 },
    { importer: "a.ts", specifier: "./folder", line: 4 },
    { importer: "a.ts", specifier: "https://example.org/x.ts", line: 5 },
  ]);
  expect(closure.computed).toEqual([{ importer: "b.ts", line: 3, column: 7 }]);
});

test("a module outside the root is told by its path", async () => {
  await using inside = await makeProject({});
  await using outside = await makeProject({ "x.ts": "export {};" });
  const source = `import ${JSON.stringify(new URL(`file://${outside.path("x.ts")}`).href)};`;
  const { files } = closureOf([{ path: inside.path("n.ipynb"), source }], inside);
  expect(files.map(({ path }) => path)).toEqual([expect.stringMatching(/^\.\.\/.*x\.ts$/)]);
});

test("#imports of package.json are followed", async () => {
  await using project = await makeProject({
    "a.ts": `import "#shared";\nimport "#zod";\nimport "#nothing";`,
    "shared.ts": "",
  });
  await project.write(
    "package.json",
    `{ "type": "module", "imports": { "#shared": "./shared.ts", "#zod": "zod" } }`,
  );
  const closure = closureOf([project.path("a.ts")], project);
  expect(closure.files.map(({ path }) => path)).toEqual(["a.ts", "shared.ts"]);
  expect(closure.missing.map(({ specifier }) => specifier)).toEqual(["#nothing"]);
});

test("a cache that is handed in answers for bytes it has seen", async () => {
  await using project = await makeProject(FILES);
  const cache = new Map<Digest, StoredModuleFacts>();
  const first = closureOf([project.path("notebooks/a.ts")], { ...project, cache });
  expect(cache.size).toBe(3);
  const asked: Digest[] = [];
  const watching = {
    get: (key: Digest) => cache.get(key),
    set: (key: Digest) => void asked.push(key),
  };
  expect(closureOf([project.path("notebooks/a.ts")], { ...project, cache: watching })).toEqual(
    first,
  );
  expect(asked).toEqual([]);
});

test("type-only imports are told apart from a default import called `type`", () => {
  const { imports } = moduleFacts(
    `import type { A } from "a";\nimport type from "b";\nimport type, { c } from "c";\nimport { type D } from "d";\nexport type { E } from "e";\nexport type * from "f";\nimport type * as G from "g";`,
    "x.ts",
  );
  expect(
    imports
      .filter(({ typeOnly }) => typeOnly)
      .map(({ specifier }) => specifier)
      .toSorted(),
  ).toEqual(["a", "e", "f", "g"]);
  expect(imports).toHaveLength(7);
});

test("taking comments out keeps the code's meaning", () => {
  const code = (source: string) => moduleFacts(source, "x.ts").code;
  expect(code("a /* x */ b")).toBe("a b");
  expect(code("return /* x\n */ b")).toBe("return\nb"); // the break ends the statement
  expect(code("x(); // y\r\nz();")).toBe("x();\r\nz();");
  expect(code("  // only\n  x();")).toBe("  x();");
  expect(code('const s = "// no"; const t = `/* no */\n\n// no`; // yes')).toBe(
    'const s = "// no"; const t = `/* no */\n\n// no`;',
  );
  expect(code("")).toBe("");
});
