/** What is remembered of a written table: rows, nulls, ranges, distinct counts, and a histogram from a sample. */
import type { DuckDBConnection } from "@duckdb/node-api";
import type { ColumnSummary, TableSummary } from "../../core/fact.ts";
import type { Columns } from "../../core/shape.ts";
import { MAPPINGS, quoteName, quoteText, typedColumns, type TypedColumn } from "./columns.ts";
import { rowsOf } from "./duck.ts";
import { parquetFile } from "./parquet.ts";

/** Up to here distinct values are counted; above, HyperLogLog estimates them (a few percent off, ten times faster). */
const MOST_ROWS_COUNTED = 50_000;
/** Histograms come from every n-th row, so that about this many rows are read. */
const SAMPLE_ROWS = 5_000;
const BINS = 20;
/** Text with more different values than this in the sample is a name or an id: its values are nobody's business here. */
const MOST_TEXT_VALUES = 30;

/** Reads a written Parquet file once, and a sample of it again; the same file gives the same summary. */
export async function summarise(
  connection: DuckDBConnection,
  path: string,
  columns: Columns,
): Promise<TableSummary> {
  const typed = typedColumns(columns);
  const [count] = await rowsOf(connection, ["SELECT count(*) AS rows FROM ", ...parquetFile(path)]);
  const rows = Number(count?.["rows"] ?? 0);
  const measures = typed.flatMap((column, at) => measuresOf(column, at, rows <= MOST_ROWS_COUNTED));
  const [found] = await rowsOf(connection, [
    `SELECT ${measures.join(", ")} FROM `,
    ...parquetFile(path),
  ]);
  const sample = await sampleOf(connection, path, typed, rows);
  const summaries = typed.map((column, at) => {
    const measured = summaryOf(column, (measure) => found?.[`${measure}${at}`]);
    const histogram = histogramOf(column, sample[at] ?? [], measured);
    return [column.name, histogram === undefined ? measured : { ...measured, histogram }] as const;
  });
  return { rows, columns: Object.fromEntries(summaries) };
}

function measuresOf({ name, kind }: TypedColumn, at: number, exact: boolean): string[] {
  const column = quoteName(name);
  const measures = [`count(*) - count(${column}) AS nulls${at}`];
  // Of a large table nobody asks how many different fractions and instants it has, and estimating costs a scan each.
  const counted = exact || (kind !== "number" && kind !== "timestamp");
  if (counted) {
    const distinct = exact ? `count(DISTINCT ${column})` : `approx_count_distinct(${column})`;
    measures.push(`${distinct} AS distinct${at}`);
  }
  if (isNumeric(kind) || kind === "timestamp" || kind === "date")
    measures.push(`min(${column}) AS min${at}`, `max(${column}) AS max${at}`);
  if (isNumeric(kind)) measures.push(`avg(${column}) AS mean${at}`);
  return measures;
}

function isNumeric(kind: TypedColumn["kind"]): boolean {
  return kind === "int" || kind === "bigint" || kind === "number";
}

function summaryOf({ kind }: TypedColumn, measured: (measure: string) => unknown): ColumnSummary {
  const summary: ColumnSummary = { nulls: Number(measured("nulls")) };
  const distinct = measured("distinct");
  if (distinct !== undefined) summary.distinct = Number(distinct);
  for (const measure of ["min", "max", "mean"] as const) {
    const value = measured(measure);
    if (value === null || value === undefined) continue;
    if (value instanceof Date)
      summary[measure === "mean" ? "min" : measure] =
        kind === "date" ? value.toISOString().slice(0, 10) : value.toISOString();
    else summary[measure] = Number(value);
  }
  return summary;
}

/** Every n-th row, so that the sample is the same for the same table. */
async function sampleOf(
  connection: DuckDBConnection,
  path: string,
  columns: readonly TypedColumn[],
  rows: number,
): Promise<unknown[][]> {
  const step = Math.max(1, Math.ceil(rows / SAMPLE_ROWS));
  const selected = columns.map(({ name, kind }) => MAPPINGS[kind].toWire(quoteName(name)));
  const reader = await connection.runAndReadAll(
    `SELECT ${selected.join(", ")} FROM read_parquet(${quoteText(path)}, file_row_number = true) WHERE file_row_number % ${step} = 0`,
  );
  return reader.getColumns();
}

function histogramOf(
  { kind, shape }: TypedColumn,
  sample: readonly unknown[],
  { min, max }: ColumnSummary,
): ColumnSummary["histogram"] {
  const values = sample.filter((value) => value !== null);
  if (values.length === 0) return undefined;
  if (kind === "string" || kind === "boolean") return mostFrequent(values, shape.type === "enum");
  if (!isNumeric(kind) || typeof min !== "number" || typeof max !== "number") return undefined;
  if (!Number.isFinite(min) || !Number.isFinite(max)) return undefined;
  const counts = new Array<number>(min === max ? 1 : BINS).fill(0);
  const width = (max - min) / counts.length || 1;
  for (const value of values) {
    const bin = Math.min(counts.length - 1, Math.max(0, Math.floor((Number(value) - min) / width)));
    counts[bin] = (counts[bin] ?? 0) + 1;
  }
  return { from: min, to: max, counts };
}

function mostFrequent(values: readonly unknown[], isEnum: boolean): ColumnSummary["histogram"] {
  const counts = new Map<string, number>();
  for (const value of values) counts.set(String(value), (counts.get(String(value)) ?? 0) + 1);
  if (counts.size > MOST_TEXT_VALUES && !isEnum) return undefined;
  const sorted = [...counts].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1)).slice(0, BINS);
  return { values: sorted.map(([value]) => value), counts: sorted.map(([, count]) => count) };
}
