/** Files whose columns have types already, Parquet and JSON with an object a row: as a schema has them, and a query reads them. */
import type { DuckDBConnection } from "@duckdb/node-api";
import { quoteName, quoteText, type ColumnKind } from "../columns.ts";
import { describeQuery, rowsOf, withDuck } from "../duck.ts";
import { sqlError } from "../parquet.ts";
import type { InferredColumn, InferredTable } from "./inferred.ts";

interface TypedColumn {
  name: string;
  /** DuckDB's. */
  type: string;
}

type Reader = NonNullable<InferredTable["reader"]>;

/** @throws StepLabError for a file that is no Parquet */
export async function inferParquet(path: string): Promise<InferredTable> {
  return await asked(async (connection) => {
    const reader: Reader = { name: "read_parquet", options: [] };
    const columns = await describe(connection, callOf(reader, path));
    return await inferFrom(connection, path, reader, columns);
  });
}

/** Null for JSON that holds no rows of objects. @throws StepLabError for what is no JSON */
export async function inferJson(path: string): Promise<InferredTable | null> {
  return await asked(async (connection) => {
    const looked: Reader = { name: "read_json", options: ["sample_size = -1"] };
    const found = await describe(connection, callOf(looked, path));
    // An array of anything but objects is one column of DuckDB's own making.
    if (found.length === 1 && found[0]?.name === "json") return null;
    const columns = found.map(({ name, type }) => ({
      name,
      type: isNested(type) ? "JSON" : type,
    }));
    // Types are said, so that a run looks for none.
    const types = columns.map(({ name, type }) => `${quoteText(name)}: ${quoteText(type)}`);
    const reader: Reader = { name: "read_json", options: [`columns = {${types.join(", ")}}`] };
    return await inferFrom(connection, path, reader, columns);
  });
}

async function asked<T>(ask: (connection: DuckDBConnection) => Promise<T>): Promise<T> {
  return await withDuck(ask).catch((error: unknown) => {
    throw sqlError(error);
  });
}

function callOf({ name, options }: Reader, path: string): string {
  return `${name}(${[quoteText(path), ...options].join(", ")})`;
}

async function describe(connection: DuckDBConnection, from: string): Promise<TypedColumn[]> {
  return await describeQuery(connection, [`SELECT * FROM ${from}`]);
}

/** How a column's type becomes one of a schema; `cast` null: it is that already. */
const TYPES: readonly [RegExp, kind: ColumnKind, cast: string | null][] = [
  [/^(?:U?(?:TINY|SMALL)INT|U?INTEGER)$/, "int", "bigint"],
  [/^BIGINT$/, "int", null],
  [/^DOUBLE$/, "number", null],
  [/^(?:FLOAT|DECIMAL\(.*\)|U?HUGEINT|UBIGINT)$/, "number", "double"],
  [/^BOOLEAN$/, "boolean", null],
  [/^DATE$/, "date", null],
  [/^TIMESTAMP WITH TIME ZONE$/, "timestamp", "timestamp"],
  [/^TIMESTAMP(?:_S|_MS|_NS)?$/, "timestamp", "timestamp_ms"],
  [/^VARCHAR$/, "string", null],
  [/^/, "string", "varchar"],
];

function isNested(type: string): boolean {
  return /^(?:STRUCT|MAP|UNION)\(|\]$/.test(type);
}

/** What of a column's values its type does not tell. */
function questionsOf({ name, type }: TypedColumn, at: number): string[] {
  const quoted = quoteName(name);
  const isFraction = /^(?:DOUBLE|FLOAT)$/.test(type);
  return [
    `count(${quoted}) AS n${at}`,
    // Whole numbers that JavaScript's own cannot hold.
    type === "BIGINT"
      ? `coalesce(bool_or(abs(${quoted}::HUGEINT) > ${Number.MAX_SAFE_INTEGER}), false) AS large${at}`
      : `false AS large${at}`,
    isFraction ? `coalesce(bool_or(isnan(${quoted})), false) AS nan${at}` : `false AS nan${at}`,
  ];
}

/** One pass over all rows. */
async function inferFrom(
  connection: DuckDBConnection,
  path: string,
  reader: Reader,
  described: readonly TypedColumn[],
): Promise<InferredTable> {
  const [found] = await rowsOf(connection, [
    `SELECT ${["count(*) AS rows", ...described.flatMap(questionsOf)].join(", ")} FROM ${callOf(reader, path)}`,
  ]);
  const rows = Number(found?.["rows"] ?? 0);
  const notes: string[] = [];
  const columns = described.map((column, at): InferredColumn => {
    const { name, type } = column;
    const [, known = "string", cast = null] = TYPES.find(([pattern]) => pattern.test(type)) ?? [];
    const kind = found?.[`large${at}`] === true ? "bigint" : known;
    const hasNaN = found?.[`nan${at}`] === true;
    if (cast === "varchar")
      notes.push(`column "${name}" is ${type.toLowerCase()}: it is read as text`);
    const quoted = quoteName(name);
    const value = cast === null ? quoted : `${quoted}::${cast}`;
    return {
      name,
      kind,
      nullable: hasNaN || Number(found?.[`n${at}`] ?? 0) < rows,
      sql: hasNaN ? `nullif(${value}, 'nan'::double)` : value,
    };
  });
  return { rows, columns, reader, notes };
}
