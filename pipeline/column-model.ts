/**
 * Whether what one stage writes fits what another reads, by their contracts alone.
 *
 * The question is always: can every value that the written shape allows be read by the other? Therefore a reader
 * may know fewer columns, more enum values and wider bounds, and never the other way round. What only zod can judge
 * (`refined`, `unknown`) is left to it.
 */
import type { Port } from "../core/contract.ts";
import { decodeShape } from "../core/decode.ts";
import { describeShape } from "../core/describe-shape.ts";
import { nearestName } from "../core/did-you-mean.ts";
import type { Json } from "../core/json.ts";
import type { Columns, NumberBounds, Shape } from "../core/shape.ts";

/** Each difference as the end of a sentence, the field named: `column "price" may be null as written, and not as read`. */
export function findIncompatibilities(written: Port, read: Port): string[] {
  if (written.kind !== read.kind)
    return [`it is written as ${KINDS[written.kind]} and read as ${KINDS[read.kind]}`];
  switch (read.kind) {
    case "table":
      return written.kind === "table"
        ? compareColumns(written.columns, read.columns, "column")
        : [];
    case "json":
      return written.kind === "json" ? compareShapes(written.shape, read.shape, "the value") : [];
    case "file":
      return written.kind === "file" ? compareMedia(written.media, read.media) : [];
    case "model":
      // What the reader gives the model must be what the model takes: the other way round than its answers.
      return written.kind === "model"
        ? [
            ...compareColumns(read.input, written.input, "the model's input column", GIVEN),
            ...compareColumns(written.output, read.output, "the model's output column"),
          ]
        : [];
    case "folder":
      return written.kind === "folder"
        ? [...compareMedia(written.media, read.media), ...compareCounts(written, read)]
        : [];
    case "metric":
      return [];
  }
}

const KINDS: Record<Port["kind"], string> = {
  table: "a table",
  json: "JSON",
  file: "a file",
  folder: "a folder",
  model: "a model",
  metric: "a metric",
};

/** The two ends in words. */
interface Ends {
  from: string;
  to: string;
}

const WRITTEN: Ends = { from: "written", to: "read" };
const GIVEN: Ends = { from: "given", to: "taken" };

function compareColumns(from: Columns, to: Columns, what: string, ends = WRITTEN): string[] {
  return compareFields(from, to, (name) => `${what} "${name}"`, ends);
}

function compareFields(
  from: Record<string, Shape>,
  to: Record<string, Shape>,
  nameOf: (name: string) => string,
  ends: Ends,
): string[] {
  return Object.entries(to).flatMap(([name, shape]) => {
    const other = from[name];
    if (other) return compareShapes(other, shape, nameOf(name), ends);
    if (shape.optional || shape.default !== undefined) return [];
    const unclaimed = Object.keys(from).filter((candidate) => !(candidate in to));
    const renamed = nearestName(name, unclaimed);
    return [
      `${nameOf(name)} is ${ends.to} and not ${ends.from}${renamed ? ` (there is "${renamed}")` : ""}`,
    ];
  });
}

function compareShapes(from: Shape, to: Shape, name: string, ends = WRITTEN): string[] {
  const found: string[] = [];
  if (from.nullable && !to.nullable)
    found.push(`${name} may be null as ${ends.from}, and not as ${ends.to}`);
  if (from.optional && !to.optional && to.default === undefined)
    found.push(`${name} may be missing as ${ends.from}, and not as ${ends.to}`);
  return [...found, ...compareTypes(from, to, name, ends)];
}

function compareTypes(from: Shape, to: Shape, name: string, ends: Ends): string[] {
  if (from.type === "unknown" || to.type === "unknown") return [];
  if (from.type === "union")
    return [...new Set(from.of.flatMap((option) => compareShapes(option, to, name, ends)))];
  if (to.type === "union") {
    const fits = to.of.some((option) => compareShapes(from, option, name, ends).length === 0);
    return fits ? [] : [differ(from, to, name, ends)];
  }
  if (from.type === "literal")
    return isReadable(from.value, to) ? [] : [differ(from, to, name, ends)];
  switch (to.type) {
    case "number":
    case "int": {
      const sameType = from.type === to.type || (from.type === "int" && to.type === "number");
      if (!sameType || (from.type !== "int" && from.type !== "number"))
        return [differ(from, to, name, ends)];
      return isWithinBounds(from, to) ? [] : [differ(from, to, name, ends)];
    }
    case "enum":
      if (from.type !== "enum") return [differ(from, to, name, ends)];
      return compareEnums(from.values, to.values, name, ends);
    case "string":
      return compareStrings(from, to, name, ends);
    case "object":
      return from.type === "object"
        ? compareFields(from.fields, to.fields, (field) => `${inside(name)}"${field}"`, ends)
        : [differ(from, to, name, ends)];
    case "record":
      return compareRecord(from, to, name, ends);
    case "array":
      if (from.type !== "array") return [differ(from, to, name, ends)];
      return [
        ...(isWithinLengths(from, to) ? [] : [differ(from, to, name, ends)]),
        ...compareShapes(from.of, to.of, `each of ${name}`, ends),
      ];
    case "tuple":
      if (from.type !== "tuple" || from.of.length !== to.of.length)
        return [differ(from, to, name, ends)];
      return to.of.flatMap((item, index) => {
        const other = from.of[index];
        return other ? compareShapes(other, item, `${name}[${index}]`, ends) : [];
      });
    case "literal":
      return [differ(from, to, name, ends)];
    case "boolean":
    case "bigint":
    case "date":
    case "timestamp":
      return from.type === to.type ? [] : [differ(from, to, name, ends)];
  }
}

/** The decoder says whether the one value can be read. */
function isReadable(value: Json, to: Shape): boolean {
  return decodeShape(to, value, { from: "json" }).ok;
}

function compareEnums(from: string[], to: string[], name: string, ends: Ends): string[] {
  const unknown = from.filter((value) => !to.includes(value)).map((value) => JSON.stringify(value));
  if (unknown.length === 0) return [];
  return [`${name} may be ${unknown.join(" or ")} as ${ends.from}, and not as ${ends.to}`];
}

function compareStrings(
  from: Shape,
  to: Extract<Shape, { type: "string" }>,
  name: string,
  ends: Ends,
): string[] {
  if (from.type === "enum")
    return from.values.every((value) => isReadable(value, to))
      ? []
      : [differ(from, to, name, ends)];
  if (from.type !== "string") return [differ(from, to, name, ends)];
  const fits =
    isWithinLengths(from, to) &&
    (to.pattern === undefined || to.pattern === from.pattern) &&
    (to.format === undefined || to.format === from.format);
  return fits ? [] : [differ(from, to, name, ends)];
}

function compareRecord(
  from: Shape,
  to: Extract<Shape, { type: "record" }>,
  name: string,
  ends: Ends,
): string[] {
  if (from.type === "record") return compareShapes(from.of, to.of, `each member of ${name}`, ends);
  if (from.type !== "object") return [differ(from, to, name, ends)];
  return Object.entries(from.fields).flatMap(([field, shape]) =>
    compareShapes(shape, to.of, `${inside(name)}"${field}"`, ends),
  );
}

function isWithinBounds(from: NumberBounds, to: NumberBounds): boolean {
  const above =
    to.min === undefined ||
    (from.min !== undefined &&
      (from.min > to.min || (from.min === to.min && (!to.exclusiveMin || !!from.exclusiveMin))));
  const below =
    to.max === undefined ||
    (from.max !== undefined &&
      (from.max < to.max || (from.max === to.max && (!to.exclusiveMax || !!from.exclusiveMax))));
  const steps =
    to.multipleOf === undefined ||
    (from.multipleOf !== undefined && Number.isInteger(from.multipleOf / to.multipleOf));
  return above && below && steps;
}

function isWithinLengths(
  from: { minLength?: number; maxLength?: number },
  to: { minLength?: number; maxLength?: number },
): boolean {
  return (
    (from.minLength ?? 0) >= (to.minLength ?? 0) &&
    (from.maxLength ?? Infinity) <= (to.maxLength ?? Infinity)
  );
}

function compareMedia(from: string | undefined, to: string | undefined): string[] {
  if (from === undefined || to === undefined || from === to) return [];
  if (to.endsWith("/*") && from.startsWith(to.slice(0, -1))) return [];
  return [`it is written as ${from} and read as ${to}`];
}

/** Only where the writer says something: a folder of any number may well hold enough. */
function compareCounts(
  written: { min?: number; max?: number },
  read: { min?: number; max?: number },
): string[] {
  const { min: fewest, max: most } = written;
  const found: string[] = [];
  if (fewest !== undefined && read.min !== undefined && fewest < read.min)
    found.push(`it is written with at least ${fewest} files and read with at least ${read.min}`);
  if (most !== undefined && read.max !== undefined && most > read.max)
    found.push(`it is written with at most ${most} files and read with at most ${read.max}`);
  return found;
}

/** Without nullability, which has a finding of its own. */
function differ(from: Shape, to: Shape, name: string, ends: Ends): string {
  const { nullable: _from, ...writtenShape } = from;
  const { nullable: _to, ...readShape } = to;
  return `${name} is ${ends.from} as ${describeShape(writtenShape)}, and ${ends.to} as ${describeShape(readShape)}`; // still shapes: one optional note less
}

function inside(name: string): string {
  return name === "the value" ? "member " : `${name} › `;
}
