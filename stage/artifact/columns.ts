/**
 * The one mapping between schemas, Parquet and JavaScript (DESIGN 3).
 *
 * | zod | Parquet, DuckDB | JavaScript |
 * | --- | --- | --- |
 * | `z.int()` | INT64, BIGINT | number, safe integers only |
 * | `z.bigint()` | INT64, BIGINT | bigint |
 * | `z.number()` | DOUBLE | number, finite |
 * | `z.date()` | TIMESTAMP (ms, UTC), TIMESTAMP_MS | Date |
 * | `z.iso.date()` | DATE | "YYYY-MM-DD" |
 * | `z.string()`, `z.enum()`, literals | UTF8, VARCHAR | string |
 * | `z.boolean()` | BOOLEAN | boolean |
 *
 * `.nullable()` allows null; `undefined` is no value of a table.
 */
import { StepLabError } from "../../core/error.ts";
import type { Columns, Shape } from "../../core/shape.ts";

export type ColumnKind = "int" | "bigint" | "number" | "timestamp" | "date" | "string" | "boolean";

interface Mapping {
  /** What the column is in DuckDB, and by it in Parquet. */
  sql: "BIGINT" | "DOUBLE" | "TIMESTAMP_MS" | "DATE" | "VARCHAR" | "BOOLEAN";
  /**
   * The type values travel in between JavaScript and DuckDB, in both directions: the widest that needs no
   * object a value. Integers and times are exact in a DOUBLE as far as JavaScript knows them.
   */
  wire: "BIGINT" | "DOUBLE" | "VARCHAR" | "BOOLEAN";
  /** From the column to its wire type. */
  toWire(column: string): string;
  /** And back. */
  fromWire(column: string): string;
}

const asIs = (column: string): string => column;

/** How each kind of column is kept and how it travels; the table above, as code. */
export const MAPPINGS: Record<ColumnKind, Mapping> = {
  int: {
    sql: "BIGINT",
    wire: "DOUBLE",
    toWire: (column) => `CAST(${column} AS DOUBLE)`,
    fromWire: (column) => `CAST(${column} AS BIGINT)`,
  },
  bigint: { sql: "BIGINT", wire: "BIGINT", toWire: asIs, fromWire: asIs },
  number: { sql: "DOUBLE", wire: "DOUBLE", toWire: asIs, fromWire: asIs },
  timestamp: {
    sql: "TIMESTAMP_MS",
    wire: "DOUBLE",
    toWire: (column) => `CAST(epoch_ms(${column}) AS DOUBLE)`,
    fromWire: (column) => `CAST(make_timestamp_ms(CAST(${column} AS BIGINT)) AS TIMESTAMP_MS)`,
  },
  date: {
    sql: "DATE",
    wire: "VARCHAR",
    // Not a cast: that writes years before 1 as "0001-02-03 (BC)".
    toWire: (column) => `strftime(${column}, '%Y-%m-%d')`,
    fromWire: (column) => `CAST(${column} AS DATE)`,
  },
  string: { sql: "VARCHAR", wire: "VARCHAR", toWire: asIs, fromWire: asIs },
  boolean: { sql: "BOOLEAN", wire: "BOOLEAN", toWire: asIs, fromWire: asIs },
};

/** What DuckDB calls the columns of the files we write: it shows milliseconds as a plain TIMESTAMP. */
export const STORED_TYPES: Record<ColumnKind, readonly string[]> = {
  int: ["BIGINT"],
  bigint: ["BIGINT"],
  number: ["DOUBLE"],
  timestamp: ["TIMESTAMP", "TIMESTAMP_MS"],
  date: ["DATE"],
  string: ["VARCHAR"],
  boolean: ["BOOLEAN"],
};

/** How a column is kept, or null when tables cannot keep it (nested values, mixed unions, optional values). */
export function columnKind(shape: Shape): ColumnKind | null {
  if (shape.optional) return null;
  switch (shape.type) {
    case "int":
    case "bigint":
    case "number":
    case "timestamp":
    case "date":
    case "string":
    case "boolean":
      return shape.type;
    case "enum":
      return "string";
    case "literal":
      return typeof shape.value === "string" ? "string" : null;
    case "union":
      return shape.of.length > 0 && shape.of.every((part) => columnKind(part) === "string")
        ? "string"
        : null;
    default:
      return null;
  }
}

export interface TypedColumn {
  name: string;
  shape: Shape;
  kind: ColumnKind;
}

/**
 * A table's columns with how each is kept.
 *
 * @throws StepLabError `table/unsupported-column` naming every column that cannot be kept, and why.
 */
export function typedColumns(columns: Columns): TypedColumn[] {
  const problems: string[] = [];
  const typed: TypedColumn[] = [];
  for (const [name, shape] of Object.entries(columns)) {
    const kind = columnKind(shape);
    if (kind === null) problems.push(`Column "${name}" ${whyUnsupported(shape)}.`);
    else typed.push({ name, shape, kind });
  }
  problems.push(...nameProblems(Object.keys(columns)));
  if (typed.length === 0 && problems.length === 0) problems.push("The schema has no columns.");
  if (problems.length > 0)
    throw new StepLabError("table/unsupported-column", problems.join("\n"), {
      hint: "Columns are z.int(), z.number(), z.bigint(), z.string(), z.enum(), z.boolean(), z.date() or z.iso.date(), each with .nullable() where null may stand.",
    });
  return typed;
}

/** SQL knows no empty name, and none apart from another by capitals alone: `price` and `Price` are one column there. */
function nameProblems(names: readonly string[]): string[] {
  const problems = names.includes("") ? ["A column has an empty name."] : [];
  const seen = new Map<string, string>();
  for (const name of names) {
    const other = seen.get(name.toLowerCase());
    if (other !== undefined)
      problems.push(`Columns "${other}" and "${name}" differ in capitals only.`);
    seen.set(name.toLowerCase(), name);
  }
  return problems;
}

function whyUnsupported(shape: Shape): string {
  if (shape.optional) return "is optional; a table knows null, so write .nullable()";
  if (shape.type === "unknown") return `is ${shape.why}, which tables cannot keep`;
  if (shape.type === "union" || shape.type === "literal")
    return "mixes types or holds a literal that is not text, which tables cannot keep";
  return `is nested (${shape.type}), which tables cannot keep yet: write it as JSON text, or as columns`;
}

/** A name as SQL wants it. */
export function quoteName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** Text as SQL wants it; for our own texts (paths, patterns): values of a notebook are bound, never pasted. */
export function quoteText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
