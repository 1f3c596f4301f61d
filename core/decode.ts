/**
 * From what people and files write (YAML, a command line's text, JSON) to typed values, and back to JSON.
 *
 * The one decoder of parameters: PIPELINE.md, `-p`, `inject`, the record and later the scoring server
 * all come through here, judged by a {@link Shape}, so that no zod is needed where no notebook runs.
 * Where a shape says `refined`, zod has the last word when the notebook does run.
 */
import { describeShape, outside, sayMisfit, showValue } from "./describe-shape.ts";
import { didYouMean } from "./did-you-mean.ts";
import type { Json } from "./json.ts";
import type { NumberBounds, Shape } from "./shape.ts";

/**
 * Where a value was written, which decides how far it may be read:
 * `text` knows only strings (`-p`), `yaml` knows numbers and booleans, `json` is our own encoding
 * (dates and bigints are strings there, so they are in `yaml` and `text`).
 */
export type Source = "yaml" | "text" | "json";

export interface Problem {
  /** `gbdt.trees`, `bounds[2]`; empty for the value itself. */
  path: string;
  /** A whole sentence without its place, with what would have been right: `"many" is not a whole number.` */
  message: string;
}

export type Decoded = { ok: true; value: unknown } | { ok: false; problems: Problem[] };

/**
 * Reads one value by its shape: fills defaults (nested ones too), makes dates and bigints of their text, and
 * collects every problem rather than the first. Unknown keys of objects are problems.
 */
export function decodeShape(shape: Shape, value: unknown, options: { from: Source }): Decoded {
  const problems: Problem[] = [];
  const decoded = decode(shape, value, { from: options.from, path: "", problems });
  return problems.length === 0 ? { ok: true, value: decoded } : { ok: false, problems };
}

/**
 * Named values by their shapes, typed, defaults filled. `problems` name their value in `path`; `values` holds
 * what could be read all the same.
 */
export function decodeValues(
  shapes: Record<string, Shape>,
  given: Record<string, unknown>,
  options: { from: Source },
): { values: Record<string, unknown>; problems: Problem[] } {
  const problems: Problem[] = [];
  const values = decodeFields(shapes, given, { from: options.from, path: "", problems });
  return { values, problems };
}

/** The same, encoded as JSON again: the resolved parameters that a key, a record and an `inject` cell hold. */
export function decodeParameters(
  shapes: Record<string, Shape>,
  given: Record<string, unknown>,
  options: { from?: Source } = {},
): { values: Record<string, Json>; problems: Problem[] } {
  const { values, problems } = decodeValues(shapes, given, { from: options.from ?? "yaml" });
  const encoded = Object.entries(values).map(([name, value]) => [
    name,
    encodeShape(shapes[name] ?? UNKNOWN, value),
  ]);
  return { values: Object.fromEntries(encoded) as Record<string, Json>, problems }; // encodeShape gives Json
}

/** A typed value as JSON: dates as ISO 8601, bigints as decimal strings. Reads back with `from: "json"`. */
export function encodeShape(shape: Shape, value: unknown): Json {
  if (value === null || value === undefined) return null;
  if (value instanceof Date) return value.toISOString();
  if (typeof value === "bigint") return value.toString();
  if (Array.isArray(value)) {
    const items = shape.type === "array" ? shape.of : UNKNOWN;
    return value.map((item, index) =>
      encodeShape(shape.type === "tuple" ? (shape.of[index] ?? UNKNOWN) : items, item),
    );
  }
  if (typeof value === "object") {
    const encoded: Record<string, Json> = {};
    for (const [key, member] of Object.entries(value)) {
      if (member !== undefined) encoded[key] = encodeShape(memberShape(shape, key), member);
    }
    return encoded;
  }
  if (typeof value === "string" || typeof value === "number" || typeof value === "boolean")
    return value;
  throw new TypeError(`a ${typeof value} has no JSON form`);
}

const UNKNOWN: Shape = { type: "unknown", why: "not described" };

interface Context {
  from: Source;
  path: string;
  problems: Problem[];
}

function decode(shape: Shape, value: unknown, context: Context): unknown {
  if (value === undefined) return decodeMissing(shape, context);
  if (shape.nullable && (value === null || (context.from === "text" && value === "null")))
    return null;
  switch (shape.type) {
    case "int":
    case "number":
      return decodeNumber(shape, value, context);
    case "bigint":
      return decodeBigint(shape, value, context);
    case "string":
      return decodeString(shape, value, context);
    case "boolean":
      return decodeBoolean(shape, value, context);
    case "timestamp":
      return decodeTimestamp(shape, value, context);
    case "date":
      return isDateText(value) ? value : wrong(shape, value, context);
    case "enum":
      return decodeEnum(shape, value, context);
    case "literal":
      return decodeLiteral(shape, value, context);
    case "object":
      return decodeObject(shape, value, context);
    case "record":
      return decodeRecord(shape, value, context);
    case "array":
    case "tuple":
      return decodeList(shape, value, context);
    case "union":
      return decodeUnion(shape, value, context);
    case "unknown":
      return value;
  }
}

function decodeMissing(shape: Shape, context: Context): unknown {
  // The default is our own JSON, and goes through the shape again: a nested default ({} for a group of
  // parameters) is completed by the defaults of its members.
  if (shape.default !== undefined)
    return decode(shape, shape.default, { ...context, from: "json" });
  if (shape.optional) return undefined;
  if (shape.type === "unknown") return undefined; // zod may well have its own idea of a missing value
  const message = `No value is given, and there is no default; it must be ${describeShape(shape)}.`;
  context.problems.push({ path: context.path, message });
  return undefined;
}

function decodeNumber(
  shape: Extract<Shape, { type: "int" | "number" }>,
  value: unknown,
  context: Context,
): unknown {
  const number = context.from === "text" && typeof value === "string" ? numberOf(value) : value;
  if (typeof number !== "number" || !Number.isFinite(number)) return wrong(shape, value, context);
  const fits = shape.type === "number" || Number.isSafeInteger(number);
  if (fits && isWithin(shape, number)) return number;
  return wrong(shape, number, context, { shown: showValue(value) });
}

function numberOf(text: string): number {
  return text.trim() === "" ? Number.NaN : Number(text);
}

/** True when the number keeps the bounds; `multipleOf` allows for binary fractions (0.3 is a multiple of 0.1). */
export function isWithin(bounds: NumberBounds, value: number): boolean {
  const { multipleOf } = bounds;
  if (outside(bounds, value) !== null) return false;
  if (multipleOf === undefined) return true;
  const quotient = value / multipleOf;
  return (
    Math.abs(quotient - Math.round(quotient)) <= Number.EPSILON * Math.max(1, Math.abs(quotient))
  );
}

function decodeBigint(shape: Shape, value: unknown, context: Context): unknown {
  if (typeof value === "bigint") return value;
  if (typeof value === "number" && Number.isSafeInteger(value)) return BigInt(value);
  if (typeof value === "string" && /^[+-]?\d+$/.test(value.trim())) return BigInt(value.trim());
  return wrong(shape, value, context);
}

function decodeString(
  shape: Extract<Shape, { type: "string" }>,
  value: unknown,
  context: Context,
): unknown {
  if (typeof value !== "string") return wrong(shape, value, context, { more: quoteHint(value) });
  const tooShort = shape.minLength !== undefined && value.length < shape.minLength;
  const tooLong = shape.maxLength !== undefined && value.length > shape.maxLength;
  const unlike = shape.pattern !== undefined && !new RegExp(shape.pattern).test(value);
  return tooShort || tooLong || unlike ? wrong(shape, value, context) : value;
}

/** YAML reads `2024` as a number: a person who meant text must be told to quote it, or "007" would become "7". */
function quoteHint(value: unknown): string {
  return typeof value === "number" || typeof value === "boolean" ? ` Write it in quotes.` : "";
}

function decodeBoolean(shape: Shape, value: unknown, context: Context): unknown {
  if (typeof value === "boolean") return value;
  if (context.from === "text" && value === "true") return true;
  if (context.from === "text" && value === "false") return false;
  return wrong(shape, value, context);
}

/** ISO 8601: a day alone is its midnight in UTC; a time without zone is UTC, because the pipeline runs in UTC everywhere. */
const TIMESTAMP =
  /^\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(Z|[+-]\d{2}:?\d{2})?)?$/;

function decodeTimestamp(
  shape: Extract<Shape, { type: "timestamp" }>,
  value: unknown,
  context: Context,
): unknown {
  const date = value instanceof Date ? value : typeof value === "string" ? dateOf(value) : null;
  if (date === null || Number.isNaN(date.getTime())) return wrong(shape, value, context);
  const time = date.getTime();
  const isEarly = shape.min !== undefined && time < Date.parse(shape.min);
  const isLate = shape.max !== undefined && time > Date.parse(shape.max);
  return isEarly || isLate ? wrong(shape, date, context, { shown: showValue(value) }) : date;
}

/** The instant an ISO 8601 text names, or null: `2019-02-30` is no day, though `Date.parse` may roll it over. */
export function dateOf(text: string): Date | null {
  const match = TIMESTAMP.exec(text);
  if (match === null || !isDateText(text.slice(0, 10))) return null;
  const zoned = match[1] !== undefined || text.length === 10 ? text : `${text}Z`;
  const date = new Date(zoned.replace(" ", "T"));
  return Number.isNaN(date.getTime()) ? null : date;
}

/** True for a day of the calendar as "YYYY-MM-DD". */
export function isDateText(value: unknown): value is string {
  if (typeof value !== "string" || !/^\d{4}-\d{2}-\d{2}$/.test(value)) return false;
  const date = new Date(`${value}T00:00:00Z`);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(value);
}

function decodeEnum(
  shape: Extract<Shape, { type: "enum" }>,
  value: unknown,
  context: Context,
): unknown {
  if (typeof value === "string" && shape.values.includes(value)) return value;
  const meant = typeof value === "string" ? didYouMean(value, shape.values) : undefined;
  const near = meant?.startsWith("did") ? ` D${meant.slice(1)}` : "";
  return wrong(shape, value, context, { more: near || quoteHint(value) });
}

function decodeLiteral(
  shape: Extract<Shape, { type: "literal" }>,
  value: unknown,
  context: Context,
): unknown {
  if (value === shape.value) return value;
  if (context.from === "text" && value === String(shape.value)) return shape.value;
  return wrong(shape, value, context);
}

function decodeObject(
  shape: Extract<Shape, { type: "object" }>,
  value: unknown,
  context: Context,
): unknown {
  const object = structured(value, context);
  if (!isPlainObject(object)) return wrong(shape, value, context);
  return decodeFields(shape.fields, object, inside(context, object !== value));
}

function decodeFields(
  fields: Record<string, Shape>,
  given: Record<string, unknown>,
  context: Context,
): Record<string, unknown> {
  const decoded: Record<string, unknown> = {};
  for (const [name, shape] of Object.entries(fields)) {
    const value = decode(shape, given[name], { ...context, path: join(context.path, name) });
    if (value !== undefined) decoded[name] = value;
  }
  for (const name of Object.keys(given)) {
    if (Object.hasOwn(fields, name)) continue;
    const meant = didYouMean(name, Object.keys(fields)) ?? "there are none.";
    context.problems.push({
      path: join(context.path, name),
      message: `There is no parameter of this name: ${meant}`,
    });
  }
  return decoded;
}

function decodeRecord(
  shape: Extract<Shape, { type: "record" }>,
  value: unknown,
  context: Context,
): unknown {
  const object = structured(value, context);
  if (!isPlainObject(object)) return wrong(shape, value, context);
  const within = inside(context, object !== value);
  return Object.fromEntries(
    Object.entries(object).map(([key, member]) => [
      key,
      decode(shape.of, member, { ...within, path: join(context.path, key) }),
    ]),
  );
}

function decodeList(
  shape: Extract<Shape, { type: "array" | "tuple" }>,
  value: unknown,
  context: Context,
): unknown {
  const list = structured(value, context);
  if (!Array.isArray(list)) return wrong(shape, value, context);
  const short = shape.type === "tuple" ? shape.of.length : (shape.minLength ?? 0);
  const long = shape.type === "tuple" ? shape.of.length : (shape.maxLength ?? Infinity);
  if (list.length < short || list.length > long) return wrong(shape, list, context);
  const within = inside(context, list !== value);
  return list.map((item: unknown, index) =>
    decode(shape.type === "tuple" ? (shape.of[index] ?? UNKNOWN) : shape.of, item, {
      ...within,
      path: `${context.path}[${index}]`,
    }),
  );
}

function decodeUnion(
  shape: Extract<Shape, { type: "union" }>,
  value: unknown,
  context: Context,
): unknown {
  for (const option of shape.of) {
    const problems: Problem[] = [];
    const decoded = decode(option, value, { ...context, problems });
    if (problems.length === 0) return decoded;
  }
  return wrong(shape, value, context);
}

/** A command line has no lists and objects: there they are written as JSON. */
function structured(value: unknown, context: Context): unknown {
  if (context.from !== "text" || typeof value !== "string") return value;
  try {
    return JSON.parse(value) as unknown; // judged by the caller
  } catch {
    return value; // not JSON: the caller says what was expected
  }
}

function inside(context: Context, parsedJson: boolean): Context {
  return parsedJson ? { ...context, from: "json" } : context;
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  return (
    typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Date)
  );
}

function memberShape(shape: Shape, key: string): Shape {
  if (shape.type === "object") return shape.fields[key] ?? UNKNOWN;
  return shape.type === "record" ? shape.of : UNKNOWN;
}

function join(path: string, name: string): string {
  return path === "" ? name : `${path}.${name}`;
}

/** `more` follows the sentence; `shown` is the value as it was written. */
function wrong(
  shape: Shape,
  value: unknown,
  context: Context,
  { more = "", shown }: { more?: string; shown?: string } = {},
): undefined {
  context.problems.push({ path: context.path, message: sayMisfit(shape, value, shown) + more });
  return undefined;
}
