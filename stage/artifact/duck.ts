/**
 * DuckDB: one instance a process, opened when first asked for (150 ms that a stage without files and SQL does
 * not pay), one connection an operation.
 *
 * Single-threaded, because with several threads sums of doubles, groups and filtered copies differ from run to
 * run (reference measurements), and a stage's outputs must not. Nothing is downloaded: extensions neither install
 * nor load by themselves.
 */
import { mkdirSync } from "node:fs";
import { totalmem } from "node:os";
import { join } from "node:path";
import type {
  DuckDBConnection,
  DuckDBDataChunk,
  DuckDBInstance,
  DuckDBType,
} from "@duckdb/node-api";
import { digestOf, hexOf } from "../../core/digest.ts";
import { currentSession } from "../session.ts";

export type DuckApi = typeof import("@duckdb/node-api");

/** Threads for SQL and Parquet; set by a runner whose stage opted out of reproducible bytes. */
export const THREADS = Math.max(1, Number(process.env["STEPLAB_SQL_THREADS"] ?? 1) || 1);

const MIN_MEMORY_BYTES = 512 * 2 ** 20;

interface Opened {
  api: DuckApi;
  instance: DuckDBInstance;
}

let opened: Promise<Opened> | undefined;

async function open(): Promise<Opened> {
  const api = await import("@duckdb/node-api");
  const spill = join(currentSession().scratch, "duckdb");
  mkdirSync(spill, { recursive: true });
  const instance = await api.DuckDBInstance.create(":memory:", {
    threads: String(THREADS),
    autoinstall_known_extensions: "false",
    autoload_known_extensions: "false",
    // A quarter of the machine: several stages run side by side, and what exceeds it spills to scratch.
    memory_limit: `${Math.round(Math.max(MIN_MEMORY_BYTES, totalmem() / 4) / 2 ** 20)}MiB`,
    temp_directory: spill,
    preserve_insertion_order: "true",
  });
  const connection = await instance.connect();
  await connection.run("SET GLOBAL TimeZone = 'UTC'"); // known only once ICU is loaded
  connection.disconnectSync();
  return { api, instance };
}

/** The library itself, for its types. */
export async function duckApi(): Promise<DuckApi> {
  return (await (opened ??= open())).api;
}

/** A connection of one's own, for as long as it is in use: `await using duck = await connectDuck()`. */
export async function connectDuck(): Promise<AsyncDisposable & { connection: DuckDBConnection }> {
  const { instance } = await (opened ??= open());
  const connection = await instance.connect();
  return {
    connection,
    [Symbol.asyncDispose]: async () => connection.disconnectSync(),
  };
}

/** Gives `work` a connection of its own; closes it afterwards. */
export async function withDuck<T>(work: (connection: DuckDBConnection) => Promise<T>): Promise<T> {
  await using duck = await connectDuck();
  return await work(duck.connection);
}

/**
 * Makes what a query draws (`random()`, `uuid()`, `using sample`) follow the stage's seed and the query's own text:
 * the same in every run, whatever else runs beside it. Without a seed (JupyterLab) nothing is changed.
 */
export async function seedDraws(connection: DuckDBConnection, query: string): Promise<void> {
  const seed = currentSession().bindings?.seed ?? null;
  if (seed === null) return;
  const bits = hexOf(digestOf(`${seed}/${query}`)).slice(0, 8);
  await connection.run(`SELECT setseed(${Number.parseInt(bits, 16) / 2 ** 32})`);
}

/** A value that a query may bind. */
export type SqlValue = number | string | boolean | bigint | Date | null;

/** Text and values to bind, in order: values never become part of the text. */
export type Sql = readonly (string | { readonly value: SqlValue })[];

export interface Statement {
  text: string;
  values: Record<string, never>;
  types: Record<string, DuckDBType>;
}

/** `$1`, `$2`, … with their values and types. */
export async function statementOf(sql: Sql): Promise<Statement> {
  const api = await duckApi();
  const values: Record<string, unknown> = {};
  const types: Record<string, DuckDBType> = {};
  let text = "";
  let count = 0;
  for (const part of sql) {
    if (typeof part === "string") text += part;
    else {
      count++;
      [values[count], types[count]] = bindable(api, part.value);
      text += `$${count}`;
    }
  }
  return { text, values: values as Record<string, never>, types }; // what `bindable` gives, DuckDB takes
}

function bindable(api: DuckApi, value: SqlValue): [unknown, DuckDBType] {
  if (value === null) return [null, api.SQLNULL];
  if (typeof value === "bigint") return [value, api.BIGINT];
  // A whole number is bound as one: LIMIT, list positions and range() want integers.
  if (typeof value === "number")
    return Number.isSafeInteger(value) ? [BigInt(value), api.BIGINT] : [value, api.DOUBLE];
  if (typeof value === "boolean") return [value, api.BOOLEAN];
  if (typeof value === "string") return [value, api.VARCHAR];
  return [new api.DuckDBTimestampValue(BigInt(value.getTime()) * 1000n), api.TIMESTAMP];
}

/** Runs a statement and gives its rows by column name. For small answers: streams are `chunks`. */
export async function rowsOf(
  connection: DuckDBConnection,
  sql: Sql,
): Promise<Record<string, unknown>[]> {
  const { text, values, types } = await statementOf(sql);
  const reader = await connection.runAndReadAll(text, values, types);
  return reader.getRowObjectsJS();
}

/** Runs a statement for its effect. */
export async function run(connection: DuckDBConnection, sql: Sql): Promise<void> {
  const { text, values, types } = await statementOf(sql);
  await connection.run(text, values, types);
}

/** A query's answer in chunks of at most 2,048 rows, computed as they are taken. */
export async function* chunks(
  connection: DuckDBConnection,
  sql: Sql,
): AsyncGenerator<DuckDBDataChunk> {
  const { text, values, types } = await statementOf(sql);
  const result = await connection.stream(text, values, types);
  for (;;) {
    const chunk = await result.fetchChunk();
    if (chunk === null || chunk.rowCount === 0) return;
    yield chunk;
  }
}

/** Names and types of a query's columns, found without running it. */
export async function describeQuery(
  connection: DuckDBConnection,
  sql: Sql,
): Promise<{ name: string; type: string }[]> {
  const described = await rowsOf(connection, ["DESCRIBE ", ...sql]);
  return described.map((row) => ({
    name: String(row["column_name"]),
    type: String(row["column_type"]),
  }));
}
