import { table as arqueroTable } from "arquero";
import { describe, expect, test } from "vitest";
import { tableBundle } from "../../stage/display/table-bundle.ts";
import { textOf } from "./fake-host.ts";

const text = (value: unknown): string => textOf(tableBundle(value), "text/plain");
const html = (value: unknown): string => textOf(tableBundle(value), "text/html");

describe("a table as text", () => {
  test("stands in columns, numbers to the right with their points in line, under names and types", () => {
    const rows = [
      { id: 1, name: "Loft", price: 99.5, since: new Date("2019-05-26") },
      { id: 20, name: "Room", price: 1200, since: null },
    ];
    expect(text(rows)).toBe(
      [
        "    id  name   price  since",
        "   int  text  number  timestamp",
        "1    1  Loft    99.5  2019-05-26",
        "2   20  Room  1200.0  null",
        "2 rows × 4 columns",
      ].join("\n"),
    );
  });

  test("shows the first and last five rows of a long one, with row numbers from 1", () => {
    const long = arqueroTable({ n: Array.from({ length: 20_000 }, (_, i) => i) });
    const lines = text(long).split("\n");
    expect(lines.map((line) => line.trim().split(/ +/)[0])).toEqual([
      "n",
      "int",
      "1",
      "2",
      "3",
      "4",
      "5",
      "…",
      "19,996",
      "19,997",
      "19,998",
      "19,999",
      "20,000",
      "20,000",
    ]);
    expect(lines.at(-1)).toBe("20,000 rows × 1 column");
  });

  test("follows the filter and order of the table", () => {
    const table = arqueroTable({ n: [3, 1, 2] });
    const shown = table.filter("d => d.n > 1").orderby("n");
    expect(text(shown).split("\n").slice(2)).toEqual(["1    2", "2    3", "2 rows × 1 column"]);
  });

  test("keeps one line a row and its columns in line, whatever the text holds", () => {
    const rows = [
      { name: "two\nlines", n: 1 },
      { name: "房间 🏠", n: 2 },
      { name: "\u001b[31mred", n: 3 },
    ];
    expect(text(rows).split("\n").slice(2)).toEqual([
      "1  two␊lines    1",
      "2  房间 🏠      2",
      "3  ␛[31mred     3",
      "3 rows × 2 columns",
    ]);
  });

  test("leaves out columns in the middle when they do not fit", () => {
    const wide = [
      Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`column_${i}`, "x".repeat(20)])),
    ];
    const head = text(wide).split("\n")[0] ?? "";
    expect(head).toMatch(/column_0 .*…  .*column_19$/);
    expect(head.length).toBeLessThanOrEqual(120);
  });

  test("an empty one still says its columns", () => {
    expect(text(arqueroTable({ id: [], name: [] }))).toContain("0 rows × 2 columns");
  });
});

describe("a table as HTML", () => {
  test("never lets data become markup, in cells, names or types", () => {
    const evil = `<script>alert(1)</script><img src=x onerror="alert(2)">`;
    const shown = html([{ [evil]: evil }, { [evil]: `"'&` }]);
    expect(shown).not.toMatch(/<script|<img/i);
    expect(shown).toContain("&lt;script&gt;");
    expect(shown).toContain("&quot;&#39;&amp;");
  });

  test("shows a missing value apart from the text that spells it", () => {
    const shown = html([{ a: null }, { a: "null" }]);
    expect(shown).toContain(`<i style="opacity:0.5">null</i>`);
    expect(shown).toContain(`<td style="text-align:left;white-space:nowrap">null</td>`);
  });

  test("takes the types of the header from the schema where there is one", () => {
    const bundle = tableBundle([{ id: 1 }], { columns: { id: { type: "bigint" } } });
    expect(textOf(bundle, "text/html")).toContain("bigint");
  });

  test("reads only the rows it shows, of a million", () => {
    const read = new Set<number>();
    const column = { length: 1_000_000, at: (row: number) => (read.add(row), row) };
    tableBundle({ rows: 1_000_000, names: ["n"], reader: () => column.at });
    expect([...read].sort((a, b) => a - b)).toEqual([
      0, 1, 2, 3, 4, 999_995, 999_996, 999_997, 999_998, 999_999,
    ]);
  });
});
