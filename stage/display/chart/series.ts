/** A column as a chart needs it: numbers, times or categories, known by its values. */
import { didYouMean } from "../../../core/did-you-mean.ts";
import { StepLabError } from "../../../core/error.ts";
import type { TableView } from "../table-view.ts";
import type { Axis } from "./spec.ts";

export type SeriesType = "number" | "time" | "text";

export interface Series {
  column: string;
  title: string;
  type: SeriesType;
  log: boolean;
  domain: [number, number] | undefined;
  /** Every value is a whole number. */
  isWhole: boolean;
  /** Of every row: the number, or milliseconds since the epoch; NaN where it is missing. Empty for text. */
  numbers: Float64Array;
  /** Of every row, for text: the place of its value in `values`. */
  codes: Uint32Array;
  /** The distinct texts, in order of appearance; missing ones are a value of their own. */
  values: string[];
}

/** What a category is called whose value is missing: a group like any other, because it often is the finding. */
export const MISSING = "(missing)";

const ISO_DATE = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d))?$/;

/** @throws StepLabError table/no-such-column */
export function readSeries(view: TableView, axis: Axis<Record<string, unknown>>): Series {
  const { column } = axis;
  if (!view.names.includes(column))
    throw new StepLabError(
      "table/no-such-column",
      `This table has no column "${column}": ${didYouMean(column, view.names) ?? "it has no columns."}`,
    );
  const read = view.reader(column);
  const type = typeOf(read, view.rows);
  const base = {
    column,
    title: `${axis.title ?? column}${axis.unit ? `, ${axis.unit}` : ""}`,
    type,
    log: axis.log ?? false,
    domain: axis.domain,
  };
  if (type === "text")
    return { ...base, ...encode(read, view.rows), numbers: new Float64Array(), isWhole: false };
  const numbers = new Float64Array(view.rows);
  let isWhole = type === "number";
  for (let row = 0; row < view.rows; row++) {
    const value = numberOf(read(row));
    numbers[row] = value;
    if (isWhole && !Number.isInteger(value) && !Number.isNaN(value)) isWhole = false;
  }
  return { ...base, numbers, isWhole, codes: new Uint32Array(), values: [] };
}

/** Type of the values that are there: decided by the first hundred, and by all where a hundred are of one type. */
function typeOf(read: (row: number) => unknown, rows: number): SeriesType {
  let seen = 0;
  let type: SeriesType | undefined;
  for (let row = 0; row < rows && seen < 100; row++) {
    const value = read(row);
    if (value === null || value === undefined) continue;
    seen += 1;
    const its = typeOfValue(value);
    if (type !== undefined && its !== type) return "text";
    type = its;
  }
  return type ?? "number"; // nothing there at all: an empty chart of numbers
}

function typeOfValue(value: unknown): SeriesType {
  if (typeof value === "number" || typeof value === "bigint") return "number";
  if (value instanceof Date) return "time";
  return typeof value === "string" && ISO_DATE.test(value) ? "time" : "text";
}

function numberOf(value: unknown): number {
  if (typeof value === "number") return Number.isFinite(value) ? value : Number.NaN;
  if (typeof value === "bigint") return Number(value);
  if (value instanceof Date) return value.getTime();
  return typeof value === "string" ? Date.parse(value) : Number.NaN;
}

function encode(
  read: (row: number) => unknown,
  rows: number,
): { codes: Uint32Array; values: string[] } {
  const codes = new Uint32Array(rows);
  const known = new Map<string, number>();
  const values: string[] = [];
  for (let row = 0; row < rows; row++) {
    const text = textOf(read(row));
    let code = known.get(text);
    if (code === undefined) {
      code = values.push(text) - 1;
      known.set(text, code);
    }
    codes[row] = code;
  }
  return { codes, values };
}

function textOf(value: unknown): string {
  if (value === null || value === undefined) return MISSING;
  if (typeof value === "string") return value;
  if (value instanceof Date) return value.toISOString();
  if (typeof value === "number" || typeof value === "boolean" || typeof value === "bigint")
    return `${value}`;
  return JSON.stringify(value) ?? MISSING; // a nested value; functions and symbols are none
}
