/** Reads past the inputs, as an archive has them: said as long as the line that did it stands. */
import { expect, test } from "vitest";
import { renderDiagnostic } from "../../core/render-diagnostic.ts";
import type { UndeclaredRead } from "../../lineage/record.ts";
import { applyFixes } from "../../pipeline/lint/fix.ts";
import { lint } from "../../pipeline/lint/index.ts";
import type { Project } from "../rig/project.ts";
import { runId, runRecord, stageRecord, writeRun } from "../rig/records.ts";
import { IMPORTS, processing, projectWith } from "./sound-project.ts";

const LINE = `const zones = readFileSync("data/zones.csv", "utf8");`;
const BODY = `const raw = await input.listings.read();
await output.kept.write(raw);`;
const FILES = {
  "data/zones.csv": "a\n",
  "data/more/one.txt": "1",
  "notebooks/level.ts": `export const level = (): string => process.env["LEVEL"] ?? "";\n`,
  "notebooks/process.ipynb": processing({ body: `${BODY}\n${LINE}` }),
};

const read = (change: Partial<UndeclaredRead> = {}): UndeclaredRead => ({
  kind: "file",
  name: "data/zones.csv",
  how: "read",
  places: [
    {
      at: {
        file: "notebooks/process.ipynb",
        cell: { number: 6, id: "body-1" },
        line: 1,
        column: 15,
      },
      source: LINE,
    },
  ],
  count: 1,
  ...change,
});

const said = async (project: Project) =>
  (await lint(project.root, { types: false, cacheDir: null })).diagnostics.filter(
    ({ severity }) => severity !== "information",
  );

/** What lint says once runs have read this. */
async function judged(
  project: Project,
  ...runs: (readonly UndeclaredRead[])[]
): Promise<readonly string[]> {
  for (const [n, undeclaredReads] of runs.entries()) {
    const stages = { process: stageRecord(runId(n), { undeclaredReads: [...undeclaredReads] }) };
    writeRun(project, runRecord(runId(n), { stages }));
  }
  return (await said(project)).map(renderDiagnostic);
}

test("it is said where its line is now, and not once the line is gone", async () => {
  await using project = await projectWith(FILES);
  expect(await judged(project, [read()])).toEqual([
    `warning key/undeclared-read  notebooks/process.ipynb, cell 6, line 3:15
  const zones = readFileSync("data/zones.csv", "utf8");
                ~
  Stage "process" reads data/zones.csv, which it does not declare: when that changes, its key does not, and a cached result is taken for current.
  Hint: declare it (\`npx steplab lint --fix\` does): \`zones: a.file({ media: "text/csv" })\` in the inputs cell, \`zones: data/zones.csv\` under \`inputs\` of stage "process"; then read \`await input.zones.text()\` (or \`.bytes()\`, \`.path()\`, \`.csv(schema)\`) here.`,
  ]);
  await project.write("notebooks/process.ipynb", processing({ body: BODY }));
  expect(await judged(project)).toEqual([]);
});

test("the newest run counts", async () => {
  await using project = await projectWith(FILES);
  expect(await judged(project, [read()], [])).toEqual([]);
});

test("a variable is a parameter or a secret, an address and a folder are inputs, and more than one place is named", async () => {
  await using project = await projectWith(FILES);
  const inModule = {
    at: { file: "notebooks/level.ts", line: 1, column: 48 },
    source: `export const level = (): string => process.env["LEVEL"] ?? "";`,
  };
  const reads = [
    read({ kind: "environment", name: "LEVEL", places: [inModule, ...read().places] }),
    read({ kind: "environment", name: "API_TOKEN", package: "client" }),
    read({ kind: "address", name: "https://x.org/data/rates.csv" }),
    read({ kind: "address", name: "https://x.org/rates?key=…" }),
    read({ kind: "address", name: "POST https://x.org/rates" }),
    read({ kind: "folder", name: "data/more" }),
    read({ name: "old.csv", outside: true }),
    read({ name: "data/nowhere.csv", how: "looked-at" }),
  ];
  const found = await judged(project, reads);
  expect(found.map((text) => text.split("\n").slice(-2).join("\n")).sort()).toMatchInlineSnapshot(`
    [
      "    const zones = readFileSync("data/zones.csv", "utf8");
                      ~",
      "  Stage "process" asks POST https://x.org/rates, which it does not declare: when that changes, its key does not, and a cached result is taken for current.
      Hint: only what is fetched with GET can be an input: let a stage with \`cache: false\` ask, and write what it is told to an output that others read.",
      "  Stage "process" asks https://x.org/data/rates.csv, which it does not declare: when that changes, its key does not, and a cached result is taken for current.
      Hint: declare it (\`npx steplab lint --fix\` does): \`rates: a.file({ media: "text/csv" })\` in the inputs cell, \`rates: https://x.org/data/rates.csv\` under \`inputs\` of stage "process"; then read \`await input.rates.text()\` (or \`.bytes()\`, \`.path()\`, \`.csv(schema)\`) here.",
      "  Stage "process" asks https://x.org/rates?key=…, which it does not declare: when that changes, its key does not, and a cached result is taken for current.
      Hint: declare it: an \`a.file()\` in the inputs cell, wired to the whole address in PIPELINE.md, and read that. A key that must not be shown keeps it from being an input: then let a stage with \`cache: false\` fetch it and write an output.",
      "  Stage "process" looks for data/nowhere.csv, which it does not declare: when that changes, its key does not, and a cached result is taken for current.
      Hint: declare it: \`nowhere: a.file({ media: "text/csv" })\` in the inputs cell, \`nowhere: data/nowhere.csv\` under \`inputs\` of stage "process"; then read \`await input.nowhere.text()\` (or \`.bytes()\`, \`.path()\`, \`.csv(schema)\`) here.",
      "  Stage "process" reads files of the folder data/more, which it does not declare: when that changes, its key does not, and a cached result is taken for current.
      Hint: declare it (\`npx steplab lint --fix\` does): \`more: a.folder()\` in the inputs cell, \`more: data/more\` under \`inputs\` of stage "process"; then read below \`await input.more.path()\` here.",
      "  Stage "process" reads old.csv (outside the project), which it does not declare: when that changes, its key does not, and a cached result is taken for current.
      Hint: declare it: \`old: a.file({ media: "text/csv" })\` in the inputs cell, \`old: <path of old.csv>\` under \`inputs\` of stage "process"; then read \`await input.old.text()\` (or \`.bytes()\`, \`.path()\`, \`.csv(schema)\`) here.",
      "  Stage "process" reads the environment variable API_TOKEN through the package "client", which it does not declare: when that changes, its key does not, and a cached result is taken for current.
      Hint: read it with \`secret("API_TOKEN")\` from "steplab": its value is then kept out of keys and archives.",
    ]
  `);
  expect(found.find((text) => text.includes("LEVEL"))).toContain(
    "notebooks/process.ipynb, cell 6, line 3:15: and here",
  );
});

test("--fix declares what can be an input, once, and leaves the rest of both files as it was", async () => {
  await using project = await projectWith(FILES);
  await judged(project, [
    read(),
    read({ kind: "folder", name: "data/more" }),
    read({ kind: "environment", name: "LEVEL" }),
    read({ name: "data/nowhere.csv" }),
  ]);
  const before = await project.read("PIPELINE.md");
  applyFixes(project.root, await said(project));
  expect(await project.read("PIPELINE.md")).toBe(
    before.replace(
      "inputs: { listings: collect.listings }",
      "inputs: { listings: collect.listings, zones: data/zones.csv, more: data/more }",
    ),
  );
  expect(await project.read("notebooks/process.ipynb")).toContain(
    `inputs({ listings: a.table(Listing), zones: a.file({ media: \\"text/csv\\" }), more: a.folder() });`,
  );
  const left = await said(project);
  expect(applyFixes(project.root, left)).toEqual([]);
  expect(left.map(({ code, message }) => `${code} ${message.slice(0, 64)}`)).toMatchInlineSnapshot(`
    [
      "contract/input-unread The input "zones" is never read.",
      "contract/input-unread The input "more" is never read.",
      "key/undeclared-read Stage "process" reads data/zones.csv by itself, although that is",
      "key/undeclared-read Stage "process" reads files of the folder data/more by itself, a",
      "key/undeclared-read Stage "process" reads the environment variable LEVEL, which it d",
      "key/undeclared-read Stage "process" reads data/nowhere.csv, which it does not declar",
    ]
  `);
});

test("a notebook that does not import the kinds is left to its writer", async () => {
  await using project = await projectWith({
    ...FILES,
    "notebooks/process.ipynb": processing({
      imports: IMPORTS.replace("z, a,", "z, a as kinds,"),
      inputs: `const input = inputs({ listings: kinds.table(Listing) });`,
      outputs: `const output = outputs({ kept: kinds.table(Listing) });`,
      body: `${BODY}\n${LINE}`,
    }),
  });
  await judged(project, [read()]);
  expect((await said(project)).map(({ fix }) => fix)).toEqual([undefined]);
});
