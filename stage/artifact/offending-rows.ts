/** The rows that broke a check, kept as a Parquet file that outlives the failed stage. */
import { digestOf, hexOf } from "../../core/digest.ts";
import { quoteText } from "./columns.ts";
import { run, withDuck } from "./duck.ts";
import { inferColumns, loadColumns } from "./load.ts";
import { stagedPlace } from "../publish.ts";
import { currentSession } from "../session.ts";

export interface OffendingRow {
  /** From 1. */
  row: number;
  /** Cut to the columns that may be shown. */
  values: Record<string, unknown>;
}

/** The name below staging, or undefined when there is nothing to keep. Column `row` is the row's number from 1. */
export async function keepOffendingRows(
  check: string,
  offending: readonly OffendingRow[],
): Promise<string | undefined> {
  const [first] = offending;
  if (first === undefined) return undefined;
  const values: Record<string, unknown[]> = { row: offending.map(({ row }) => row) };
  for (const name of Object.keys(first.values)) {
    if (name !== "row")
      values[freeName(name, values)] = ofOneType(offending.map((found) => found.values[name]));
  }
  const columns = inferColumns(values);
  const { path, staged } = stagedPlace(currentSession(), `checks/${slug(check)}.parquet`);
  await withDuck(async (connection) => {
    const batch = columns.map(({ name }) => values[name] ?? []);
    const { from } = await loadColumns(connection, columns, [batch], `Check "${check}"`);
    await run(connection, [
      "COPY (FROM ",
      ...from,
      `) TO ${quoteText(path)} (FORMAT parquet, COMPRESSION zstd)`,
    ]);
  });
  return staged;
}

/** SQL tells no columns apart by capitals alone, and the rows were not made for SQL. */
function freeName(name: string, taken: Record<string, unknown>): string {
  const lower = new Set(Object.keys(taken).map((other) => other.toLowerCase()));
  let free = name;
  while (lower.has(free.toLowerCase())) free += "_";
  return free;
}

/** Rows that break a rule may hold anything, and must not fail for it: what no column can keep is kept as text. */
function ofOneType(values: readonly unknown[]): unknown[] {
  const plainValues = values.map(plain);
  const types = new Set(
    plainValues.map((value) => (value instanceof Date ? "date" : typeof value)),
  );
  types.delete("object"); // null
  return types.size <= 1
    ? plainValues
    : plainValues.map((value) => (value === null ? null : textOf(value)));
}

function textOf(value: unknown): string {
  return value instanceof Date ? value.toISOString() : String(value);
}

function plain(value: unknown): unknown {
  if (value === undefined || value === null) return null;
  if (typeof value === "number" && !Number.isFinite(value)) return null;
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value;
  return typeof value === "object" ? JSON.stringify(value) : value;
}

/** A file name of its own on every system: readable, and told apart by the digest of the whole name. */
function slug(name: string): string {
  const readable = name
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .replaceAll(/^-|-$/g, "")
    .slice(0, 40);
  return `${readable || "check"}-${hexOf(digestOf(name)).slice(0, 12)}`;
}
