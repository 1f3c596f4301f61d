import { expect, test } from "vitest";
import { z } from "zod";
import { shapeOf } from "../../stage/contract/shape-of.ts";

test.each<[string, z.ZodType, unknown]>([
  ["a whole number", z.int(), { type: "int" }],
  ["the older way to say it", z.number().int().min(3), { type: "int", min: 3 }],
  ["bounds", z.number().gt(1).max(5), { type: "number", min: 1, exclusiveMin: true, max: 5 }],
  [
    "the tighter of two bounds",
    z.int().min(1).min(3).max(9).lt(9),
    { type: "int", min: 3, max: 9, exclusiveMax: true },
  ],
  ["steps", z.number().multipleOf(0.5), { type: "number", multipleOf: 0.5 }],
  ["a small integer", z.int32().nonnegative(), { type: "int", min: 0, max: 2147483647 }],
  ["a bigint", z.bigint(), { type: "bigint" }],
  ["text with lengths", z.string().min(1).max(3), { type: "string", minLength: 1, maxLength: 3 }],
  ["a pattern", z.string().regex(/^a+$/), { type: "string", pattern: "^a+$" }],
  ["a pattern with flags", z.string().regex(/^a+$/i), { type: "string", refined: true }],
  ["a format that only code can judge", z.url(), { type: "string", refined: true }],
  ["a time", z.date().min(new Date(0)), { type: "timestamp", min: "1970-01-01T00:00:00.000Z" }],
  ["a day", z.iso.date(), { type: "date" }],
  ["an enum", z.enum(["a", "b"]), { type: "enum", values: ["a", "b"] }],
  ["a literal", z.literal(3), { type: "literal", value: 3 }],
  ["several literals", z.literal(["a", "b"]), { type: "enum", values: ["a", "b"] }],
  ["a union with null", z.union([z.int(), z.null()]), { type: "int", nullable: true }],
  ["a nullable", z.string().nullable(), { type: "string", nullable: true }],
  ["an optional", z.string().optional(), { type: "string", optional: true }],
  ["a list", z.array(z.int()).min(1), { type: "array", of: { type: "int" }, minLength: 1 }],
  [
    "a pair",
    z.tuple([z.int(), z.string()]),
    { type: "tuple", of: [{ type: "int" }, { type: "string" }] },
  ],
  ["a record", z.record(z.string(), z.int()), { type: "record", of: { type: "int" } }],
  ["a default", z.int().default(3), { type: "int", default: 3 }],
  [
    "a date's default",
    z.date().default(new Date(0)),
    { type: "timestamp", default: "1970-01-01T00:00:00.000Z" },
  ],
  [
    "a description before a default",
    z.int().describe("trees").default(3),
    { type: "int", default: 3, description: "trees" },
  ],
  [
    "a description after one",
    z.int().default(3).describe("trees"),
    { type: "int", default: 3, description: "trees" },
  ],
  ["a refinement", z.int().refine((n) => n % 2 === 0), { type: "int", refined: true }],
  ["a change of the value", z.string().trim(), { type: "string", refined: true }],
  ["a transform", z.string().transform(Number), { type: "unknown", why: "a transform" }],
  ["what nobody can describe", z.instanceof(Float64Array), { type: "unknown", why: "z.custom()" }],
  [
    "a group with defaults of its own",
    z.object({ trees: z.int().default(100) }).prefault({}),
    { type: "object", fields: { trees: { type: "int", default: 100 } }, default: {} },
  ],
])("the shape of %s", (_, schema, shape) => {
  expect(shapeOf(schema)).toEqual(shape);
});
