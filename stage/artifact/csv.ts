/**
 * A CSV file read by a schema: `input.delivery.csv(RawListing)`.
 *
 * Strict, because a delivery that is silently bent into shape is found out after training. The header must be
 * the schema's columns in order. An unquoted empty field is a missing value (null), `""` the empty text
 * (PostgreSQL's rule). Whole numbers have digits only, numbers may have a point and an exponent, booleans are
 * true or false in any case, days are YYYY-MM-DD, times ISO 8601 (a day is its midnight, no zone is UTC).
 * No spaces, no thousands separators. UTF-8, with or without a byte order mark; LF or CRLF.
 *
 * On first use the file is converted, checked, into a Parquet file in scratch; tables, rows, queries and writes
 * all read that. So a file is parsed and judged once, whatever a notebook does with it.
 */
import { join } from "node:path";
import type { z } from "zod";
import { count, plural } from "../../core/count.ts";
import { decodeShape } from "../../core/decode.ts";
import { describeShape, sayMisfit } from "../../core/describe-shape.ts";
import { didYouMean } from "../../core/did-you-mean.ts";
import { messageOf, StepLabError } from "../../core/error.ts";
import type { Columns } from "../../core/shape.ts";
import { columnsOf } from "../contract/shape-of.ts";
import { diskError } from "../disk.ts";
import { currentSession, type Session } from "../session.ts";
import {
  MAPPINGS,
  quoteName,
  quoteText,
  typedColumns,
  type ColumnKind,
  type TypedColumn,
} from "./columns.ts";
import { csvRecords, type CsvField, type CsvRecord } from "./csv-scan.ts";
import { run, withDuck } from "./duck.ts";
import { brokenWhen, findCodeMisfit, misfitError } from "./judge.ts";
import { parquetFile } from "./parquet.ts";
import { readTable } from "./read.ts";
import { RELATION, type Relation } from "./relation.ts";
import { countRows, rowsOfFile, type TableSource } from "./table-kind.ts";
import type { Table } from "./table.ts";

/** Converted files, by schema and path: a notebook that calls `.csv(Schema)` twice parses once. */
const converted = new WeakMap<Session, WeakMap<z.ZodObject, Map<string, Promise<string>>>>();
let conversions = 0;

/** A CSV file as a source of rows. Nothing is opened before it is asked. */
export class CsvTable<R extends object> implements TableSource<R> {
  readonly #subject: string;
  readonly #schema: z.ZodObject;
  readonly #columns: Columns;
  readonly #path: () => Promise<string>;

  constructor(subject: string, schema: z.ZodObject, path: () => Promise<string>) {
    this.#subject = subject;
    this.#schema = schema;
    this.#columns = columnsOf(schema);
    this.#path = path;
  }

  async read(): Promise<Table<R>> {
    const relation = await this[RELATION]();
    return withDuck((connection) =>
      readTable<R>(connection, relation, this.#columns, this.#subject, relation),
    );
  }

  async *rows(): AsyncGenerator<R> {
    yield* rowsOfFile<R>(await this.#convert(), this.#columns, this.#subject);
  }

  async numRows(): Promise<number> {
    return countRows(await this.#convert());
  }

  async [RELATION](): Promise<Relation> {
    const path = await this.#convert();
    return {
      from: parquetFile(path),
      checked: { path, columns: this.#columns, schema: this.#schema },
    };
  }

  async #convert(): Promise<string> {
    const session = currentSession();
    const bySchema =
      converted.get(session) ?? new WeakMap<z.ZodObject, Map<string, Promise<string>>>();
    converted.set(session, bySchema);
    const byPath = bySchema.get(this.#schema) ?? new Map<string, Promise<string>>();
    bySchema.set(this.#schema, byPath);
    const path = await this.#path();
    const known = byPath.get(path) ?? convertCsv(path, this.#columns, this.#schema, this.#subject);
    byPath.set(path, known);
    return known;
  }
}

async function convertCsv(
  path: string,
  columns: Columns,
  schema: z.ZodObject,
  subject: string,
): Promise<string> {
  const typed = typedColumns(columns);
  demandHeader(path, typed, subject);
  const target = join(currentSession().scratch, `csv-${++conversions}.parquet`);
  await withDuck(async (connection) => {
    try {
      await run(connection, [copyStatement(path, typed, target)]);
    } catch (error) {
      throw (
        diskError("a temporary table", error) ??
        findBadRow(path, typed, subject) ??
        unexplained(subject, error)
      );
    }
    const misfit = await findCodeMisfit(connection, target, columns, schema);
    if (misfit === undefined) return;
    throw (
      findBadRow(path, typed, subject) ??
      misfitError(subject, misfit, lineOf(path, misfit.row, subject))
    );
  });
  return target;
}

/** How a field must look before DuckDB may cast it: its casts round 1.5 to 2, take "1_000", and drop time zones. */
export const FORMS = {
  int: "[+-]?[0-9]+",
  bigint: "[+-]?[0-9]+",
  number: "[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?[0-9]+)?",
  boolean: "(?i)true|false",
  date: "[0-9]{4}-[0-9]{2}-[0-9]{2}",
  timestamp:
    "[0-9]{4}-[0-9]{2}-[0-9]{2}([T ][0-9]{2}:[0-9]{2}(:[0-9]{2}([.][0-9]{1,9})?)?(Z|[+-][0-9]{2}:?[0-9]{2})?)?",
} as const satisfies Partial<Record<ColumnKind, string>>;

function formFor(kind: ColumnKind): string | undefined {
  return kind in FORMS ? FORMS[kind as keyof typeof FORMS] : undefined; // asked just before
}

/** The file as DuckDB reads it here: every field as text, null where it is missing. */
export function csvReader(path: string, columns: readonly string[]): string {
  const types = columns.map((name) => `${quoteText(name)}: 'VARCHAR'`);
  const options = [
    "auto_detect = false",
    "header = true",
    "delim = ','",
    `quote = '"'`,
    `escape = '"'`,
    "nullstr = ''",
    "allow_quoted_nulls = false",
    "strict_mode = true",
    `columns = {${types.join(", ")}}`,
  ];
  return `read_csv(${quoteText(path)}, ${options.join(", ")})`;
}

function copyStatement(path: string, columns: readonly TypedColumn[], target: string): string {
  const reader = csvReader(
    path,
    columns.map(({ name }) => name),
  );
  const cast = columns.map((column) => `${castOf(column)} AS ${quoteName(column.name)}`);
  // Judged while it is written: a pass over the finished file would cost as much again as all the casts.
  const judged = columns.map((column) => {
    const quoted = quoteName(column.name);
    const broken = brokenWhen(column).join(" OR ");
    return broken === ""
      ? quoted
      : `CASE WHEN ${broken} THEN error('bad') ELSE ${quoted} END AS ${quoted}`;
  });
  return (
    `COPY (SELECT ${judged.join(", ")} FROM (SELECT ${cast.join(", ")} FROM ${reader})) ` +
    `TO ${quoteText(target)} (FORMAT parquet, COMPRESSION zstd)`
  );
}

/** From a field's text to its column's type; a field of the wrong form fails the statement. */
function castOf({ name, kind }: TypedColumn): string {
  const column = quoteName(name);
  const form = formFor(kind);
  if (form === undefined) return column;
  const cast = `CAST(${kind === "timestamp" ? zoned(column) : column} AS ${MAPPINGS[kind].sql})`;
  // A regular expression a value is a third of the whole time for a table of numbers. What DuckDB's own cast to
  // DOUBLE takes beyond the form are underscores, spaces and infinities, and those are cheaper to look for.
  const bad =
    kind === "number"
      ? `contains(${column}, '_') OR contains(${column}, ' ')`
      : `NOT regexp_full_match(${column}, ${quoteText(form)})`;
  return `CASE WHEN ${bad} THEN error('bad') ELSE ${cast} END`;
}

/** Only TIMESTAMPTZ honours an offset; without one both read the text as UTC. */
function zoned(column: string): string {
  return `CASE WHEN length(${column}) > 16 THEN CAST(${column} AS TIMESTAMPTZ) AT TIME ZONE 'UTC' ELSE CAST(${column} AS TIMESTAMP) END`;
}

function demandHeader(path: string, columns: readonly TypedColumn[], subject: string): void {
  const [header] = csvRecords(path, subject).take(1);
  const wanted = columns.map(({ name }) => name);
  const there = header?.fields.map(({ text }) => text) ?? [];
  if (there.length === wanted.length && wanted.every((name, at) => there[at] === name)) return;
  const other = there.length === 1 && wanted.length > 1 ? /[;\t|]/.exec(there[0] ?? "")?.[0] : null;
  throw new StepLabError("csv/header", sayHeader(subject, wanted, there), {
    hint:
      typeof other === "string"
        ? `The fields seem to be separated by ${JSON.stringify(other)}: DuckDB reads such a file, sql\`select … from read_csv(\${path}, delim = …)\`.`
        : `The schema's columns, in order: ${wanted.join(",")}`,
  });
}

function sayHeader(subject: string, wanted: readonly string[], there: readonly string[]): string {
  if (there.length === 0) return `${subject} is empty: it has no header.`;
  const missing = wanted.filter((name) => !there.includes(name));
  const extra = there.filter((name) => !wanted.includes(name));
  const repeated = there.filter((name, at) => there.indexOf(name) !== at);
  const parts: string[] = [];
  if (missing.length > 0) parts.push(`the header lacks ${list(missing)}`);
  if (extra.length > 0)
    parts.push(`it has ${list(extra)}, which the schema does not know${meant(extra, missing)}`);
  if (repeated.length > 0) parts.push(`it has ${list(repeated)} more than once`);
  if (parts.length > 0) return `${subject}: ${parts.join("; ")}.`;
  const at = wanted.findIndex((name, index) => there[index] !== name);
  return `${subject}: the columns are in another order than the schema's: column ${at + 1} is "${there[at]}", not "${wanted[at]}".`;
}

function list(names: readonly string[]): string {
  return names.map((name) => `"${name}"`).join(", ");
}

function meant(extra: readonly string[], missing: readonly string[]): string {
  const near = extra
    .map((name) => didYouMean(name, missing))
    .find((hint) => hint?.startsWith("did"));
  return near === undefined ? "" : ` (${near.slice(0, -1)}?)`;
}

const WIDER =
  "Mend the file, or widen the schema: `.nullable()` where a value may be missing, `z.string()` where the stage converts it.";

/** Rows behind the first bad one that are looked at too: somebody who mends a schema wants to know of every column. */
const LOOKED_AT = 100_000;
/** Columns that a message names. */
const SHOWN = 8;

/** Where a column's values are first wrong; null for a row that is wrong as a whole. */
interface Problem {
  column: string | null;
  message: string;
}

/**
 * Reads the file ourselves to find the first row that does not fit, and of the rows behind it the first for every other
 * column; undefined when we find none.
 */
export function findBadRow(
  path: string,
  columns: readonly TypedColumn[],
  subject: string,
  delimiter = ",",
): StepLabError | undefined {
  const found = new Map<string | null, string>();
  let row = 0;
  let last = Infinity;
  for (const record of csvRecords(path, subject, delimiter).drop(1)) {
    if (++row > last) break;
    for (const { column, message } of problemsOf(record, columns, delimiter)) {
      if (found.size === 0) last = row + LOOKED_AT;
      if (found.has(column)) continue;
      const named = column === null ? "" : `, column "${column}"`;
      found.set(column, `row ${count(row)} (line ${count(record.line)})${named}: ${message}`);
    }
    if (record.malformed !== undefined) break; // what would be read behind it is chance
  }
  const [first, ...others] = found.values();
  if (first === undefined) return undefined;
  const shown = others.slice(0, SHOWN).map((place) => `Also ${place}`);
  if (others.length > SHOWN) shown.push(`And so ${plural(others.length - SHOWN, "column")} more.`);
  const isOfColumns = [...found.keys()].some((column) => column !== null);
  return new StepLabError(
    "csv/bad-row",
    [`${subject}, ${first}`, ...shown].join("\n"),
    isOfColumns ? { hint: WIDER } : {},
  );
}

function problemsOf(
  { fields, malformed }: CsvRecord,
  columns: readonly TypedColumn[],
  delimiter: string,
): Problem[] {
  if (malformed !== undefined) return [{ column: null, message: malformed }];
  if (fields.length !== columns.length)
    return [
      {
        column: null,
        message: `The row has ${plural(fields.length, "field")}, and the header has ${columns.length}: it is cut off, or a field with ${delimiter === "," ? "commas" : JSON.stringify(delimiter)} is not quoted.`,
      },
    ];
  return columns.flatMap((column, at) => {
    const message = misfitOf(fields[at] ?? { text: "", quoted: false }, column);
    return message === undefined ? [] : [{ column: column.name, message }];
  });
}

function misfitOf({ text, quoted }: CsvField, { shape, kind }: TypedColumn): string | undefined {
  if (text === "" && !quoted)
    return shape.nullable ? undefined : `The value is missing; it must be ${describeShape(shape)}.`;
  const form = formFor(kind);
  if (form !== undefined && !formOf(kind, form).test(text)) return sayMisfit(shape, text);
  // Refined rules are not asked here: they are the schema's, and judged on the converted file.
  const { nullable: _, ...plain } = shape;
  const value = kind === "boolean" ? text.toLowerCase() : text;
  // A bigint of JavaScript has no end, a column has 64 bits.
  if (kind === "bigint" && BigInt.asIntN(64, BigInt(text)) !== BigInt(text))
    return `${JSON.stringify(text)} is beyond 64 bits: a column of whole numbers ends at ${2n ** 63n - 1n}.`;
  const decoded = decodeShape(plain, value, { from: kind === "string" ? "json" : "text" });
  if (decoded.ok) return undefined;
  const typed = kind === "int" || kind === "number" ? Number(text) : text;
  return sayMisfit(shape, typed, JSON.stringify(text));
}

const compiled = new Map<ColumnKind, RegExp>();

function formOf(kind: ColumnKind, form: string): RegExp {
  const known = compiled.get(kind) ?? new RegExp(`^(?:${form.replace("(?i)", "")})$`, "i");
  compiled.set(kind, known);
  return known;
}

function lineOf(path: string, row: number, subject: string): string {
  const [record] = csvRecords(path, subject).drop(row).take(1);
  return record === undefined ? "" : ` (line ${count(record.line)})`;
}

function unexplained(subject: string, error: unknown): StepLabError {
  return new StepLabError("csv/bad-row", `${subject}: ${messageOf(error)}`, { cause: error });
}
