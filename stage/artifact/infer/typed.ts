/** Files whose columns have types already, Parquet and JSON with an object a row: as a schema has them, and a query reads them. */
import type { DuckDBConnection } from "@duckdb/node-api";
import { StepLabError } from "../../../core/error.ts";
import { quoteName, quoteText, type ColumnKind } from "../columns.ts";
import { describeQuery, rowsOf } from "../duck.ts";
import { asked, tryOut } from "./asked.ts";
import type { InferredColumn, InferredTable } from "./inferred.ts";
import { LOOKS, lookOf } from "./looks.ts";

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

/** Null for JSON that holds no rows of objects. @throws StepLabError for what is no JSON, or has keys that tables cannot tell apart */
export async function inferJson(path: string): Promise<InferredTable | null> {
  return await asked(async (connection) => {
    const looked: Reader = { name: "read_json", options: ["sample_size = -1"] };
    const found = await describe(connection, callOf(looked, path));
    // An array of anything but objects is one column of DuckDB's own making.
    if (found.length === 1 && found[0]?.name === "json") return null;
    refuseRenamed(found);
    const columns = found.map(({ name, type }) => ({ name, type: asJson(type) }));
    // Types are said, so that a run looks for none.
    const types = columns.map(({ name, type }) => `${quoteText(name)}: ${quoteText(type)}`);
    const reader: Reader = { name: "read_json", options: [`columns = {${types.join(", ")}}`] };
    return await inferFrom(connection, path, reader, columns);
  });
}

/** JSON has no days: what DuckDB takes for one is text, which `lookOf` judges. */
function asJson(type: string): string {
  if (/^(?:STRUCT|MAP|UNION)\(|\]$/.test(type)) return "JSON";
  return /^(?:DATE|TIME|TIMESTAMP|INTERVAL|UUID)/.test(type) ? "VARCHAR" : type;
}

/** `id` and `Id` are one name in SQL: DuckDB calls the second `Id_1`, which the file has not. */
function refuseRenamed(columns: readonly TypedColumn[]): void {
  const names = new Set(columns.map(({ name }) => name.toLowerCase()));
  const renamed = columns.find(({ name }) => {
    const [, first] = /^(.*)_\d+$/.exec(name) ?? [];
    return first !== undefined && names.has(first.toLowerCase());
  });
  if (renamed === undefined) return;
  throw new StepLabError(
    "table/unsupported-column",
    `Its keys "${renamed.name.replace(/_\d+$/, "")}" and "${renamed.name}" may differ in capitals only, which tables cannot tell apart.`,
  );
}

function callOf({ name, options }: Reader, path: string): string {
  return `${name}(${[quoteText(path), ...options].join(", ")})`;
}

async function describe(connection: DuckDBConnection, from: string): Promise<TypedColumn[]> {
  return await describeQuery(connection, [`SELECT * FROM ${from}`]);
}

/** What a column holds, by its type. */
const FAMILIES: readonly [RegExp, Family][] = [
  [/^(?:U?(?:TINY|SMALL|BIG|HUGE)INT|U?INTEGER|DECIMAL\(\d+,0\))$/, "whole"],
  [/^(?:DOUBLE|FLOAT|DECIMAL\(.*\))$/, "fraction"],
  [/^BOOLEAN$/, "boolean"],
  [/^DATE$/, "date"],
  [/^TIMESTAMP/, "timestamp"],
  [/^VARCHAR$/, "text"],
];
type Family = "whole" | "fraction" | "boolean" | "date" | "timestamp" | "text" | "other";

function familyOf(type: string): Family {
  return FAMILIES.find(([pattern]) => pattern.test(type))?.[1] ?? "other";
}

/** What of a column's values its type does not tell, in one figure. */
function questionOf(name: string, family: Family, isJson: boolean): string {
  const quoted = quoteName(name);
  if (family === "whole") return `max(abs(${quoted}::HUGEINT))::VARCHAR`;
  if (family === "fraction") return `count(*) FILTER (NOT isfinite(${quoted}::DOUBLE))`;
  if (family === "text" && isJson)
    return `bit_or(CASE WHEN ${quoted} IS NULL THEN 0 ELSE ${lookOf(quoted)} END)`;
  return "NULL";
}

const LARGEST_INT64 = 2n ** 63n - 1n;

interface Reading {
  kind: ColumnKind;
  sql: string;
  nullable?: boolean;
  note?: string;
}

/** @param told the answer to the question */
function readingOf(
  quoted: string,
  type: string,
  family: Family,
  told: string | number | bigint | null,
): Reading {
  switch (family) {
    case "whole": {
      const largest = BigInt(told ?? 0);
      const sql = type === "BIGINT" ? quoted : `${quoted}::bigint`;
      if (largest <= BigInt(Number.MAX_SAFE_INTEGER)) return { kind: "int", sql };
      if (largest <= LARGEST_INT64) return { kind: "bigint", sql };
      const note = "has whole numbers beyond 64 bits: it is read as text";
      return { kind: "string", sql: `${quoted}::varchar`, note };
    }
    case "fraction": {
      const sql = type === "DOUBLE" ? quoted : `${quoted}::double`;
      if (Number(told ?? 0) === 0) return { kind: "number", sql };
      const note = "has NaN or infinities: they are read as missing";
      return {
        kind: "number",
        sql: `case when isfinite(${sql}) then ${sql} end`,
        nullable: true,
        note,
      };
    }
    case "boolean":
      return { kind: "boolean", sql: quoted };
    case "date":
      return { kind: "date", sql: quoted };
    case "timestamp":
      return {
        kind: "timestamp",
        sql: /TIME ZONE/.test(type) ? `${quoted}::timestamp` : `${quoted}::timestamp_ms`,
      };
    case "text": {
      const looks = Number(told ?? 0);
      if (looks === LOOKS.date) return { kind: "date", sql: `${quoted}::date` };
      const isTime = looks !== 0 && (looks & ~(LOOKS.date | LOOKS.timestamp)) === 0;
      if (isTime) return { kind: "timestamp", sql: `${quoted}::timestamptz::timestamp` };
      return { kind: "string", sql: quoted };
    }
    case "other":
      return {
        kind: "string",
        sql: `${quoted}::varchar`,
        note: `is ${type.toLowerCase()}: it is read as text`,
      };
  }
}

/** One pass over all rows, and one to try what was found. */
async function inferFrom(
  connection: DuckDBConnection,
  path: string,
  reader: Reader,
  described: readonly TypedColumn[],
): Promise<InferredTable> {
  const from = callOf(reader, path);
  const isJson = reader.name === "read_json";
  const questions = described.flatMap(({ name, type }, at) => [
    `count(${quoteName(name)}) AS n${at}`,
    `${questionOf(name, familyOf(type), isJson)} AS t${at}`,
  ]);
  const [found = {}] = await rowsOf(connection, [
    `SELECT ${["count(*) AS rows", ...questions].join(", ")} FROM ${from}`,
  ]);
  const rows = Number(found["rows"]);
  const notes: string[] = [];
  const columns = described.map(({ name, type }, at): InferredColumn => {
    const told = found[`t${at}`] as string | number | bigint | null; // as it was asked
    const reading = readingOf(quoteName(name), type, familyOf(type), told);
    if (reading.note !== undefined) notes.push(`column "${name}" ${reading.note}`);
    const { kind, sql } = reading;
    return {
      name,
      kind,
      sql,
      nullable: reading.nullable === true || Number(found[`n${at}`]) < rows,
    };
  });
  await tryOut(connection, from, columns);
  return { rows, columns, reader, notes };
}
