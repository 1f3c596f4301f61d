/**
 * What a zod schema says, as a {@link Shape}: the one place that reads zod's definitions.
 *
 * `z.toJSONSchema` is not enough: it drops refinements silently and throws for dates and transforms. Here
 * nothing is dropped: a rule that data cannot express sets `refined`, and a type that no shape describes is
 * `unknown` with the reason; zod then has the last word when the notebook runs.
 */
import type { z } from "zod";
import { encodeShape } from "../../core/decode.ts";
import type { Columns, NumberBounds, Shape } from "../../core/shape.ts";

type Schema = z.core.$ZodType;
type Check = z.core.$ZodCheck;
type NumberShape = NumberBounds & { type: "int" | "number"; refined?: true };
type TextShape = Extract<Shape, { type: "string" }>;

/** The shape of a schema. Never throws: what it cannot describe is `unknown`. */
export function shapeOf(schema: Schema): Shape {
  const shape = describe(schema);
  const description = descriptionOf(schema);
  return description === undefined ? shape : { ...shape, description };
}

/** The columns of a table's schema, in its order. Which of them can be stored is `stage/artifact/columns.ts`'s to say. */
export function columnsOf(schema: z.ZodObject): Columns {
  return Object.fromEntries(
    Object.entries(schema.shape).map(([name, column]) => [name, shapeOf(column)]),
  );
}

/** True when rules span columns (`z.object({…}).refine(…)`): only whole rows can be judged. */
export function hasRowRules(schema: z.ZodObject): boolean {
  return checksOf(schema).length > 0;
}

function describe(schema: Schema): Shape {
  const { def } = (schema as z.core.$ZodTypes)._zod; // every schema zod makes is one of this union
  switch (def.type) {
    case "string":
      return describeText(schema);
    case "number":
      return describeNumber(schema);
    case "bigint":
      return { type: "bigint", ...(checksOf(schema).length > 0 && { refined: true as const }) };
    case "boolean":
      return withRefinements({ type: "boolean" }, schema);
    case "date":
      return describeDate(schema);
    case "null":
      return { type: "literal", value: null };
    case "enum":
      return withRefinements(describeValues(Object.values(def.entries)), schema);
    case "literal":
      return withRefinements(describeValues(def.values), schema);
    case "object":
      return describeObject(schema, def.shape, def.catchall);
    case "array":
      return describeArray(schema, def.element);
    case "tuple":
      if (def.rest !== null) return unknown("a tuple with a rest");
      return withRefinements({ type: "tuple", of: def.items.map(shapeOf) }, schema);
    case "record":
      return withRefinements({ type: "record", of: shapeOf(def.valueType) }, schema);
    case "union":
      return describeUnion(schema, def.options);
    case "nullable":
      return { ...shapeOf(def.innerType), nullable: true };
    case "optional":
      return { ...shapeOf(def.innerType), optional: true };
    case "nonoptional":
    case "readonly":
      return shapeOf(def.innerType);
    case "default":
    case "prefault":
      return withDefault(shapeOf(def.innerType), def.defaultValue);
    case "pipe":
    case "transform":
      return unknown("a transform");
    default:
      return unknown(`z.${def.type}()`);
  }
}

function unknown(why: string): Shape {
  return { type: "unknown", why };
}

function withDefault(shape: Shape, value: unknown): Shape {
  const { optional: _, ...rest } = shape; // with a default a value is always there
  return { ...rest, default: encodeShape(shape, value) };
}

/** `.describe("…").default(3)` leaves the description on the inner schema: look there too. */
function descriptionOf(schema: Schema): string | undefined {
  const { description } = schema as z.ZodType; // classic schemas only: `z` is what notebooks import
  if (description !== undefined) return description;
  const { def } = (schema as z.core.$ZodTypes)._zod; // as in `describe`
  return "innerType" in def ? descriptionOf(def.innerType) : undefined;
}

/**
 * A schema's rules. `z.int()` and `z.email()` are schema and rule in one; that rule is given first.
 */
function checksOf(schema: Schema): Check[] {
  const { def } = (schema as z.ZodType)._zod; // classic schemas only
  const own = "check" in def ? [schema as unknown as Check] : []; // such a schema is its own check
  return [...own, ...(def.checks ?? [])];
}

type Rule = z.core.$ZodChecks["_zod"]["def"];

function rulesOf(schema: Schema): Rule[] {
  return checksOf(schema).map((check) => (check as z.core.$ZodChecks)._zod.def); // the union of zod's own checks
}

function withRefinements<S extends Shape>(shape: S, schema: Schema): S {
  return rulesOf(schema).length > 0 ? { ...shape, refined: true } : shape;
}

/** What each integer and float format of zod admits; z.int() is "safeint". */
const NUMBER_FORMATS: Record<string, NumberBounds & { int?: true }> = {
  safeint: { int: true },
  int32: { int: true, min: -2147483648, max: 2147483647 },
  uint32: { int: true, min: 0, max: 4294967295 },
  float64: {},
  float32: { min: -3.4028234663852886e38, max: 3.4028234663852886e38 },
};

function describeNumber(schema: Schema): Shape {
  const shape: NumberShape = { type: "number" };
  for (const rule of rulesOf(schema)) {
    if (rule.check === "number_format") {
      const format = NUMBER_FORMATS[rule.format];
      if (format?.int) shape.type = "int";
      if (format?.min !== undefined) raiseMin(shape, format.min, true);
      if (format?.max !== undefined) lowerMax(shape, format.max, true);
    } else if (rule.check === "greater_than") raiseMin(shape, Number(rule.value), rule.inclusive);
    else if (rule.check === "less_than") lowerMax(shape, Number(rule.value), rule.inclusive);
    else if (rule.check === "multiple_of" && shape.multipleOf === undefined)
      shape.multipleOf = Number(rule.value);
    else shape.refined = true;
  }
  return shape;
}

function raiseMin(shape: NumberShape, min: number, inclusive: boolean): void {
  const looser = shape.min !== undefined && (min < shape.min || (min === shape.min && inclusive));
  if (looser) return;
  shape.min = min;
  if (inclusive) delete shape.exclusiveMin;
  else shape.exclusiveMin = true;
}

function lowerMax(shape: NumberShape, max: number, inclusive: boolean): void {
  const looser = shape.max !== undefined && (max > shape.max || (max === shape.max && inclusive));
  if (looser) return;
  shape.max = max;
  if (inclusive) delete shape.exclusiveMax;
  else shape.exclusiveMax = true;
}

/** Formats that their pattern says whole; others (url, jwt, base64) do more in code, so they are refined. */
const PATTERN_FORMATS = new Set(
  "regex starts_with ends_with includes lowercase uppercase email uuid datetime time duration ulid nanoid cuid cuid2".split(
    " ",
  ),
);

function describeText(schema: Schema): Shape {
  const shape: TextShape = { type: "string" };
  let isDay = false;
  for (const rule of rulesOf(schema)) {
    if (rule.check === "min_length") shape.minLength = Math.max(shape.minLength ?? 0, rule.minimum);
    else if (rule.check === "max_length")
      shape.maxLength = Math.min(shape.maxLength ?? Infinity, rule.maximum);
    else if (rule.check === "length_equals") {
      shape.minLength = Math.max(shape.minLength ?? 0, rule.length);
      shape.maxLength = Math.min(shape.maxLength ?? Infinity, rule.length);
    } else if (rule.check === "string_format") {
      if (rule.format === "date") isDay = true;
      else if (!takePattern(shape, rule.format, rule.pattern)) shape.refined = true;
    } else shape.refined = true;
  }
  if (!isDay) return shape;
  const more = rulesOf(schema).length > 1;
  return { type: "date", ...(more && { refined: true as const }) };
}

/** A shape holds one pattern without flags; a second one, or flags, are left to zod. */
function takePattern(shape: TextShape, format: string, pattern: RegExp | undefined): boolean {
  if (pattern === undefined || pattern.flags !== "" || shape.pattern !== undefined) return false;
  if (!PATTERN_FORMATS.has(format)) return false;
  shape.pattern = pattern.source;
  const named = !["regex", "starts_with", "ends_with", "includes"].includes(format);
  if (named) shape.format = format;
  return true;
}

function describeDate(schema: Schema): Shape {
  const shape: Extract<Shape, { type: "timestamp" }> = { type: "timestamp" };
  for (const rule of rulesOf(schema)) {
    const bound = "value" in rule && rule.value instanceof Date ? rule.value.toISOString() : null;
    if (rule.check === "greater_than" && rule.inclusive && bound !== null) shape.min = bound;
    else if (rule.check === "less_than" && rule.inclusive && bound !== null) shape.max = bound;
    else shape.refined = true;
  }
  return shape;
}

function describeValues(values: readonly unknown[]): Shape {
  if (values.length > 1 && values.every((value) => typeof value === "string"))
    return { type: "enum", values: [...values] };
  const shapes = values.map((value): Shape => {
    const plain = value === null || ["string", "number", "boolean"].includes(typeof value);
    return plain
      ? { type: "literal", value: value as string | number | boolean | null } // seen on the line above
      : unknown(`a literal ${typeof value}`);
  });
  const [only] = shapes;
  return shapes.length === 1 && only !== undefined ? only : { type: "union", of: shapes };
}

function describeObject(
  schema: Schema,
  fields: Readonly<Record<string, Schema>>,
  catchall: Schema | undefined,
): Shape {
  const rest = (catchall as z.core.$ZodTypes | undefined)?._zod.def.type; // as in `describe`
  if (rest !== undefined && rest !== "never") return unknown("an object with further keys");
  const shapes = Object.entries(fields).map(([name, field]) => [name, shapeOf(field)] as const);
  return withRefinements({ type: "object", fields: Object.fromEntries(shapes) }, schema);
}

function describeArray(schema: Schema, element: Schema): Shape {
  const shape: Extract<Shape, { type: "array" }> = { type: "array", of: shapeOf(element) };
  for (const rule of rulesOf(schema)) {
    if (rule.check === "min_length") shape.minLength = rule.minimum;
    else if (rule.check === "max_length") shape.maxLength = rule.maximum;
    else if (rule.check === "length_equals") shape.minLength = shape.maxLength = rule.length;
    else shape.refined = true;
  }
  return shape;
}

/** A union with null is a nullable rest: columns know no other way to say it. */
function describeUnion(schema: Schema, options: readonly Schema[]): Shape {
  const shapes = options.map(shapeOf);
  const rest = shapes.filter((shape) => !(shape.type === "literal" && shape.value === null));
  const [only] = rest;
  const shape: Shape = rest.length === 1 && only !== undefined ? only : { type: "union", of: rest };
  const nullable = rest.length < shapes.length || shape.nullable === true;
  return withRefinements(nullable ? { ...shape, nullable: true } : shape, schema);
}
