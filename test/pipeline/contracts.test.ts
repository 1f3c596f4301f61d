import { mkdir, readdir, writeFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { lint } from "../../pipeline/lint/index.ts";
import { lintFingerprint } from "../../pipeline/fingerprint.ts";
import { Compiler } from "../../pipeline/types/adapter.ts";
import { collect, IMPORTS, processing, projectWith } from "./sound-project.ts";

const PATH = "notebooks/process.ipynb";

test("contracts are read without running the body, and hold what the declarations say", async () => {
  const body = `throw new Error("the body ran");\nawait output.kept.write(input.listings);\nconst kept = await input.listings.read();`;
  await using project = await projectWith({ [PATH]: processing({ body }) });
  const { contracts } = await lint(project.root, { types: false, cacheDir: null });
  const listing = {
    id: { type: "int" },
    price: { type: "number" },
    borough: { type: "enum", values: ["Bronx", "Queens"] },
  };
  expect(Object.fromEntries(contracts)).toMatchObject({
    collect: {
      parameters: {},
      inputs: { delivery: { kind: "file", media: "text/csv" } },
      outputs: { listings: { kind: "table", columns: listing } },
    },
    process: {
      parameters: {
        minPrice: { type: "number", default: 10, description: "lowest price kept, USD" },
      },
      inputs: { listings: { kind: "table", columns: listing } },
    },
  });
});

test("a contract is evaluated once for one content: prose and the body change nothing, a schema does", async () => {
  await using project = await projectWith({});
  const cacheDir = project.path("runs/.store/contracts");
  const entries = async (): Promise<number> => (await readdir(cacheDir)).length;
  await lint(project.root, { types: false });
  expect(await entries()).toBe(2);
  await project.write(
    PATH,
    processing({
      description: "Other words.",
      imports: `${IMPORTS} // a comment`,
      checks: `check("other", kept.numRows() > 1);`,
    }),
  );
  await lint(project.root, { types: false });
  expect(await entries()).toBe(2);
  await project.write(
    "notebooks/schemas.ts",
    `${await project.read("notebooks/schemas.ts")}export const more = 1;\n`,
  );
  await lint(project.root, { types: false });
  expect(await entries()).toBe(4);
});

test("a damaged cache entry is made again", async () => {
  await using project = await projectWith({});
  await lint(project.root, { types: false });
  const cacheDir = project.path("runs/.store/contracts");
  for (const entry of await readdir(cacheDir)) await writeFile(`${cacheDir}/${entry}`, "{ half");
  const { contracts, diagnostics } = await lint(project.root, { types: false });
  expect(diagnostics).toEqual([]);
  expect([...contracts.keys()]).toEqual(["collect", "process"]);
});

test("a cache that cannot be written costs time and nothing else", async () => {
  await using project = await projectWith({ "in-the-way": "a file where the folder would be" });
  const { diagnostics } = await lint(project.root, {
    types: false,
    cacheDir: project.path("in-the-way/contracts"),
  });
  expect(diagnostics).toEqual([]);
});

test("a notebook of an installed package may be a stage", async () => {
  const document = (
    await (async () => {
      await using sound = await projectWith({});
      return sound.read("PIPELINE.md");
    })()
  ).replace("notebooks/collect.ipynb", "shared-stages/collect.ipynb");
  await using project = await projectWith({
    "PIPELINE.md": document,
    "notebooks/collect.ipynb": null,
    "test/x.test.ts": "shared-stages/collect.ipynb",
  });
  await mkdir(project.path("node_modules/shared-stages"));
  await project.write("node_modules/shared-stages/collect.ipynb", collect());
  await project.write(
    "node_modules/shared-stages/schemas.ts",
    await project.read("notebooks/schemas.ts"),
  );
  const { pipeline, contracts, diagnostics } = await lint(project.root, {
    types: false,
    cacheDir: null,
  });
  expect(diagnostics).toEqual([]);
  expect(pipeline?.stages[0]?.notebook).toBe("node_modules/shared-stages/collect.ipynb");
  expect(contracts.has("collect")).toBe(true);
});

test("only the stages asked for are judged; the document always is", async () => {
  await using project = await projectWith({
    "notebooks/collect.ipynb": collect({ body: "" }),
    [PATH]: processing({ body: "", checks: `check("x", true);` }),
  });
  const codes = async (only: string[]) =>
    (await lint(project.root, { types: false, cacheDir: null, only })).diagnostics.map(
      ({ at }) => at.file,
    );
  expect(new Set(await codes(["process"]))).toEqual(new Set([PATH]));
  expect(new Set(await codes(["notebooks/collect.ipynb"]))).toEqual(
    new Set(["notebooks/collect.ipynb"]),
  );
});

test("a folder without the document says so", async () => {
  await using project = await projectWith({ "PIPELINE.md": null });
  const { diagnostics, pipeline } = await lint(project.root);
  expect(pipeline).toBeNull();
  expect(diagnostics.map(({ code }) => code)).toEqual(["project/not-found"]);
});

test("a file that cannot be read is a finding, not a crash", async () => {
  await using project = await projectWith({ [PATH]: null, [`${PATH}/x`]: "" });
  const said = async () =>
    (await lint(project.root, { types: false, cacheDir: null })).diagnostics
      .filter(({ code }) => code !== "hygiene/no-test")
      .map(({ code, message, at }) => [code, at.file, message]);
  expect(await said()).toEqual([
    ["project/unreadable-file", PATH, "This file cannot be read: it is a folder."],
  ]);
  await project.remove("PIPELINE.md");
  await mkdir(project.path("PIPELINE.md"));
  expect(await said()).toEqual([
    ["project/unreadable-file", "PIPELINE.md", "This file cannot be read: it is a folder."],
  ]);
});

test("the fingerprint changes with everything lint depends on, and with nothing else", async () => {
  await using project = await projectWith({});
  const fingerprint = () => lintFingerprint(project.root, "PIPELINE.md");
  let last = fingerprint();
  const changes = async (path: string, text: string): Promise<boolean> => {
    await project.write(path, text);
    const changed = fingerprint() !== last;
    last = fingerprint();
    return changed;
  };
  expect(await changes("PIPELINE.md", `${await project.read("PIPELINE.md")}\n`)).toBe(true);
  expect(await changes(PATH, await project.read("notebooks/collect.ipynb"))).toBe(true);
  expect(await changes("notebooks/schemas.ts", "export {};")).toBe(true);
  expect(await changes("tsconfig.json", "{}")).toBe(true);
  expect(await changes("package-lock.json", "{}")).toBe(true);
  expect(await changes("templates/own.ipynb", "{}")).toBe(true);
  expect(await changes("notebooks/runs/x.ts", "export {};")).toBe(true);
  expect(await changes("data/listings.csv", "id\n1\n")).toBe(false);
  expect(await changes("runs/x/PIPELINE.md", "x")).toBe(false);
  expect(await changes("README.md", "x")).toBe(false);
  expect(last).toMatch(/^sha256:/);
});

test("a compiler that cannot answer is an error of the outside world", async () => {
  await using project = await projectWith({});
  using compiler = new Compiler(project.root);
  compiler.update(new Map());
  expect(() => compiler.diagnostics(project.path("nowhere.ts"))).toThrow(
    expect.objectContaining({ code: "types/compiler-failed" }),
  );
});
