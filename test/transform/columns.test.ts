/** Columns as transformers are given them. */
import { expect, test } from "vitest";
import { numbersOf, table } from "../../stage/index.ts";

test("numbers are doubles: what is missing or no number is NaN, dates are milliseconds", () => {
  const day = new Date("2019-07-08");
  const rows = table({ size: [1.5, null, undefined, "7", "seven", true, 8n, day] });
  expect([...numbersOf(rows, "size")]).toEqual([1.5, NaN, NaN, 7, NaN, 1, 8, day.getTime()]);
});

test("numbers are a copy, also of a column that holds doubles already", () => {
  const rows = table({ size: Float64Array.of(1, 2) });
  numbersOf(rows, "size").fill(0);
  expect([...numbersOf(rows, "size")]).toEqual([1, 2]);
});

test("only the rows that a filter kept count, in the order of the table", () => {
  const rows = table({ size: Float64Array.of(3, 1, 2) });
  expect([
    ...numbersOf(
      rows.filter((d) => d.size !== 1),
      "size",
    ),
  ]).toEqual([3, 2]);
  expect([...numbersOf(rows.orderby("size"), "size")]).toEqual([1, 2, 3]);
});

test("a column that is not there is named with those that are", () => {
  expect(() => numbersOf(table({ size: [1] }), "sise")).toThrow(/"sise".*size/s);
});
