/** From a relation into JavaScript: a table in memory, or row by row. */
import type { DuckDBConnection, DuckDBDataChunk } from "@duckdb/node-api";
import { StepLabError } from "../../core/error.ts";
import type { Columns } from "../../core/shape.ts";
import { arquero } from "./arquero.ts";
import { MAPPINGS, quoteName, typedColumns, type TypedColumn } from "./columns.ts";
import { chunks, rowsOf, run, type Sql } from "./duck.ts";
import type { Relation } from "./relation.ts";
import { Table } from "./table.ts";

/**
 * Reads columns of a relation into memory.
 *
 * @param subject what messages call it: `Input "listings"`
 * @param origin what the table is the untouched content of, see {@link Table.origin}
 * @throws StepLabError `table/value` for a whole number that JavaScript cannot hold
 */
export async function readTable<R extends object>(
  connection: DuckDBConnection,
  relation: Relation,
  columns: Columns,
  subject: string,
  origin?: unknown,
): Promise<Table<R>> {
  const typed = typedColumns(columns);
  const rows = relation.checked === undefined ? null : await countOf(connection, relation.from);
  const shared =
    rows === null ? new Map<string, string>() : await shareTexts(connection, relation, typed, rows);
  const values = typed.map((column) => storeFor(column, rows));
  let before = 0;
  for await (const chunk of chunks(connection, selectWire(typed, relation.from, shared))) {
    for (const [at, column] of typed.entries()) {
      const store = values[at];
      if (store !== undefined)
        copyValues(store, before, chunk.getColumnVector(at), column, subject, before);
    }
    before += chunk.rowCount;
  }
  const named = Object.fromEntries(typed.map(({ name }, at) => [name, values[at] ?? []]));
  const { ColumnTable } = arquero();
  return new Table<R>(new ColumnTable(named), origin);
}

/** Rows of a relation, chunk by chunk: the whole is never in memory. */
export async function* readRows<R extends object>(
  connection: DuckDBConnection,
  from: Sql,
  columns: Columns,
  subject: string,
): AsyncGenerator<R> {
  const typed = typedColumns(columns);
  let before = 0;
  for await (const chunk of chunks(connection, selectWire(typed, from))) {
    const values = typed.map((column, at) => {
      const store: unknown[] = [];
      copyValues(store, 0, chunk.getColumnVector(at), column, subject, before);
      return store;
    });
    for (let row = 0; row < chunk.rowCount; row++) {
      const object = Object.fromEntries(typed.map(({ name }, at) => [name, values[at]?.[row]]));
      yield object as R; // made of the schema's columns
    }
    before += chunk.rowCount;
  }
}

async function countOf(connection: DuckDBConnection, from: Sql): Promise<number> {
  const [found] = await rowsOf(connection, ["SELECT count(*) AS rows FROM ", ...from]);
  return Number(found?.["rows"] ?? 0);
}

function selectWire(
  columns: readonly TypedColumn[],
  from: Sql,
  shared: ReadonlyMap<string, string> = new Map(),
): Sql {
  const selected = columns.map(({ name, kind }) => {
    const quoted = quoteName(name);
    const type = shared.get(name);
    const expression =
      type === undefined ? MAPPINGS[kind].toWire(quoted) : `CAST(${quoted} AS ${type})`;
    return `${expression} AS ${quoted}`;
  });
  return [`SELECT ${selected.join(", ")} FROM `, ...from];
}

/** From here on it pays to look for texts that repeat. */
const MANY_ROWS = 50_000;
const MOST_SHARED_TEXTS = 5_000;
let enums = 0;

/**
 * Text that repeats is read as an ENUM: each value becomes one JavaScript string, shared by its rows. Decoding a
 * million borough names one by one takes half a second and as many strings; this takes a tenth.
 */
async function shareTexts(
  connection: DuckDBConnection,
  { from }: Relation,
  columns: readonly TypedColumn[],
  rows: number,
): Promise<Map<string, string>> {
  const shared = new Map<string, string>();
  const texts = columns.filter(({ kind }) => kind === "string");
  if (rows < MANY_ROWS || texts.length === 0) return shared;
  const measures = texts.map(
    ({ name }, at) => `approx_count_distinct(${quoteName(name)}) AS "${at}"`,
  );
  const [distinct] = await rowsOf(connection, [`SELECT ${measures.join(", ")} FROM `, ...from]);
  for (const [at, { name }] of texts.entries()) {
    const values = Number(distinct?.[at] ?? Infinity);
    if (values === 0 || values > MOST_SHARED_TEXTS) continue;
    const type = `steplab_texts_${++enums}`;
    const quoted = quoteName(name);
    await run(connection, [
      `CREATE TEMP TYPE ${type} AS ENUM (SELECT DISTINCT ${quoted} FROM `,
      ...from,
      ` WHERE ${quoted} IS NOT NULL)`,
    ]);
    shared.set(name, type);
  }
  return shared;
}

/** Where a column's values go: numbers that are never null into a typed array, when their count is known. */
type Store = unknown[] | Float64Array;

function storeFor({ kind, shape }: TypedColumn, rows: number | null): Store {
  const numeric = (kind === "int" || kind === "number") && !shape.nullable;
  return rows !== null && numeric ? new Float64Array(rows) : [];
}

/** A chunk's column in JavaScript's types, put into `store` from `at`. `before`: rows of earlier chunks. */
function copyValues(
  store: Store,
  at: number,
  vector: ReturnType<DuckDBDataChunk["getColumnVector"]>,
  column: TypedColumn,
  subject: string,
  before: number,
): void {
  for (let row = 0; row < vector.itemCount; row++) {
    const value = vector.getItem(row);
    if (column.kind === "int" && value !== null && !Number.isSafeInteger(value))
      throw unsafe(column, subject, before + row + 1);
    const isTime = column.kind === "timestamp" && value !== null;
    store[at + row] = isTime ? new Date(Number(value)) : value;
  }
}

function unsafe(column: TypedColumn, subject: string, row: number): StepLabError {
  return new StepLabError(
    "table/value",
    `${subject}, row ${row}, column "${column.name}" holds a whole number beyond ±${Number.MAX_SAFE_INTEGER}, which JavaScript's number cannot hold.`,
    { hint: "Declare the column z.bigint()." },
  );
}
