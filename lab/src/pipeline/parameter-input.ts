/**
 * A form's field for a parameter: which control its shape asks for, and what was typed as a value. What is typed is judged
 * here only as far as a control can say something helpful at once; the run's own decoder has the last word.
 */
import type { Json } from "../../../core/json.ts";
import type { Shape } from "../../../core/shape.ts";

export type Control =
  | { kind: "number"; min?: number; max?: number; step: number | "any" }
  | { kind: "checkbox" }
  | { kind: "select"; values: string[] }
  | { kind: "text"; placeholder: string }
  | { kind: "json" };

export function controlOf(shape: Shape): Control {
  switch (shape.type) {
    case "int":
    case "number": {
      const { min, max } = shape;
      return {
        kind: "number",
        ...(min !== undefined && { min }),
        ...(max !== undefined && { max }),
        step: shape.multipleOf ?? (shape.type === "int" ? 1 : "any"),
      };
    }
    case "boolean":
      return { kind: "checkbox" };
    case "enum":
      return { kind: "select", values: shape.values };
    case "string":
    case "bigint":
      return { kind: "text", placeholder: "" };
    case "date":
      return { kind: "text", placeholder: "2026-11-21" };
    case "timestamp":
      return { kind: "text", placeholder: "2026-11-21T12:00:00Z" };
    case "literal":
    case "object":
    case "array":
    case "tuple":
    case "record":
    case "union":
    case "unknown":
      return { kind: "json" };
  }
}

/** A value as its control shows it. */
export function textOf(shape: Shape, value: Json | undefined): string {
  if (value === undefined) return "";
  const { kind } = controlOf(shape);
  return kind === "json" || typeof value !== "string" ? JSON.stringify(value) : value;
}

/** What was typed, as a value; or what is wrong with it. An empty field leaves the parameter as it is. */
export function valueOf(
  shape: Shape,
  text: string,
): { value: Json } | { problem: string } | "unset" {
  const control = controlOf(shape);
  const trimmed = text.trim();
  if (trimmed === "" && control.kind !== "text") return "unset";
  switch (control.kind) {
    case "number":
      return numberOf(shape, trimmed, control);
    case "checkbox":
      return { value: trimmed === "true" };
    case "select":
      return { value: text };
    case "text":
      return text === "" && shape.type !== "string" ? "unset" : { value: text };
    case "json":
      try {
        return { value: JSON.parse(trimmed) as Json }; // JSON.parse gives JSON
      } catch {
        return { problem: "Write it as JSON: texts in double quotes." };
      }
  }
}

function numberOf(
  shape: Shape,
  text: string,
  { min, max }: Extract<Control, { kind: "number" }>,
): { value: Json } | { problem: string } {
  const value = Number(text);
  if (!Number.isFinite(value)) return { problem: "This is not a number." };
  if (shape.type === "int" && !Number.isInteger(value))
    return { problem: "This must be a whole number." };
  const { exclusiveMin = false, exclusiveMax = false } =
    shape.type === "int" || shape.type === "number" ? shape : {};
  if (min !== undefined && (exclusiveMin ? value <= min : value < min))
    return { problem: exclusiveMin ? `It must be above ${min}.` : `The least is ${min}.` };
  if (max !== undefined && (exclusiveMax ? value >= max : value > max))
    return { problem: exclusiveMax ? `It must be below ${max}.` : `The most is ${max}.` };
  return { value };
}
