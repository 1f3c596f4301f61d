import { readFileSync } from "node:fs";
import fc from "fast-check";
import { expect, test } from "vitest";
import {
  codeCell,
  makeNotebook,
  markdownCell,
  readNotebook,
  withCells,
  writeNotebook,
  type Output,
} from "../../core/notebook/index.ts";
import { schemaFaults } from "./schema.ts";

const fixture = (name: string) =>
  readFileSync(new URL(`fixtures/${name}`, import.meta.url), "utf8");

test("what Jupyter wrote is written again byte by byte", () => {
  // Made by Python's json as nbformat's JSONWriter calls it: sorted keys, indent 1, lines split with their ends.
  const text = fixture("as-jupyter-writes.ipynb");
  const { notebook, diagnostics } = readNotebook(text, "x.ipynb");
  expect(diagnostics).toEqual([]);
  expect(notebook && writeNotebook(notebook)).toBe(text);
});

test("what Jupyter leaves out of a file is left out: how it was upgraded, and whom it trusts", () => {
  const notebook = makeNotebook(
    [codeCell("1", { metadata: { trusted: true, tags: ["checks"] } })],
    {
      orig_nbformat: 4,
      orig_nbformat_minor: 2,
    },
  );
  expect(JSON.parse(writeNotebook(notebook))).toMatchObject({
    cells: [{ metadata: { tags: ["checks"] } }],
    metadata: {},
  });
  expect(writeNotebook(notebook)).not.toContain("trusted");
});

const json = fc.jsonValue({ maxDepth: 3 }).filter((value) => value !== null);
const metadata = fc.dictionary(fc.stringMatching(/^[a-z_]{1,8}$/), json, { maxKeys: 3 });
const bundle = fc.record({ "text/plain": fc.string(), "application/json": json });
const output: fc.Arbitrary<Output> = fc.oneof(
  fc.record({
    output_type: fc.constant("stream" as const),
    name: fc.constantFrom("stdout" as const, "stderr" as const),
    text: fc.string(),
  }),
  fc.record({
    output_type: fc.constant("display_data" as const),
    data: bundle,
    metadata: fc.constant({}),
  }),
  fc.record({
    output_type: fc.constant("execute_result" as const),
    data: bundle,
    metadata: fc.constant({}),
    execution_count: fc.nat(),
  }),
  fc.record({
    output_type: fc.constant("error" as const),
    ename: fc.string(),
    evalue: fc.string(),
    traceback: fc.array(fc.string()),
  }),
) as fc.Arbitrary<Output>; // fast-check's JSON is unknown
const cell = fc
  .record({
    markdown: fc.boolean(),
    source: fc.string({ unit: "grapheme" }),
    slot: fc.constantFrom(null, "checks" as const, "scratch" as const),
    extra: metadata,
    outputs: fc.array(output, { maxLength: 3 }),
  })
  .map(({ markdown, source, slot, extra, outputs }) =>
    markdown
      ? markdownCell(source, { slot, metadata: { ...extra, name: "n", format: "f" } })
      : { ...codeCell(source, { slot, metadata: { ...extra, name: "n" } }), outputs },
  );

test("any notebook survives writing and reading, and what is written is valid by the official schema", () => {
  fc.assert(
    fc.property(fc.array(cell, { maxLength: 5 }), (cells) => {
      const notebook = makeNotebook(cells, { steplab: { template: "process" } });
      const text = writeNotebook(notebook);
      expect(schemaFaults(JSON.parse(text))).toEqual([]);
      const again = readNotebook(text, "x.ipynb");
      expect(again.diagnostics).toEqual([]);
      // JSON has no undefined and one zero.
      expect(again.notebook).toEqual(JSON.parse(JSON.stringify(notebook)));
      expect(again.notebook && writeNotebook(again.notebook)).toBe(text);
    }),
    { numRuns: 60 },
  );
});

test("cells get numbers and ids of their own; present ids stay", () => {
  const notebook = makeNotebook([codeCell("1", { id: "mine" }), codeCell("2"), codeCell("2")]);
  const ids = notebook.cells.map(({ id }) => id);
  expect(new Set(ids).size).toBe(3);
  const swapped = withCells(notebook, notebook.cells.toReversed());
  expect(swapped.cells.map(({ id, number }) => [number, id])).toEqual([
    [1, ids[2]],
    [2, ids[1]],
    [3, "mine"],
  ]);
});
