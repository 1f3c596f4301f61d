/**
 * Whether the rows of a Parquet file fit their schema, and if not, which is the first that does not.
 *
 * Types, nulls, bounds and enums are judged by DuckDB in one pass over the file. Rules of one column that only
 * code can judge (patterns, `refine`) are asked once a distinct value; rules across columns once a row.
 */
import type { DuckDBConnection } from "@duckdb/node-api";
import type { z } from "zod";
import { decodeShape } from "../../core/decode.ts";
import { sayMisfit, showValue } from "../../core/describe-shape.ts";
import { StepLabError } from "../../core/error.ts";
import type { Columns, NumberBounds, Shape } from "../../core/shape.ts";
import { hasRowRules } from "../contract/shape-of.ts";
import { MAPPINGS, quoteName, quoteText, typedColumns, type TypedColumn } from "./columns.ts";
import { chunks, rowsOf, type Sql } from "./duck.ts";
import { parquetFile } from "./parquet.ts";
import { readRows } from "./read.ts";

/** The first misfit, and how many rows have one of the same sort. */
export interface Misfit {
  /** From 1. */
  row: number;
  column: string | null;
  /** `39.8 is too small; it must be a number of at least 40.5.` */
  message: string;
  /** Rows that fail for the same reason; null where only the first was looked for. */
  rows: number | null;
}

/** Judges a whole file; undefined when every row fits. `schema` may be absent where only the shapes are known. */
export async function findMisfit(
  connection: DuckDBConnection,
  path: string,
  columns: Columns,
  schema?: z.ZodObject,
): Promise<Misfit | undefined> {
  return (
    (await findNativeMisfit(connection, path, typedColumns(columns))) ??
    (await findCodeMisfit(connection, path, columns, schema))
  );
}

/** The part of it that SQL cannot say: for a file whose making has already judged the rest. */
export async function findCodeMisfit(
  connection: DuckDBConnection,
  path: string,
  columns: Columns,
  schema?: z.ZodObject,
): Promise<Misfit | undefined> {
  const misfit = await findColumnMisfit(connection, path, typedColumns(columns), schema);
  if (misfit !== undefined || schema === undefined || !hasRowRules(schema)) return misfit;
  return findRowMisfit(connection, path, columns, schema);
}

/** `Output "listings": 12 rows do not fit the schema; the first is row 1,042, column "latitude": …` */
export function misfitError(subject: string, misfit: Misfit, place = ""): StepLabError {
  const at = `row ${misfit.row.toLocaleString("en-US")}${place}`;
  const where = misfit.column === null ? at : `${at}, column "${misfit.column}"`;
  const more =
    misfit.rows !== null && misfit.rows > 1
      ? ` ${misfit.rows.toLocaleString("en-US")} rows have values like it.`
      : "";
  return new StepLabError("table/value", `${subject}, ${where}: ${misfit.message}${more}`);
}

async function findNativeMisfit(
  connection: DuckDBConnection,
  path: string,
  columns: readonly TypedColumn[],
): Promise<Misfit | undefined> {
  const rules = columns.flatMap((column) => {
    const broken = brokenWhen(column);
    return broken.length === 0 ? [] : [{ column, broken: `(${broken.join(" OR ")})` }];
  });
  if (rules.length === 0) return undefined;
  const counts = rules.map(({ broken }, at) => `count(*) FILTER (WHERE ${broken}) AS "${at}"`);
  const [found] = await rowsOf(connection, [
    `SELECT ${counts.join(", ")} FROM `,
    ...parquetFile(path),
  ]);
  const broken = rules.filter((_, at) => Number(found?.[at] ?? 0) > 0);
  if (broken.length === 0) return undefined;
  // Only a file with misfits is looked at again, for the first of them.
  const [first] = await rowsOf(connection, [
    `SELECT file_row_number + 1 AS steplab_row, * FROM ${withRowNumbers(path)} WHERE ${broken.map((rule) => rule.broken).join(" OR ")} ORDER BY 1 LIMIT 1`,
  ]);
  if (first === undefined) throw new Error("rows that were counted are gone");
  const row = Number(first["steplab_row"]);
  for (const rule of broken) {
    const [value] = await rowsOf(connection, [
      `SELECT ${MAPPINGS[rule.column.kind].toWire(quoteName(rule.column.name))} AS value, ${rule.broken} AS broken FROM ${withRowNumbers(path)} WHERE file_row_number = ${row - 1}`,
    ]);
    if (value?.["broken"] !== true) continue;
    const rows = Number(found?.[rules.indexOf(rule)] ?? 1);
    const message = sayMisfit(rule.column.shape, typedValue(rule.column, value["value"]));
    return { row, column: rule.column.name, message, rows };
  }
  throw new Error("the first misfit breaks no rule");
}

function withRowNumbers(path: string): string {
  return `read_parquet(${quoteText(path)}, file_row_number = true)`;
}

function typedValue({ kind }: TypedColumn, wire: unknown): unknown {
  return kind === "timestamp" && wire !== null ? new Date(Number(wire)) : (wire ?? null);
}

/** SQL conditions under which a column's value does not fit, as far as SQL can say it exactly. */
export function brokenWhen({ name, shape, kind }: TypedColumn): string[] {
  const column = quoteName(name);
  const conditions = shape.nullable ? [] : [`${column} IS NULL`];
  if (kind === "int")
    conditions.push(`abs(CAST(${column} AS DOUBLE)) > ${Number.MAX_SAFE_INTEGER}`);
  if (kind === "number") conditions.push(`NOT isfinite(${column})`);
  if (shape.type === "int" || shape.type === "number")
    conditions.push(...outOfBounds(column, shape));
  if (shape.type === "timestamp") {
    if (shape.min !== undefined) conditions.push(`epoch_ms(${column}) < ${Date.parse(shape.min)}`);
    if (shape.max !== undefined) conditions.push(`epoch_ms(${column}) > ${Date.parse(shape.max)}`);
  }
  const allowed = allowedTexts(shape);
  if (allowed !== null) conditions.push(`${column} NOT IN (${allowed.map(quoteText).join(", ")})`);
  return conditions;
}

function outOfBounds(column: string, bounds: NumberBounds): string[] {
  const { min, max, multipleOf } = bounds;
  const conditions: string[] = [];
  if (min !== undefined)
    conditions.push(`${column} ${bounds.exclusiveMin ? "<=" : "<"} ${number(min)}`);
  if (max !== undefined)
    conditions.push(`${column} ${bounds.exclusiveMax ? ">=" : ">"} ${number(max)}`);
  if (multipleOf !== undefined) {
    // The same allowance for binary fractions as `isWithin` in core/decode.ts.
    const quotient = `(${column} / ${number(multipleOf)})`;
    conditions.push(
      `abs(${quotient} - round(${quotient})) > ${Number.EPSILON} * greatest(1, abs(${quotient}))`,
    );
  }
  return conditions;
}

/** As a DOUBLE: DuckDB would read 0.1 as a DECIMAL and 1e30 as one that is too long. */
function number(value: number): string {
  return `CAST('${value}' AS DOUBLE)`;
}

function allowedTexts(shape: Shape): string[] | null {
  if (shape.type === "enum") return shape.values;
  if (shape.type === "literal") return typeof shape.value === "string" ? [shape.value] : null;
  if (shape.type !== "union") return null;
  const parts = shape.of.map(allowedTexts);
  return parts.every((part) => part !== null) ? parts.flat() : null;
}

/** True when SQL has not judged all there is to judge of a column. */
function needsCode({ shape }: TypedColumn): boolean {
  if (shape.refined) return true;
  if (shape.type === "union") return allowedTexts(shape) === null;
  if (shape.type !== "string") return false;
  return [shape.minLength, shape.maxLength, shape.pattern].some((rule) => rule !== undefined);
}

/** A value wrong in many rows is asked for once, and this many wrong values are enough to find the first row. */
const MOST_WRONG_VALUES = 1000;

async function findColumnMisfit(
  connection: DuckDBConnection,
  path: string,
  columns: readonly TypedColumn[],
  schema: z.ZodObject | undefined,
): Promise<Misfit | undefined> {
  let first: Misfit | undefined;
  for (const column of columns.filter(needsCode)) {
    const wrong = await wrongValues(connection, path, column, schema);
    if (wrong.size === 0) continue;
    const wire = MAPPINGS[column.kind].toWire(quoteName(column.name));
    const listed = [...wrong.keys()].flatMap((value, at) => [...(at > 0 ? [", "] : []), { value }]);
    const [found] = await rowsOf(connection, [
      `SELECT min_by(${wire}, file_row_number) AS value, min(file_row_number) + 1 AS row, count(*) AS rows FROM ${withRowNumbers(path)} WHERE ${wire} IN (`,
      ...listed,
      ")",
    ]);
    const row = Number(found?.["row"]);
    if (first !== undefined && first.row <= row) continue;
    const message = wrong.get(found?.["value"] as WireValue) ?? "does not fit.";
    first = { row, column: column.name, message, rows: Number(found?.["rows"]) };
  }
  return first;
}

type WireValue = number | string | boolean | bigint;

/** Distinct values that break a rule, each with what to say of it. */
async function wrongValues(
  connection: DuckDBConnection,
  path: string,
  column: TypedColumn,
  schema: z.ZodObject | undefined,
): Promise<Map<WireValue, string>> {
  const rule: z.core.$ZodType | undefined = schema?.shape[column.name];
  const wrong = new Map<WireValue, string>();
  const wire = MAPPINGS[column.kind].toWire(quoteName(column.name));
  const query: Sql = [
    `SELECT DISTINCT ${wire} FROM `,
    ...parquetFile(path),
    ` WHERE ${quoteName(column.name)} IS NOT NULL`,
  ];
  for await (const chunk of chunks(connection, query)) {
    for (const value of chunk.getColumnValues(0) as WireValue[]) {
      const message = misfitOf(typedValue(column, value), column.shape, rule);
      if (message !== undefined) wrong.set(value, message);
      if (wrong.size === MOST_WRONG_VALUES) return wrong;
    }
  }
  return wrong;
}

function misfitOf(
  value: unknown,
  shape: Shape,
  rule: z.core.$ZodType | undefined,
): string | undefined {
  const decoded = decodeShape(shape, value, { from: "json" });
  if (!decoded.ok) return decoded.problems[0]?.message;
  if (!shape.refined || rule === undefined) return undefined;
  const judged = (rule as z.ZodType).safeParse(value); // notebooks import classic zod only
  return judged.success ? undefined : `${showValue(value)}: ${sayIssue(judged.error.issues[0])}`;
}

async function findRowMisfit(
  connection: DuckDBConnection,
  path: string,
  columns: Columns,
  schema: z.ZodObject,
): Promise<Misfit | undefined> {
  let row = 0;
  for await (const values of readRows(connection, parquetFile(path), columns, "Row")) {
    row++;
    const judged = schema.safeParse(values);
    if (judged.success) continue;
    const issue = judged.error.issues[0];
    const column = issue?.path.length === 1 ? String(issue.path[0]) : null;
    return { row, column, message: sayIssue(issue), rows: null };
  }
  return undefined;
}

function sayIssue(issue: z.core.$ZodIssue | undefined): string {
  const message = issue?.message ?? "does not fit";
  return message.endsWith(".") ? message : `${message}.`;
}
