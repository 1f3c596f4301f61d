/** The rows that broke a check, kept as a Parquet file that outlives the failed stage. */
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
    if (name !== "row") values[name] = offending.map((found) => plain(found.values[name]));
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

/** A row that breaks a rule may hold anything: what no column can keep is kept as text. */
function plain(value: unknown): unknown {
  if (value === undefined || value === null) return null;
  if (typeof value === "number" && !Number.isFinite(value)) return null;
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value;
  return typeof value === "object" ? JSON.stringify(value) : value;
}

/** A file name that the check can be told from, on every system. */
function slug(name: string): string {
  const plainName = name
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .replaceAll(/^-|-$/g, "");
  return plainName.slice(0, 60) || `check-${Buffer.from(name).toString("hex").slice(0, 16)}`;
}
