/** Documents, notebooks and deliveries with a flaw: a clear error with its place, and nothing lost. With the real command. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { listRuns } from "../../lineage/query/runs.ts";
import { makeProject, type Project } from "../rig/project.ts";
import { executedNotebook, lastRecord, runProject, steplab } from "../rig/run.ts";
import { documentOf, MAKE, notebookOf, stepProject, type Steps } from "../rig/steps.ts";

describe("before anything runs", () => {
  const STEPS: Steps = { make: MAKE };
  let project: Project;
  beforeAll(async () => {
    project = await stepProject(STEPS);
  });
  afterAll(() => project[Symbol.asyncDispose]());

  const notebook = (): Record<string, unknown> & { cells: Record<string, unknown>[] } => ({
    cells: [],
    metadata: { kernelspec: { name: "steplab", display_name: "s" }, steplab: { template: "step" } },
    nbformat: 4,
    nbformat_minor: 5,
  });
  const document = documentOf(STEPS);

  test.each<[flaw: string, files: Record<string, string>, ...parts: string[]]>([
    [
      "a notebook that is not JSON",
      { "notebooks/make.ipynb": `{\n  "cells": [\n    {,\n` },
      "error notebook/invalid-json  notebooks/make.ipynb, line 3:6",
    ],
    [
      "a notebook of nbformat 3",
      {
        "notebooks/make.ipynb": `{ "nbformat": 3, "nbformat_minor": 0, "metadata": {}, "worksheets": [] }`,
      },
      "error notebook/unsupported-format  notebooks/make.ipynb",
    ],
    [
      "a notebook whose cells are of an unknown type",
      {
        "notebooks/make.ipynb": JSON.stringify({
          ...notebook(),
          cells: [{ cell_type: "heading", id: "a", metadata: {}, source: "" }],
        }),
      },
      "error notebook/invalid-format  notebooks/make.ipynb",
    ],
    [
      "YAML that is not YAML",
      { "PIPELINE.md": document.replace("name: make", "name: make: twice") },
      "error document/invalid-yaml  PIPELINE.md, line 10:7",
    ],
    [
      "an unknown key",
      { "PIPELINE.md": document.replace("name: make", "name: make\ncach: false") },
      "error document/unknown-key  PIPELINE.md, line 11:1",
      'did you mean "cache"?',
    ],
    [
      "a notebook outside the project",
      { "PIPELINE.md": document.replace("notebooks/make.ipynb", "../outside.ipynb") },
      "error graph/outside-project  PIPELINE.md, line 11:1",
    ],
    [
      "a notebook that is not there",
      { "PIPELINE.md": document.replace("make.ipynb", "mkae.ipynb") },
      "error graph/missing-notebook  PIPELINE.md, line 11:1",
    ],
  ])("%s is an error with its place, and exit code 2", async (_flaw, files, ...parts) => {
    for (const [path, text] of Object.entries(files)) await project.write(path, text);
    const { code, stdout, stderr } = await steplab(project, ["run"]);
    await project.write("PIPELINE.md", document);
    await project.write("notebooks/make.ipynb", notebookOf(MAKE));
    expect([code, stdout]).toEqual([2, ""]);
    for (const part of parts) expect(stderr).toContain(part);
    expect(stderr).toContain("error lint/errors\n");
    expect(listRuns(project.root)).toEqual([]);
  });

  test("a notebook saved by an older Jupyter (nbformat 4.2, cells without ids) runs, and is not changed", async () => {
    const { cells, metadata } = notebookOf(MAKE);
    const old = JSON.stringify({
      cells: cells.map(({ type, source, metadata }) => ({
        cell_type: type,
        metadata,
        source,
        ...(type === "code" && { outputs: [], execution_count: null }),
      })),
      metadata,
      nbformat: 4,
      nbformat_minor: 2,
    });
    await project.write("notebooks/make.ipynb", old);
    const { code, stderr } = await steplab(project, ["run"]);
    expect([code, stderr]).toEqual([0, expect.stringContaining("succeeded")]);
    expect(await project.read("notebooks/make.ipynb")).toBe(old);
    const executed = executedNotebook(project, lastRecord(project), "make");
    expect(executed.cells.every(({ id }) => id !== "")).toBe(true);
  });

  test("a folder without a PIPELINE.md is no project, and a document that is not there is named", async () => {
    await using empty = await makeProject({});
    const nowhere = await steplab(empty, ["run"]);
    expect([nowhere.code, nowhere.stderr]).toEqual([
      2,
      expect.stringMatching(
        /^error project\/not-found\n {2}There is no PIPELINE\.md in .* or above\./,
      ),
    ]);
    const other = await steplab(project, ["run", "other.md"]);
    expect([other.code, other.stderr]).toEqual([
      2,
      expect.stringContaining("There is no other.md in"),
    ]);
    const outside = await steplab(project, ["run", "../x.md"]);
    expect([outside.code, outside.stderr]).toEqual([
      2,
      expect.stringContaining("lies outside the project"),
    ]);
  });
});

describe("a delivery", () => {
  const HEAD = "id,price,day\n";
  const DELIVERIES: Record<string, string> = {
    sound: `${HEAD}1,2.5,2026-01-31\n2,3,2026-02-01\n`,
    wrongColumn: "id,prize,day\n1,2.5,2026-01-31\n",
    missingColumn: "id,day\n1,2026-01-31\n",
    extraColumn: "id,price,day,note\n1,2.5,2026-01-31,x\n",
    truncatedLine: `${HEAD}1,2.5,2026-01-31\n2,3`,
    badDate: `${HEAD}1,2.5,2026-01-31\n2,3,2026-02-30\n`,
    badNumber: `${HEAD}1,cheap,2026-01-31\n`,
    unclosedQuote: `${HEAD}1,"2.5,2026-01-31\n`,
    notUtf8: "",
    emptyFile: "",
  };
  let project: Project;
  let messages: Record<string, string>;
  beforeAll(async () => {
    const stage = (name: string): Steps[string] => ({
      imports: `import { z, a, parameters, inputs, outputs } from "steplab";\nimport { Row } from "./row.ts";`,
      inputs: { raw: [`a.file({ media: "text/csv" })`, `data/${name}.csv`] },
      outputs: "const output = outputs({ rows: a.table(Row) });",
      body: "await output.rows.write(input.raw.csv(Row));",
    });
    project = await stepProject(
      Object.fromEntries(Object.keys(DELIVERIES).map((name) => [name, stage(name)])),
      {},
      {
        "notebooks/row.ts": `import { z } from "steplab";\nexport const Row = z.object({ id: z.int(), price: z.number(), day: z.date() });\n`,
        ...Object.fromEntries(
          Object.entries(DELIVERIES).map(([name, text]) => [`data/${name}.csv`, text]),
        ),
        "data/notUtf8.csv": Buffer.from(`${HEAD}1,2.5,2026-01-31\xe9\n`, "latin1"),
      },
    );
    const { record } = await runProject(project);
    messages = Object.fromEntries(
      Object.entries(record.stages).map(([name, { status, error }]) => [
        name,
        error === null ? status : error.message,
      ]),
    );
  });
  afterAll(() => project[Symbol.asyncDispose]());

  test("that is sound is read", () => expect(messages["sound"]).toBe("succeeded"));
  test("with a wrong, missing or extra column is refused by the columns' names", () => {
    expect(messages["wrongColumn"]).toMatch(/price.*prize|prize.*price/s);
    expect(messages["missingColumn"]).toContain("price");
    expect(messages["extraColumn"]).toContain("note");
  });
  test("with a truncated line, a bad date or a bad number is refused with row, line and column", () => {
    expect(messages["truncatedLine"]).toMatch(/row 2.*line 3/is);
    expect(messages["badDate"]).toMatch(/row 2.*line 3.*day.*2026-02-30/is);
    expect(messages["badNumber"]).toMatch(/row 1.*line 2.*price.*cheap/is);
  });
  test("with a quote that never ends, of another encoding, or without a byte is refused in words", () => {
    expect(messages["unclosedQuote"]).toMatch(/quote/i);
    expect(messages["notUtf8"]).toMatch(/UTF-8/);
    expect(messages["emptyFile"]).toMatch(/empty|header|columns/i);
  });
  test("that is refused says so in words, not in a parser's", () => {
    for (const message of Object.values(messages))
      expect(message).not.toMatch(/Invalid Input Error|duckdb/i);
  });
});
