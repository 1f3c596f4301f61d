/** The columns of a Parquet file as a schema has them. */
import type { DuckDBConnection } from "@duckdb/node-api";
import { quoteName, quoteText, type ColumnKind } from "../columns.ts";
import { describeQuery, rowsOf, withDuck } from "../duck.ts";
import { sqlError } from "../parquet.ts";
import type { InferredColumn, InferredTable } from "./inferred.ts";

/** @throws StepLabError for a file that is no Parquet */
export async function inferParquet(path: string): Promise<InferredTable> {
  return await withDuck(async (connection) => await inferWith(connection, path)).catch(
    (error: unknown) => {
      throw sqlError(error);
    },
  );
}

async function inferWith(connection: DuckDBConnection, path: string): Promise<InferredTable> {
  const from = `read_parquet(${quoteText(path)})`;
  const described = await describeQuery(connection, [`SELECT * FROM ${from}`]);
  const counts = described.map(({ name }, at) => `count(${quoteName(name)}) AS c${at}`);
  const [counted] = await rowsOf(connection, [
    `SELECT ${["count(*) AS rows", ...counts].join(", ")} FROM ${from}`,
  ]);
  const rows = Number(counted?.["rows"] ?? 0);
  const notes: string[] = [];
  const columns = described.map(({ name, type }, at): InferredColumn => {
    const nullable = Number(counted?.[`c${at}`] ?? 0) < rows;
    const [kind, cast] = PARQUET_TYPES.find(([pattern]) => pattern.test(type))?.[1] ?? [
      "string" as const,
      "varchar",
    ];
    if (cast === "varchar" && type !== "VARCHAR")
      notes.push(`column "${name}" is ${type.toLowerCase()}: it is read as text`);
    const quoted = quoteName(name);
    return { name, kind, nullable, sql: cast === null ? quoted : `${quoted}::${cast}` };
  });
  return { rows, columns, reader: { name: "read_parquet", options: [] }, notes };
}

const PARQUET_TYPES: readonly [RegExp, [kind: ColumnKind, cast: string | null]][] = [
  [/^(?:U?(?:TINY|SMALL)INT|U?INTEGER)$/, ["int", "bigint"]],
  [/^BIGINT$/, ["int", null]],
  [/^DOUBLE$/, ["number", null]],
  [/^(?:FLOAT|DECIMAL\(.*\)|U?HUGEINT|UBIGINT)$/, ["number", "double"]],
  [/^BOOLEAN$/, ["boolean", null]],
  [/^DATE$/, ["date", null]],
  [/^TIMESTAMP WITH TIME ZONE$/, ["timestamp", "timestamp"]],
  [/^TIMESTAMP(?:_S|_MS|_NS)?$/, ["timestamp", "timestamp_ms"]],
  [/^VARCHAR$/, ["string", null]],
];
