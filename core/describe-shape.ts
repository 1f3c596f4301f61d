/** Shapes and values in a few words: how every message about a value ends. */
import type { NumberBounds, Shape } from "./shape.ts";

/** A shape in a few words, as messages end: `a whole number, at least 1`. */
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
      return "a time (ISO 8601, such as 2019-05-26T08:30:00Z)";
    case "date":
      return "a day (YYYY-MM-DD)";
    case "enum":
      return `one of ${shape.values.map((value) => JSON.stringify(value)).join(", ")}`;
    case "literal":
      return JSON.stringify(shape.value);
    case "object":
      return "a group of values (name: value)";
    case "record":
      return `names with ${describeShape(shape.of)} each`;
    case "array":
      return `a list of which each is ${describeShape(shape.of)}${describeLength(shape)}`;
    case "tuple":
      return `a list of ${shape.of.length}`;
    case "union":
      return shape.of.map(describeShape).join(", or ");
    case "unknown":
      return "a value the notebook's own schema accepts";
  }
}

function describeBounds(bounds: NumberBounds): string {
  const { min, max, multipleOf } = bounds;
  const parts: string[] = [];
  if (min !== undefined) parts.push(bounds.exclusiveMin ? `above ${min}` : `at least ${min}`);
  if (max !== undefined) parts.push(bounds.exclusiveMax ? `below ${max}` : `at most ${max}`);
  if (multipleOf !== undefined) parts.push(`a multiple of ${multipleOf}`);
  return parts.length === 0 ? "" : `, ${parts.join(", ")}`;
}

function describeText(shape: Extract<Shape, { type: "string" }>): string {
  const { format, pattern } = shape;
  const like = format ? ` (${format})` : pattern === undefined ? "" : ` like /${pattern}/`;
  return `${like}${describeLength(shape)}`;
}

function describeLength(shape: { minLength?: number; maxLength?: number }): string {
  if (shape.minLength !== undefined && shape.maxLength !== undefined)
    return `, ${shape.minLength} to ${shape.maxLength} long`;
  if (shape.minLength !== undefined) return `, at least ${shape.minLength} long`;
  return shape.maxLength === undefined ? "" : `, at most ${shape.maxLength} long`;
}
