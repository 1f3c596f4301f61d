/** Shapes and values in words: every message about a value that does not fit is made here. */
import type { NumberBounds, Shape } from "./shape.ts";

/**
 * Why a value does not fit a shape, as a sentence: `"many" is not a number from 0 to 1.` for another type,
 * `5 is too large; it must be a number from 0 to 1.` for the right one. `shown`: the value as it was written, where that
 * is not how it reads as a value (a field of a CSV file).
 */
export function sayMisfit(shape: Shape, value: unknown, shown: string = showValue(value)): string {
  if (shape.type === "int" && Number.isInteger(value) && !Number.isSafeInteger(value))
    return `${shown} is beyond ±${Number.MAX_SAFE_INTEGER}, where JavaScript's numbers are no longer exact: use z.bigint().`;
  const flaw = flawOf(shape, value);
  return flaw === null
    ? `${shown} is not ${describeShape(shape)}.`
    : `${shown} is ${flaw}; it must be ${describeShape(shape)}.`;
}

/** What is wrong with a value of the right type; null for another type, and where no one word says it. */
function flawOf(shape: Shape, value: unknown): string | null {
  switch (shape.type) {
    case "int":
    case "number":
      return typeof value === "number" && (shape.type === "number" || Number.isInteger(value))
        ? outside(shape, value)
        : null;
    case "string":
      return typeof value === "string" ? badLength(shape, value.length) : null;
    case "array":
      return Array.isArray(value) ? badLength(shape, value.length) : null;
    case "tuple":
      return Array.isArray(value)
        ? badLength({ minLength: shape.of.length, maxLength: shape.of.length }, value.length)
        : null;
    case "timestamp": {
      if (!(value instanceof Date)) return null;
      if (shape.min !== undefined && value.getTime() < Date.parse(shape.min)) return "too early";
      return shape.max !== undefined && value.getTime() > Date.parse(shape.max) ? "too late" : null;
    }
    default:
      return null;
  }
}

/** On which side of its bounds a number lies; null within them. */
export function outside(
  { min, max, ...bounds }: NumberBounds,
  value: number,
): "too small" | "too large" | null {
  if (min !== undefined && (bounds.exclusiveMin ? value <= min : value < min)) return "too small";
  if (max !== undefined && (bounds.exclusiveMax ? value >= max : value > max)) return "too large";
  return null;
}

function badLength(shape: Lengths, length: number): string | null {
  if (shape.minLength !== undefined && length < shape.minLength) return "too short";
  return shape.maxLength !== undefined && length > shape.maxLength ? "too long" : null;
}

/** A shape in a few words, as messages end: `a whole number from 1 to 12`. */
export function describeShape(shape: Shape): string {
  const base = describeType(shape);
  return shape.nullable ? `${base}, or null` : base;
}

/** A value as a message shows it: short, and text in quotes. */
export function showValue(value: unknown): string {
  if (typeof value === "bigint") return `${value}n`;
  if (value instanceof Date)
    return Number.isNaN(value.getTime()) ? "an invalid date" : value.toISOString();
  if (typeof value === "number") return String(value); // JSON has no NaN
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 80 ? `${text.slice(0, 77)}…` : text;
}

function describeType(shape: Shape): string {
  switch (shape.type) {
    case "int":
      return `a whole number${describeBounds(shape)}`;
    case "number":
      return `a number${describeBounds(shape)}`;
    case "bigint":
      return "a whole number of any size";
    case "string":
      return `text${describeText(shape)}`;
    case "boolean":
      return "true or false";
    case "timestamp":
      return `a time${describePeriod(shape)}`;
    case "date":
      return "a day (YYYY-MM-DD)";
    case "enum":
      return `one of ${shape.values.map((value) => JSON.stringify(value)).join(", ")}`;
    case "literal":
      return JSON.stringify(shape.value);
    case "object":
      return "a group of values (name: value)";
    case "record":
      return `a group of values (name: value), each ${describeShape(shape.of)}`;
    case "array":
      return `a list${describeLength(shape, "item")}, each ${describeShape(shape.of)}`;
    case "tuple":
      return `a list${describeLength({ minLength: shape.of.length, maxLength: shape.of.length }, "item")}`;
    case "union":
      return shape.of.map(describeShape).join(", or ");
    case "unknown":
      return "a value the notebook's own schema accepts";
  }
}

function describeBounds(bounds: NumberBounds): string {
  const { min, max, multipleOf, exclusiveMin, exclusiveMax } = bounds;
  const multiple = multipleOf === undefined ? "" : ` that is a multiple of ${multipleOf}`;
  if (min !== undefined && max !== undefined && !exclusiveMin && !exclusiveMax)
    return ` from ${min} to ${max}${multiple}`;
  const parts: string[] = [];
  if (min !== undefined) parts.push(exclusiveMin ? `above ${min}` : `of at least ${min}`);
  if (max !== undefined) parts.push(exclusiveMax ? `below ${max}` : `of at most ${max}`);
  return (parts.length === 0 ? "" : ` ${parts.join(" and ").replace("and of", "and")}`) + multiple;
}

/** Without bounds an example says more than a rule. */
function describePeriod({ min, max }: { min?: string; max?: string }): string {
  const parts = [
    ...(min === undefined ? [] : ["from", min]),
    ...(max === undefined ? [] : ["to", max]),
  ];
  return parts.length === 0 ? " (ISO 8601, such as 2019-05-26T08:30:00Z)" : ` ${parts.join(" ")}`;
}

function describeText(shape: Extract<Shape, { type: "string" }>): string {
  const { format, pattern } = shape;
  const like = format
    ? ` of the form "${format}"`
    : pattern === undefined
      ? ""
      : ` like /${pattern}/`;
  return `${describeLength(shape, "character")}${like}`;
}

interface Lengths {
  minLength?: number;
  maxLength?: number;
}

function describeLength({ minLength: min, maxLength: max }: Lengths, unit: string): string {
  const units = (count: number): string => `${count} ${unit}${count === 1 ? "" : "s"}`;
  if (min !== undefined && max !== undefined)
    return min === max ? ` of ${units(max)}` : ` of ${min} to ${units(max)}`;
  if (min !== undefined) return ` of at least ${units(min)}`;
  return max === undefined ? "" : ` of at most ${units(max)}`;
}
