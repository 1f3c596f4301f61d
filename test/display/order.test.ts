/** The order of a chart's bars. */
import { expect, test } from "vitest";
import { plot } from "../../stage/display/index.ts";

function order(names: string[]): unknown {
  const rows = names.map((name, at) => ({ name, value: 10 - at }));
  return JSON.stringify(plot(rows, { mark: "bar", x: "value", y: "name" }).spec).match(
    /"sort":(\[[^\]]*\])/,
  )?.[1];
}

test("bars of a table with one row a value stand in the table's order", () => {
  expect(order(["room", "name", "age"])).toBe('["room","name","age"]');
});

test("bars of repeated values stand by frequency, the most frequent first", () => {
  expect(order(["room", "name", "name"])).toBe('["name","room"]');
});
