/** Parquet files, written from a relation. */
import type { DuckDBConnection } from "@duckdb/node-api";
import { didYouMean } from "../../core/did-you-mean.ts";
import { describeShape } from "../../core/describe-shape.ts";
import { messageOf, StepLabError } from "../../core/error.ts";
import type { Columns } from "../../core/shape.ts";
import { MAPPINGS, quoteName, quoteText, typedColumns, type TypedColumn } from "./columns.ts";
import { describeQuery, rowsOf, run, type Sql } from "./duck.ts";
import type { Relation } from "./relation.ts";

export const PARQUET_MEDIA_TYPE = "application/vnd.apache.parquet";

/** The relation of a Parquet file. */
export function parquetFile(path: string): Sql {
  return [`read_parquet(${quoteText(path)})`];
}

/**
 * Writes a relation to a Parquet file with exactly these columns, in the schema's order, rows in the relation's.
 * The bytes depend on the data alone. Values are judged afterwards (`judge.ts`); here columns and types are.
 *
 * @throws StepLabError `table/columns` for columns missing, unknown, or of another type
 */
export async function writeParquet(
  connection: DuckDBConnection,
  source: Relation,
  columns: Columns,
  path: string,
  subject: string,
): Promise<void> {
  const typed = typedColumns(columns);
  const described = await describe(connection, ["SELECT * FROM ", ...source.from]);
  demandColumns(typed, described, subject);
  const conversions = conversionsOf(typed, described, subject);
  const lossy = conversions.filter(({ exactWhen }) => exactWhen !== undefined);
  const selected = conversions.map(
    ({ column, expression }) => `${expression} AS ${quoteName(column.name)}`,
  );
  try {
    await run(connection, [
      `COPY (SELECT ${selected.join(", ")} FROM `,
      ...source.from,
      `) TO ${quoteText(path)} (FORMAT parquet, COMPRESSION zstd)`,
    ]);
  } catch (error) {
    throw (await explainLossy(connection, source, lossy, subject)) ?? sqlError(error);
  }
}

/** How a relation's column becomes one of the schema. */
export interface Conversion {
  column: TypedColumn;
  /** From the relation's column to the schema's type. */
  expression: string;
  /** Set when not every value converts: the condition under which one does. */
  exactWhen?: string;
}

const WHOLE_TYPES = /^(U?(TINYINT|SMALLINT|INTEGER|BIGINT|HUGEINT))$/;
const FRACTIONAL_TYPES = /^(DOUBLE|FLOAT|DECIMAL\(.*\))$/;

/**
 * @throws StepLabError `table/columns` for the first column whose type cannot be the schema's
 */
export function conversionsOf(
  columns: readonly TypedColumn[],
  described: readonly DescribedColumn[],
  subject: string,
): Conversion[] {
  return columns.map((column) => conversionOf(column, described, subject));
}

/** Numbers convert when nothing is lost; everything else must already be of its type: `'12'` is no number. */
function conversionOf(
  column: TypedColumn,
  described: readonly DescribedColumn[],
  subject: string,
): Conversion {
  const type = described.find(({ name }) => name === column.name)?.type ?? "";
  const quoted = quoteName(column.name);
  const { sql } = MAPPINGS[column.kind];
  const cast = `CAST(${quoted} AS ${sql})`;
  if (type === sql) return { column, expression: quoted };
  if (type === '"NULL"') return { column, expression: cast };
  switch (column.kind) {
    case "number":
      if (WHOLE_TYPES.test(type) || FRACTIONAL_TYPES.test(type))
        return { column, expression: cast };
      break;
    case "int":
    case "bigint": {
      const exactWhen = WHOLE_TYPES.test(type)
        ? `TRY_CAST(${quoted} AS BIGINT) IS NOT NULL`
        : `${quoted} = trunc(${quoted}) AND abs(${quoted}) <= ${Number.MAX_SAFE_INTEGER}`;
      if (!WHOLE_TYPES.test(type) && !FRACTIONAL_TYPES.test(type)) break;
      const expression = `CASE WHEN ${quoted} IS NULL THEN NULL WHEN ${exactWhen} THEN ${cast} ELSE error('inexact') END`;
      return { column, expression, exactWhen };
    }
    case "string":
      if (type.startsWith("ENUM(") || type === "UUID") return { column, expression: cast };
      break;
    case "timestamp":
      if (type.startsWith("TIMESTAMP") || type === "DATE") return { column, expression: cast };
      break;
    default:
      break;
  }
  throw new StepLabError(
    "table/columns",
    `${subject}: column "${column.name}" is ${type}; the schema wants ${describeShape(column.shape)} (${sql}).`,
    { hint: `Cast it where it is made: ${column.name}::${sql}` },
  );
}

/** Finds the first value that would have been changed by conversion. */
async function explainLossy(
  connection: DuckDBConnection,
  source: Relation,
  lossy: readonly Conversion[],
  subject: string,
): Promise<StepLabError | undefined> {
  for (const { column, exactWhen } of lossy) {
    const quoted = quoteName(column.name);
    const [found] = await rowsOf(connection, [
      `SELECT row, CAST(${quoted} AS VARCHAR) AS value FROM (SELECT row_number() OVER () AS row, ${quoted} FROM `,
      ...source.from,
      `) WHERE ${quoted} IS NOT NULL AND NOT (${exactWhen}) LIMIT 1`,
    ]);
    if (found === undefined) continue;
    return new StepLabError(
      "table/value",
      `${subject}, row ${String(found["row"])}, column "${column.name}": ${String(found["value"])} is not ${describeShape(column.shape)}.`,
    );
  }
  return undefined;
}

/** A column as DuckDB describes it. */
export interface DescribedColumn {
  name: string;
  type: string;
}

async function describe(connection: DuckDBConnection, query: Sql): Promise<DescribedColumn[]> {
  try {
    return await describeQuery(connection, query);
  } catch (error) {
    throw sqlError(error);
  }
}

/** What DuckDB says, as our error; its message names the place in the query. */
export function sqlError(error: unknown): StepLabError {
  if (error instanceof StepLabError) return error;
  const message = messageOf(error).replace(/^Failed to extract statements: /, "");
  return new StepLabError("sql/failed", message, { cause: error });
}

/** Missing and unknown columns, all of them in one message; order does not matter, names do. */
export function demandColumns(
  columns: readonly { name: string }[],
  given: readonly { name: string }[],
  subject: string,
  options: { extraAllowed?: boolean } = {},
): void {
  const wanted = columns.map(({ name }) => name);
  const there = given.map(({ name }) => name);
  const missing = wanted.filter((name) => !there.includes(name));
  const extra = options.extraAllowed ? [] : there.filter((name) => !wanted.includes(name));
  if (missing.length === 0 && extra.length === 0) return;
  const parts: string[] = [];
  if (missing.length > 0) parts.push(`lacks ${missing.map(quoted).join(", ")}`);
  if (extra.length > 0)
    parts.push(`has ${extra.map(quoted).join(", ")}, which the schema does not know`);
  const [firstMissing] = missing;
  const meant = firstMissing === undefined ? undefined : didYouMean(firstMissing, extra);
  const hint =
    meant?.startsWith("did") === true
      ? `Rename ${meant.slice("did you mean ".length, -1)} to "${firstMissing}"?`
      : extra.length > 0
        ? `Leave them out: .drop(${extra.map(quoted).join(", ")}), or add them to the schema.`
        : "Derive what is missing, or take it out of the schema.";
  throw new StepLabError("table/columns", `${subject} ${parts.join(", and ")}.`, { hint });
}

function quoted(name: string): string {
  return `"${name}"`;
}
