/** How one column's values are written in a shown table: one type, one number of decimals a column. */
import type { Shape } from "../../core/shape.ts";
import { escapeControls } from "./escape.ts";

export interface Cell {
  text: string;
  /** Null, undefined and NaN: shown apart from the text "null". */
  missing?: true;
}

export interface ShownColumn {
  name: string;
  /** As in the header: `int`, `number`, `text`, `timestamp`, … */
  type: string;
  align: "left" | "right";
  cells: Cell[];
}

const LONGEST_TEXT = 48;
const MOST_DECIMALS = 6;

/** Writes the values of one column that will be shown (the rows in between are never read). */
export function showColumn(name: string, values: readonly unknown[], shape?: Shape): ShownColumn {
  const type = shape === undefined ? typeOfValues(values) : shape.type;
  const numbers = values.filter((v) => typeof v === "number" && Number.isFinite(v));
  const isNumeric = numbers.length > 0 || type === "int" || type === "number" || type === "bigint";
  const write = writerOf(values, numbers as number[]); // filtered to numbers on the line above
  return {
    name: escapeControls(name),
    type: type === "string" ? "text" : type,
    align: isNumeric ? "right" : "left",
    cells: values.map((value) => (isMissing(value) ? missing(value) : { text: write(value) })),
  };
}

function isMissing(value: unknown): boolean {
  return value === null || value === undefined || Number.isNaN(value);
}

function missing(value: unknown): Cell {
  return { text: Number.isNaN(value) ? "NaN" : "null", missing: true };
}

/** Where no schema is known the shown values tell the type, as far as it can be told. */
function typeOfValues(values: readonly unknown[]): string {
  const kinds = new Set(values.filter((v) => v !== null && v !== undefined).map(kindOf));
  if (kinds.size === 0) return "";
  if (kinds.size === 1) return [...kinds][0] ?? "";
  return [...kinds].every((kind) => kind === "int" || kind === "number") ? "number" : "mixed";
}

function kindOf(value: unknown): string {
  if (typeof value === "number") return Number.isSafeInteger(value) ? "int" : "number";
  if (typeof value === "string") return "text";
  if (value instanceof Date) return "timestamp";
  return typeof value === "object" ? (Array.isArray(value) ? "array" : "object") : typeof value;
}

function writerOf(values: readonly unknown[], numbers: number[]): (value: unknown) => string {
  const number = numberWriter(numbers);
  const dates = values.filter((v): v is Date => v instanceof Date);
  const midnight = dates.every((date) => date.getTime() % 86_400_000 === 0);
  return (value) => {
    if (typeof value === "number") return number(value);
    if (value instanceof Date) return writeDate(value, midnight);
    if (typeof value === "string") return cut(value);
    if (typeof value === "bigint" || typeof value === "boolean") return value.toString();
    return cut(JSON.stringify(value, replaceBigint) ?? String(value));
  };
}

function replaceBigint(_key: string, value: unknown): unknown {
  return typeof value === "bigint" ? value.toString() : value;
}

/** As many decimals for all as the neediest needs, at most six, so that decimal points stand in line. */
function numberWriter(numbers: readonly number[]): (value: number) => string {
  const sizes = numbers.filter((n) => n !== 0).map(Math.abs);
  if (sizes.some((size) => size >= 1e15 || size < 1e-4))
    return (value) => (Number.isSafeInteger(value) ? String(value) : value.toPrecision(6));
  const decimals = Math.max(0, ...numbers.map(decimalsOf));
  return (value) => (Number.isFinite(value) ? value.toFixed(decimals) : String(value));
}

function decimalsOf(value: number): number {
  const text = value.toFixed(MOST_DECIMALS).replace(/0+$/, "");
  return text.length - text.indexOf(".") - 1;
}

function writeDate(date: Date, dayOnly: boolean): string {
  if (Number.isNaN(date.getTime())) return "Invalid Date";
  const iso = date.toISOString();
  return dayOnly ? iso.slice(0, 10) : iso.replace("T", " ").replace(".000Z", "Z");
}

function cut(text: string): string {
  const line = escapeControls(text);
  const characters = Array.from(line); // code points, so that an emoji is never halved
  return characters.length <= LONGEST_TEXT
    ? line
    : `${characters.slice(0, LONGEST_TEXT - 1).join("")}…`;
}
