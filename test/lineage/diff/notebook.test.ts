import { expect, test } from "vitest";
import {
  codeCell,
  makeNotebook,
  markdownCell,
  type Cell,
  type Notebook,
  type Output,
} from "../../../core/notebook/index.ts";
import { diffNotebooks, type CellChange } from "../../../lineage/query/diff/notebook.ts";

const notebook = (cells: Cell[]): Notebook => makeNotebook(cells, {});
const code = (id: string, source: string, outputs: Output[] = []): Cell => ({
  ...codeCell(source, { id }),
  outputs,
});
const diff = (before: Cell[], after: Cell[]) =>
  diffNotebooks(notebook(before), notebook(after), { outputs: true });
const brief = ({ kind, id, before, after }: CellChange): string =>
  `${kind} ${id} ${before}→${after}`;
const changed = (cell: CellChange | undefined): string[] =>
  (cell?.source ?? []).flatMap(({ lines }) => lines).map(({ kind, line }) => `${kind} ${line}`);

const [A, B, C] = [
  code("a", "const rows = await input.rows.read();"),
  code("b", "const kept = rows.filter((d) => d.price > 10);\nkept.numRows();"),
  markdownCell("## What is left", { id: "c" }),
];

test("equal notebooks differ in nothing, whatever their execution counts", () => {
  const counted = { ...A, executionCount: 7 };
  expect(diff([A, B, C], [counted, B, C])).toEqual({ cells: [], same: 3 });
});

test("cells are matched by id: changed, added, removed and moved ones are told apart", () => {
  const edited = code("b", "const kept = rows.filter((d) => d.price > 20);\nkept.numRows();");
  const { cells, same } = diff([A, B, C], [C, A, edited, code("d", "1 + 1;")]);
  expect(cells.map(brief)).toEqual(["moved c 3→1", "changed b 2→3", "added d null→4"]);
  expect(changed(cells[1])).toEqual([
    "removed const kept = rows.filter((d) => d.price > 10);",
    "added const kept = rows.filter((d) => d.price > 20);",
    "same kept.numRows();",
  ]);
  expect(same).toBe(1);
  expect(diff([A, B, C], [A, C]).cells.map(brief)).toEqual(["removed b 2→null"]);
});

test("with ids made anew, cells are matched by what they hold, then by likeness", () => {
  const anew = [A, B, C].map((cell, at) => ({ ...cell, id: `new-${at}` }));
  expect(diff([A, B, C], anew).cells).toEqual([]);
  const edited = {
    ...code("x", "const kept = rows.filter((d) => d.price > 20);\nkept.numRows();"),
  };
  const replaced = code("y", "plot(other, { mark: 'bar' });");
  const { cells } = diff([A, B, C], [anew[0]!, edited, replaced]);
  expect(cells.map(brief)).toEqual(["changed x 2→2", "removed c 3→null", "added y null→3"]);
});

test("the cell a run puts in is not the notebook's: others are counted without it, as a failure names them", () => {
  const injected = codeCell("inject({ n: 1 });", { id: "i", slot: "injected-parameters" });
  const edited = code("b", "const kept = rows;");
  expect(diff([injected, A, B], [injected, A, edited]).cells.map(brief)).toEqual(["changed b 2→2"]);
  expect(diff([A], [injected, A]).cells).toEqual([]);
});

test("text outputs are compared line by line, however the stream was cut; pictures by their bytes", () => {
  const stream = (...texts: string[]): Output[] =>
    texts.map((text) => ({ output_type: "stream", name: "stdout", text }));
  const shown = (data: Record<string, string>): Output => ({
    output_type: "display_data",
    data,
    metadata: {},
  });
  expect(
    diff([code("a", "", stream("one\n", "two\n"))], [code("a", "", stream("one\ntwo\n"))]).cells,
  ).toEqual([]);
  const [said] = diff(
    [code("a", "", stream("one\n"))],
    [code("a", "", stream("\u001b[31mtwo\u001b[39m\n"))],
  ).cells;
  expect(said?.outputs).toMatchObject([{ what: "stdout", change: "changed" }]);
  expect(said?.outputs[0]?.lines[0]?.lines.map(({ line }) => line)).toEqual(["one", "two"]);
  const [picture] = diff(
    [code("a", "", [shown({ "image/png": "AAAA", "text/plain": "a chart" })])],
    [code("a", "", [shown({ "image/png": "AAAABBBB", "text/plain": "a chart" })])],
  ).cells;
  expect(picture?.outputs).toEqual([
    { what: "image/png", change: "changed", lines: [], bytesBefore: 11, bytesAfter: 15 },
  ]);
  const [table] = diff(
    [code("a", "", [shown({ "text/html": "<b>1</b>", "text/plain": "1" })])],
    [code("a", "", [shown({ "text/html": "<i>1</i>", "text/plain": "1" })])],
  ).cells;
  expect(table?.outputs).toMatchObject([{ what: "text/html", lines: [] }]);
});

test("a thousand cells without ids in common are matched without comparing all with all", () => {
  const many = (prefix: string, edit: string): Cell[] =>
    Array.from({ length: 1000 }, (_, i) =>
      code(`${prefix}${i}`, `const x${i} = ${i}${edit};\nx${i} + ${i};`),
    );
  const { cells } = diff(many("a", ""), many("b", " + 1"));
  expect(cells.every(({ kind, before, after }) => kind === "changed" && before === after)).toBe(
    true,
  );
});
