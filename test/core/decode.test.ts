import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decodeParameters, decodeShape, encodeShape, type Source } from "../../core/decode.ts";
import type { Shape } from "../../core/shape.ts";

function read(shape: Shape, value: unknown, from: Source = "yaml"): unknown {
  const decoded = decodeShape(shape, value, { from });
  if (!decoded.ok) return decoded.problems.map(({ path, message }) => `${path}: ${message}`);
  return decoded.value;
}

describe("values from YAML", () => {
  test("a number that is no whole number is refused where one is wanted", () => {
    expect(read({ type: "int" }, 1.5)).toEqual([": 1.5 is not a whole number."]);
  });
  test("text is never a number", () => {
    expect(read({ type: "number" }, "12")).toEqual([': "12" is not a number.']);
  });
  test("a number is never text, and the message says to quote it", () => {
    expect(read({ type: "string" }, 2024)).toEqual([": 2024 is not text. Write it in quotes."]);
  });
  test("bounds are named in the message", () => {
    const price: Shape = { type: "number", min: 0, exclusiveMin: true, max: 350 };
    expect(read(price, 350)).toBe(350);
    expect(read(price, 0)).toEqual([
      ": 0 is too small; it must be a number above 0 and at most 350.",
    ]);
  });
  test.each<[Shape, unknown, string]>([
    [{ type: "number", min: 0, max: 1 }, 5, "5 is too large; it must be a number from 0 to 1."],
    [{ type: "number", min: 0, max: 1 }, "5", '"5" is not a number from 0 to 1.'],
    [{ type: "int", min: 1 }, 0, "0 is too small; it must be a whole number of at least 1."],
    [{ type: "int", min: 1 }, 0.5, "0.5 is not a whole number of at least 1."],
    [{ type: "int", multipleOf: 5 }, 7, "7 is not a whole number that is a multiple of 5."],
    [
      { type: "number", min: 0, max: 1, exclusiveMax: true },
      1,
      "1 is too large; it must be a number of at least 0 and below 1.",
    ],
    [
      { type: "string", minLength: 2 },
      "a",
      '"a" is too short; it must be text of at least 2 characters.',
    ],
    [
      { type: "string", minLength: 1, maxLength: 1 },
      "ab",
      '"ab" is too long; it must be text of 1 character.',
    ],
    [{ type: "string", pattern: "^[A-Z]+$" }, "ab", '"ab" is not text like /^[A-Z]+$/.'],
    [
      { type: "string", format: "email", pattern: "@" },
      "ab",
      '"ab" is not text of the form "email".',
    ],
    [{ type: "boolean", nullable: true }, "yes", '"yes" is not true or false, or null.'],
    [{ type: "literal", value: 3 }, 4, "4 is not 3."],
    [
      { type: "timestamp", min: "2019-01-01" },
      "2018-01-01",
      '"2018-01-01" is too early; it must be a time from 2019-01-01.',
    ],
    [
      { type: "array", of: { type: "int" }, minLength: 1, maxLength: 3 },
      [],
      "[] is too short; it must be a list of 1 to 3 items, each a whole number.",
    ],
    [
      { type: "tuple", of: [{ type: "int" }, { type: "int" }] },
      [1],
      "[1] is too short; it must be a list of 2 items.",
    ],
    [
      { type: "record", of: { type: "int" } },
      5,
      "5 is not a group of values (name: value), each a whole number.",
    ],
  ])("%j says of %j: %s", (shape, value, message) => {
    expect(read(shape, value)).toEqual([`: ${message}`]);
  });
  test("a near miss of an enum is guessed", () => {
    expect(read({ type: "enum", values: ["gbdt", "network"] }, "gdbt")).toEqual([
      ': "gdbt" is not one of "gbdt", "network". Did you mean "gbdt"?',
    ]);
  });
  test("a time is ISO 8601, and UTC where no zone is given", () => {
    expect(read({ type: "timestamp" }, "2019-05-26")).toEqual(new Date("2019-05-26T00:00:00Z"));
    expect(read({ type: "timestamp" }, "2019-05-26T08:30")).toEqual(
      new Date("2019-05-26T08:30:00Z"),
    );
    expect(read({ type: "timestamp" }, "2019-05-26 08:30:00+02:00")).toEqual(
      new Date("2019-05-26T06:30:00Z"),
    );
  });
  test("a day that the calendar does not have is refused", () => {
    expect(read({ type: "date" }, "2019-02-29")).toEqual([
      ': "2019-02-29" is not a day (YYYY-MM-DD).',
    ]);
    expect(read({ type: "timestamp" }, "2019-02-29")).toHaveLength(1);
  });
});

describe("values from a command line", () => {
  test.each<[Shape, string, unknown]>([
    [{ type: "int" }, "50", 50],
    [{ type: "number" }, "1e-3", 0.001],
    [{ type: "bigint" }, "9007199254740993", 9007199254740993n],
    [{ type: "boolean" }, "false", false],
    [{ type: "string" }, "007", "007"],
    [{ type: "enum", values: ["1", "2"] }, "1", "1"],
    [{ type: "int", nullable: true }, "null", null],
    [{ type: "array", of: { type: "int" } }, "[1, 2]", [1, 2]],
    [
      {
        type: "object",
        fields: { trees: { type: "int" }, rate: { type: "number", default: 0.1 } },
      },
      '{ "trees": 5 }',
      { trees: 5, rate: 0.1 },
    ],
  ])("%j reads %s", (shape, text, value) => {
    expect(read(shape, text, "text")).toEqual(value);
  });
  test("an empty text is no number", () => {
    expect(read({ type: "number" }, "", "text")).toEqual([': "" is not a number.']);
  });
});

describe("a stage's parameters", () => {
  const shapes: Record<string, Shape> = {
    minPrice: { type: "number", default: 10 },
    gbdt: {
      type: "object",
      default: {},
      fields: { trees: { type: "int", default: 100 }, rate: { type: "number", default: 0.15 } },
    },
    until: { type: "timestamp", default: "2019-07-08T00:00:00.000Z" },
  };
  test("defaults are filled, nested ones too", () => {
    expect(decodeParameters(shapes, { gbdt: { trees: 50 } })).toEqual({
      values: {
        minPrice: 10,
        gbdt: { trees: 50, rate: 0.15 },
        until: "2019-07-08T00:00:00.000Z",
      },
      problems: [],
    });
  });
  test("every unknown name is a problem, nested ones too, and the nearest is named", () => {
    const { problems } = decodeParameters(shapes, { minprice: 5, gbdt: { tree: 5 } });
    expect(problems.map(({ path, message }) => [path, message])).toEqual([
      ["gbdt.tree", 'There is no parameter of this name: did you mean "trees"?'],
      ["minprice", 'There is no parameter of this name: did you mean "minPrice"?'],
    ]);
  });
  test("a parameter without default must be given", () => {
    const { problems } = decodeParameters({ city: { type: "string" } }, {});
    expect(problems).toEqual([
      { path: "city", message: "No value is given, and there is no default; it must be text." },
    ]);
  });
  test("a default is no way around a bound that was given", () => {
    const bounded: Shape = { type: "int", max: 5, default: 3 };
    expect(decodeParameters({ bounded }, { bounded: 9 }).problems).toHaveLength(1);
  });
  test("no name reaches into the prototype", () => {
    const { problems } = decodeParameters({}, JSON.parse('{"__proto__": 1, "constructor": 2}'));
    expect(problems.map(({ path }) => path)).toEqual(["__proto__", "constructor"]);
  });
});

test("what is encoded reads back as it was", () => {
  const shape: Shape = {
    type: "object",
    fields: {
      at: { type: "timestamp" },
      big: { type: "bigint" },
      list: { type: "array", of: { type: "timestamp", nullable: true } },
    },
  };
  const date = fc.date({
    noInvalidDate: true,
    min: new Date("0001-01-01"),
    max: new Date("9999-12-31"),
  });
  const value = fc.record({ at: date, big: fc.bigInt(), list: fc.array(fc.option(date)) });
  fc.assert(
    fc.property(value, (given) => {
      const encoded = JSON.parse(JSON.stringify(encodeShape(shape, given))) as unknown;
      expect(decodeShape(shape, encoded, { from: "json" })).toEqual({ ok: true, value: given });
    }),
  );
});
