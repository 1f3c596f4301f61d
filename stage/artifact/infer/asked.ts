/** Asking DuckDB about a file. */
import type { DuckDBConnection } from "@duckdb/node-api";
import { rowsOf, withDuck } from "../duck.ts";
import { sqlError } from "../parquet.ts";
import type { InferredColumn } from "./inferred.ts";

/** What DuckDB says of a file, or why it does not: its own errors become ours. @throws StepLabError */
export async function asked<T>(ask: (connection: DuckDBConnection) => Promise<T>): Promise<T> {
  return await withDuck(ask).catch((error: unknown) => {
    throw sqlError(error);
  });
}

/**
 * Reads every value once as the notebook will: what is announced to fit must.
 *
 * @param questions asked in the same pass, by the names that their answers have
 * @throws Error of DuckDB's
 */
export async function tryOut(
  connection: DuckDBConnection,
  from: string,
  columns: readonly InferredColumn[],
  questions: readonly string[] = [],
): Promise<Record<string, unknown>> {
  const read = columns.map(({ sql }) => `max(hash(${sql}))`);
  const [answers = {}] = await rowsOf(connection, [
    `SELECT ${[...read, ...questions].join(", ")} FROM ${from}`,
  ]);
  return answers;
}
