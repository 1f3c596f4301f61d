import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Port } from "../../core/contract.ts";
import { decodeShape } from "../../core/decode.ts";
import type { Columns, Shape } from "../../core/shape.ts";
import { findIncompatibilities } from "../../pipeline/column-model.ts";

const table = (columns: Columns): Port => ({ kind: "table", columns });
const columns = (written: Columns, read: Columns) =>
  findIncompatibilities(table(written), table(read));
const fits = (written: Shape, read: Shape) => columns({ x: written }, { x: read });

const ACCEPTED: [string, Shape, Shape][] = [
  ["the same", { type: "int" }, { type: "int" }],
  ["a whole number as a number", { type: "int", min: 1, max: 9 }, { type: "number", min: 0 }],
  ["never null where null may be", { type: "date" }, { type: "date", nullable: true }],
  [
    "fewer values of an enum",
    { type: "enum", values: ["a"] },
    { type: "enum", values: ["a", "b"] },
  ],
  ["an enum as text", { type: "enum", values: ["a"] }, { type: "string" }],
  [
    "a literal as a value of an enum",
    { type: "literal", value: "a" },
    { type: "enum", values: ["a", "b"] },
  ],
  ["narrower bounds", { type: "number", min: 2, max: 3 }, { type: "number", min: 2, max: 3 }],
  [
    "an exclusive bound inside an inclusive one",
    { type: "number", min: 0, exclusiveMin: true },
    { type: "number", min: 0 },
  ],
  ["what only zod can judge", { type: "unknown", why: "a transform" }, { type: "int" }],
  [
    "one of a union",
    { type: "int" },
    { type: "union", of: [{ type: "string" }, { type: "number" }] },
  ],
];

const REFUSED: [Shape, Shape, string][] = [
  [
    { type: "number" },
    { type: "int" },
    'column "x" is written as a number, and read as a whole number',
  ],
  [
    { type: "int" },
    { type: "bigint" },
    'column "x" is written as a whole number, and read as a whole number of any size',
  ],
  [
    { type: "string", nullable: true },
    { type: "string" },
    'column "x" may be null as written, and not as read',
  ],
  [
    { type: "string", optional: true },
    { type: "string" },
    'column "x" may be missing as written, and not as read',
  ],
  [
    { type: "enum", values: ["a", "b", "c"] },
    { type: "enum", values: ["a"] },
    'column "x" may be "b" or "c" as written, and not as read',
  ],
  [
    { type: "string" },
    { type: "enum", values: ["a"] },
    'column "x" is written as text, and read as one of "a"',
  ],
  [
    { type: "date" },
    { type: "timestamp" },
    'column "x" is written as a day (YYYY-MM-DD), and read as a time (ISO 8601, such as 2019-05-26T08:30:00Z)',
  ],
];

describe("columns", () => {
  test.each(ACCEPTED)("%s can be read", (_name, written, read) => {
    expect(fits(written, read)).toEqual([]);
  });
  test.each(REFUSED.map(([written, read, message]) => ({ written, read, message })))(
    "$message",
    ({ written, read, message }) => {
      expect(fits(written, read)).toEqual([message]);
    },
  );
  test("bounds that are wider than the reader's, at either end or by exclusion", () => {
    expect(fits({ type: "number" }, { type: "number", min: 0 })).toHaveLength(1);
    expect(fits({ type: "number", min: 0, max: 9 }, { type: "number", max: 8 })).toHaveLength(1);
    expect(
      fits({ type: "number", min: 0 }, { type: "number", min: 0, exclusiveMin: true }),
    ).toHaveLength(1);
    expect(fits({ type: "int", multipleOf: 3 }, { type: "int", multipleOf: 2 })).toHaveLength(1);
    expect(fits({ type: "string", maxLength: 9 }, { type: "string", maxLength: 8 })).toHaveLength(
      1,
    );
  });
  test("a reader may know fewer columns, and a renamed one is guessed", () => {
    expect(columns({ a: { type: "int" }, b: { type: "int" } }, { a: { type: "int" } })).toEqual([]);
    expect(
      columns(
        { id: { type: "int" }, prices: { type: "number" } },
        { id: { type: "int" }, price: { type: "number" } },
      ),
    ).toEqual(['column "price" is read and not written (there is "prices")']);
    expect(columns({}, { note: { type: "string", optional: true } })).toEqual([]);
  });
});

test("kinds must be the same", () => {
  expect(findIncompatibilities(table({}), { kind: "folder" })).toEqual([
    "it is written as a table and read as a folder",
  ]);
});

test("JSON is compared inside, with the way to the member", () => {
  const json = (shape: Shape): Port => ({ kind: "json", shape });
  const object = (fields: Record<string, Shape>): Shape => ({ type: "object", fields });
  expect(
    findIncompatibilities(
      json(
        object({
          list: { type: "array", of: object({ n: { type: "number" } }) },
          free: { type: "string" },
        }),
      ),
      json(
        object({ list: { type: "array", of: object({ n: { type: "int" }, m: { type: "int" } }) } }),
      ),
    ),
  ).toEqual([
    'each of member "list" › "n" is written as a number, and read as a whole number',
    'each of member "list" › "m" is read and not written',
  ]);
  expect(
    findIncompatibilities(
      json(object({ a: { type: "int" } })),
      json({ type: "record", of: { type: "string" } }),
    ),
  ).toEqual(['member "a" is written as a whole number, and read as text']);
});

test("a model must take what its reader gives, and answer what its reader expects", () => {
  const model = (input: Columns, output: Columns): Port => ({ kind: "model", input, output });
  expect(
    findIncompatibilities(
      model(
        { size: { type: "number" }, extra: { type: "int" } },
        { price: { type: "number", nullable: true } },
      ),
      model({ size: { type: "number", nullable: true } }, { price: { type: "number" } }),
    ),
  ).toEqual([
    `the model's input column "size" may be null as given, and not as taken`,
    `the model's input column "extra" is taken and not given`,
    `the model's output column "price" may be null as written, and not as read`,
  ]);
});

test("files are told apart by their media type, where both ends say one", () => {
  const file = (media?: string): Port => ({ kind: "file", ...(media && { media }) });
  expect(findIncompatibilities(file("text/csv"), file())).toEqual([]);
  expect(findIncompatibilities(file("text/csv"), file("text/*"))).toEqual([]);
  expect(findIncompatibilities(file("text/csv"), file("application/json"))).toEqual([
    "it is written as text/csv and read as application/json",
  ]);
});

const bounds = fc
  .record({
    min: fc.option(fc.integer({ min: -5, max: 5 }), { nil: undefined }),
    max: fc.option(fc.integer({ min: -5, max: 5 }), { nil: undefined }),
    exclusiveMin: fc.boolean(),
    exclusiveMax: fc.boolean(),
  })
  .map(({ min, max, exclusiveMin, exclusiveMax }) => ({
    ...(min !== undefined && { min, ...(exclusiveMin && { exclusiveMin: true as const }) }),
    ...(max !== undefined && { max, ...(exclusiveMax && { exclusiveMax: true as const }) }),
  }));
const letters = fc.subarray(["a", "b", "c"], { minLength: 1 });
const shape: fc.Arbitrary<Shape> = fc
  .tuple(
    fc.oneof(
      bounds.map((limits) => ({ type: "int" as const, ...limits })),
      bounds.map((limits) => ({ type: "number" as const, ...limits })),
      letters.map((values) => ({ type: "enum" as const, values })),
      fc.constant({ type: "string" as const }),
      fc.constant({ type: "boolean" as const }),
      fc.constantFrom("a", 1, true).map((value) => ({ type: "literal" as const, value })),
    ),
    fc.boolean(),
  )
  .map(([base, nullable]) => ({ ...base, ...(nullable && { nullable: true as const }) }));

test("where two shapes fit, every value of the written one is read by the other: the decoder is asked", () => {
  const value = fc.oneof(
    fc.constantFrom("a", "b", "c", "d", true, false, null),
    fc.integer({ min: -7, max: 7 }),
    fc.constantFrom(0.5, -4.5),
  );
  const accepts = (by: Shape, given: unknown) => decodeShape(by, given, { from: "json" }).ok;
  fc.assert(
    fc.property(shape, shape, fc.array(value, { minLength: 5 }), (written, read, values) => {
      if (fits(written, read).length > 0) return;
      for (const each of values) if (accepts(written, each)) expect(accepts(read, each)).toBe(true);
    }),
    { numRuns: 2000 },
  );
});
