/** From JavaScript into DuckDB: columns or rows into a temporary table of a connection, value by value judged. */
import type { DuckDBConnection, DuckDBDataChunk, DuckDBType } from "@duckdb/node-api";
import { isDateText } from "../../core/decode.ts";
import { sayMisfit, showValue } from "../../core/describe-shape.ts";
import { StepLabError } from "../../core/error.ts";
import { MAPPINGS, quoteName, type ColumnKind, type TypedColumn } from "./columns.ts";
import { duckApi, run, type DuckApi } from "./duck.ts";
import type { Relation } from "./relation.ts";

/** DuckDB's own size of a chunk. */
const CHUNK_ROWS = 2048;

/** Some rows of a table, as columns: `columns[c][r]`. */
export type ColumnBatch = readonly (readonly unknown[])[];

let tables = 0;

/**
 * Loads batches of columns into a temporary table and gives it as a relation with the columns' own types.
 *
 * @param subject what messages call the table: `Output "listings"`
 * @throws StepLabError `table/value` for a value of the wrong JavaScript type, with its row and column
 */
export async function loadColumns(
  connection: DuckDBConnection,
  columns: readonly TypedColumn[],
  batches: AsyncIterable<ColumnBatch> | Iterable<ColumnBatch>,
  subject: string,
): Promise<Relation> {
  const api = await duckApi();
  const name = `steplab_rows_${++tables}`;
  const declared = columns.map(
    (column) => `${quoteName(column.name)} ${MAPPINGS[column.kind].wire}`,
  );
  await run(connection, [`CREATE TEMP TABLE ${name} (${declared.join(", ")})`]);
  const appender = await connection.createAppender(name);
  const types = columns.map(({ kind }) => wireType(api, kind));
  let firstRow = 1;
  for await (const batch of batches) {
    const rows = batch[0]?.length ?? 0;
    for (let from = 0; from < rows; from += CHUNK_ROWS) {
      const count = Math.min(CHUNK_ROWS, rows - from);
      const chunk = api.DuckDBDataChunk.create(types, count);
      for (const [at, column] of columns.entries()) {
        fillColumn(chunk, at, column, batch[at] ?? [], from, count, { subject, firstRow });
      }
      appender.appendDataChunk(chunk);
    }
    firstRow += rows;
  }
  appender.closeSync();
  const selected = columns.map((column) => {
    const quoted = quoteName(column.name);
    return `${MAPPINGS[column.kind].fromWire(quoted)} AS ${quoted}`;
  });
  return { from: [`(SELECT ${selected.join(", ")} FROM ${name})`] };
}

/** Rows as batches of columns; what a row does not have is null, what it has besides is refused. */
export async function* batchesOf(
  rows: Iterable<object> | AsyncIterable<object>,
  columns: readonly TypedColumn[],
  subject: string,
): AsyncGenerator<ColumnBatch> {
  const names = new Set(columns.map(({ name }) => name));
  let batch: unknown[][] = columns.map(() => []);
  let row = 0;
  for await (const object of rows) {
    row++;
    refuseExtra(object, names, subject, row);
    for (const [at, { name }] of columns.entries()) {
      batch[at]?.push((object as Record<string, unknown>)[name]); // a row is read by its columns' names
    }
    if (row % CHUNK_ROWS === 0) {
      yield batch;
      batch = columns.map(() => []);
    }
  }
  yield batch;
}

function refuseExtra(
  object: object,
  names: ReadonlySet<string>,
  subject: string,
  row: number,
): void {
  const extra = Object.keys(object).filter((key) => !names.has(key));
  if (extra.length === 0) return;
  throw new StepLabError(
    "table/columns",
    `${subject}, row ${row} has ${extra.map((key) => `"${key}"`).join(", ")}, which the schema does not know.`,
    { hint: "Leave it out, or add it to the schema." },
  );
}

function wireType(api: DuckApi, kind: ColumnKind): DuckDBType {
  return api[MAPPINGS[kind].wire];
}

interface Where {
  subject: string;
  /** Number of the batch's first row. */
  firstRow: number;
}

function fillColumn(
  chunk: DuckDBDataChunk,
  at: number,
  column: TypedColumn,
  values: readonly unknown[],
  from: number,
  count: number,
  where: Where,
): void {
  const toWire = WIRE_VALUES[column.kind];
  const wired = new Array<number | string | boolean | bigint | null>(count);
  for (let offset = 0; offset < count; offset++) {
    const value = values[from + offset];
    if (value === null || value === undefined) {
      wired[offset] = null;
      continue;
    }
    const wire = toWire(value);
    if (wire === undefined) throw misfit(column, value, where, where.firstRow + from + offset);
    wired[offset] = wire;
  }
  chunk.setColumnValues(at, wired);
}

function misfit(column: TypedColumn, value: unknown, where: Where, row: number): StepLabError {
  return new StepLabError(
    "table/value",
    `${where.subject}, row ${row}, column "${column.name}": ${whyNot(column, value)}`,
  );
}

/** Of its type a value may be, and still not be one that a file can hold. */
function whyNot({ kind, shape }: TypedColumn, value: unknown): string {
  if (kind === "bigint" && typeof value === "bigint")
    return `${showValue(value)} does not fit into 64 bits.`;
  if (kind === "string" && typeof value === "string")
    return `${showValue(value)} holds half a surrogate pair, which is no text: a string was cut within a character.`;
  return sayMisfit(shape, value);
}

/** A value as it travels; undefined when its JavaScript type is not the column's. Bounds are judged later, natively. */
const WIRE_VALUES: {
  [K in ColumnKind]: (value: unknown) => number | string | boolean | bigint | undefined;
} = {
  int: (value) => (Number.isSafeInteger(value) ? (value as number) : undefined), // an integer is a number
  bigint: (value) =>
    typeof value === "bigint" && BigInt.asIntN(64, value) === value ? value : undefined,
  number: (value) => (typeof value === "number" && Number.isFinite(value) ? value : undefined),
  timestamp: (value) =>
    value instanceof Date && !Number.isNaN(value.getTime()) ? value.getTime() : undefined,
  date: (value) => (isDateText(value) ? value : undefined),
  // UTF-8 has no lone surrogates: one would come back as another character.
  string: (value) => (typeof value === "string" && value.isWellFormed() ? value : undefined),
  boolean: (value) => (typeof value === "boolean" ? value : undefined),
};

/** The kinds of columns that no schema describes, from their values: the first that is not null decides. */
export function inferColumns(columns: Record<string, readonly unknown[]>): TypedColumn[] {
  return Object.entries(columns).map(([name, values]) => {
    const kind = inferKind(name, values);
    const shape = kind === "bigint" ? { type: kind } : { type: kind, nullable: true as const };
    return { name, kind, shape };
  });
}

function inferKind(name: string, values: readonly unknown[]): ColumnKind {
  const first = values.find((value) => value !== null && value !== undefined);
  if (first === undefined || typeof first === "string") return "string";
  if (typeof first === "boolean" || typeof first === "bigint") return typeof first as ColumnKind; // seen on this line
  if (first instanceof Date) return "timestamp";
  if (typeof first === "number") {
    const whole = values.every((value) => value == null || Number.isSafeInteger(value));
    return whole ? "int" : "number";
  }
  throw new StepLabError(
    "table/unsupported-column",
    `Column "${name}" holds ${showValue(first)}, which SQL cannot take.`,
    { hint: "Derive columns of numbers, text, booleans or dates from it first." },
  );
}
