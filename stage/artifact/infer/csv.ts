/** A CSV file of any make: what reads it, and the schema that every row of it fits. */
import type { DuckDBConnection } from "@duckdb/node-api";
import { StepLabError } from "../../../core/error.ts";
import type { Shape } from "../../../core/shape.ts";
import { quoteName, quoteText, type ColumnKind, type TypedColumn } from "../columns.ts";
import { csvRecords } from "../csv-scan.ts";
import { csvReader, findBadRow, FORMS } from "../csv.ts";
import { describeQuery, rowsOf } from "../duck.ts";
import { asked, tryOut } from "./asked.ts";
import type { InferredColumn, InferredTable } from "./inferred.ts";
import {
  kindOf,
  lookOf,
  LOOKS,
  NULL_WORDS,
  thousandsOf,
  type Reading,
  type Thousands,
} from "./looks.ts";

/** How a file writes what CSV does not agree on. */
interface Dialect {
  delimiter: string;
  quote: string;
  escape: string;
  skip: number;
  header: boolean;
  dateFormat: string | null;
  timestampFormat: string | null;
  /** By column: the type that DuckDB sees, where its formats are needed to read it. */
  types: Map<string, string>;
}

/**
 * @param subject what messages call the file
 * @throws StepLabError `csv/…` for a file that is no table: empty, not UTF-8, rows of many lengths
 */
export async function inferCsv(path: string, subject: string): Promise<InferredTable> {
  const [first] = csvRecords(path, subject).take(1);
  if (first === undefined)
    throw new StepLabError("csv/header", `${subject} is empty: it has no header.`);
  return await asked(async (connection) => {
    const names = first.fields.map(({ text }) => text);
    const dialect = await sniff(connection, path, names.join(","));
    // One column, or a line passed over, and signs in it that part columns: DuckDB makes do with rows of many lengths.
    const isMakeshift = dialect !== null && (dialect.types.size === 1 || dialect.skip > 0);
    const parts = isMakeshift ? delimiterIn(names.join(",")) : null;
    if (dialect === null || parts !== null) throw ragged(path, subject, names.join(","), parts);
    if (isStrict(dialect, names)) {
      const found = await scan(connection, csvReader(path, names), names, dialect).catch(
        () => null,
      );
      if (found?.columns.every(({ isPlain }) => isPlain)) return tableOf(found, null);
    }
    const options = optionsOf(dialect);
    const from = `read_csv(${[quoteText(path), ...options].join(", ")})`;
    const described = await describeQuery(connection, [`SELECT * FROM ${from}`]);
    const columns = described.map(({ name }) => name);
    const found = await scan(connection, from, columns, dialect).catch((error: unknown) => {
      throw findBadRow(path, textColumns(columns), subject, dialect.delimiter) ?? error;
    });
    const swaps = found.columns.flatMap(swapOf);
    const answers = await tryOut(
      connection,
      from,
      found.columns,
      swaps.map(({ question }, at) => `${question} AS s${at}`),
    );
    const days = swaps.flatMap(({ note }, at) => (answers[`s${at}`] === true ? [note] : []));
    return tableOf(found, { name: "read_csv", options }, days);
  });
}

function tableOf(
  { rows, columns }: Scanned,
  reader: InferredTable["reader"],
  days: readonly string[] = [],
): InferredTable {
  const notes = columns.flatMap(({ name, note }) =>
    note === undefined ? [] : [`column "${name}": ${note}`],
  );
  return { rows, columns, reader, notes: [...notes, ...days] };
}

/** Of the signs that part columns, the one that a line has most of. */
function delimiterIn(line: string): string | null {
  const counts = [",", ";", "\t", "|"].map((sign) => ({
    sign,
    count: line.split(sign).length - 1,
  }));
  const most = counts.reduce((a, b) => (b.count > a.count ? b : a));
  return most.count > 0 ? most.sign : null;
}

function ragged(path: string, subject: string, header: string, parts: string | null): StepLabError {
  const delimiter = parts ?? delimiterIn(header) ?? ",";
  return (
    findBadRow(path, textColumns(header.split(delimiter)), subject, delimiter) ??
    new StepLabError(
      "csv/bad-row",
      `${subject} is not read as a table: no separator parts every row alike.`,
    )
  );
}

/** Columns that take everything: only the number of fields can be wrong. */
function textColumns(names: readonly string[]): TypedColumn[] {
  const shape: Shape = { type: "string", nullable: true };
  return names.map((name) => ({ name, shape, kind: "string" }));
}

async function sniff(
  connection: DuckDBConnection,
  path: string,
  firstLine: string,
): Promise<Dialect | null> {
  const [row] = await rowsOf(connection, [
    `SELECT Delimiter, Quote, Escape, HasHeader, SkipRows, DateFormat, TimestampFormat, Columns FROM sniff_csv(${quoteText(path)}, sample_size = -1)`,
  ]).catch(() => []); // it finds no dialect
  if (row === undefined) return null;
  const text = (name: string): string => {
    const value = row[name];
    return typeof value === "string" && value !== "(empty)" ? value : "";
  };
  const columns = row["Columns"] as { name: string; type: string }[]; // of DuckDB's own function
  const delimiter = text("Delimiter");
  const names = firstLine.split(delimiter).map((name) => name.toLowerCase());
  const isOddHeader = names.includes("") || new Set(names).size < names.length;
  return {
    delimiter,
    quote: text("Quote") || '"',
    escape: text("Escape") || '"',
    skip: Number(row["SkipRows"] ?? 0),
    // DuckDB takes a line with an empty name, or with one twice, for values.
    header: row["HasHeader"] === true || (isOddHeader && !names.some((name) => VALUE.test(name))),
    dateFormat: text("DateFormat") || null,
    timestampFormat: text("TimestampFormat") || null,
    types: new Map(columns.map(({ name, type }) => [name, type])),
  };
}

/** No name that somebody gave a column. */
const VALUE = new RegExp(`^"?(?:${FORMS.number}|${FORMS.date})"?$`);

/** What `csv(schema)` reads: commas, a header with a name for every column, no two of them alike. */
function isStrict(
  { delimiter, quote, escape, skip, header, types }: Dialect,
  names: readonly string[],
): boolean {
  const distinct = new Set(names.map((name) => name.toLowerCase()));
  return (
    (delimiter === "," || types.size === 1) &&
    quote === '"' &&
    escape === '"' &&
    skip === 0 &&
    header &&
    distinct.size === names.length &&
    !distinct.has("")
  );
}

/** All that DuckDB would look for otherwise, at every run. */
function optionsOf({ delimiter, quote, escape, skip, header }: Dialect): string[] {
  return [
    `delim = ${quoteText(delimiter === "\t" ? "\\t" : delimiter)}`,
    `quote = ${quoteText(quote)}`,
    `escape = ${quoteText(escape)}`,
    "comment = ''",
    `skip = ${skip}`,
    `header = ${header}`,
    "all_varchar = true",
  ];
}

interface ScannedColumn extends InferredColumn, Pick<Reading, "isPlain" | "format" | "note"> {}

interface Scanned {
  rows: number;
  columns: ScannedColumn[];
}

/** One pass over all rows. @throws Error of DuckDB's where they cannot be read so */
async function scan(
  connection: DuckDBConnection,
  from: string,
  names: readonly string[],
  dialect: Dialect,
): Promise<Scanned> {
  const questions = names.flatMap((name, at) => {
    const column = quoteName(name);
    const words = `${column} IN (${NULL_WORDS.map(quoteText).join(", ")})`;
    return [
      `count(${column}) AS n${at}`,
      `bit_or(CASE WHEN ${column} IS NULL THEN 0 ELSE ${lookOf(column)} END) AS l${at}`,
      `list(DISTINCT ${column}) FILTER (${words}) AS w${at}`,
    ];
  });
  const [found = {}] = await rowsOf(connection, [
    `SELECT ${["count(*) AS rows", ...questions].join(", ")} FROM ${from}`,
  ]);
  const rows = Number(found["rows"]);
  const looks = names.map((_, at) => Number(found[`l${at}`] ?? 0));
  const thousands = thousandsOf(looks);
  const columns = names.map((name, at) =>
    columnOf(name, dialect, thousands, {
      isGapless: Number(found[`n${at}`]) === rows,
      looks: looks[at] ?? 0,
      words: ((found[`w${at}`] ?? []) as string[]).toSorted(), // texts, as asked
    }),
  );
  return { rows, columns };
}

interface Seen {
  isGapless: boolean;
  looks: number;
  words: readonly string[];
}

function columnOf(
  name: string,
  dialect: Dialect,
  thousands: Thousands,
  { isGapless, looks, words }: Seen,
): ScannedColumn {
  const quoted = quoteName(name);
  const hasWords = (looks & LOOKS.nothing) !== 0;
  const reading =
    kindOf(looks & ~LOOKS.nothing, thousands, dialect.delimiter) ??
    (hasWords ? null : formatted(name, dialect));
  if (reading === null)
    return { name, kind: "string", nullable: !isGapless, sql: quoted, isPlain: true };
  const value = hasWords
    ? words.reduce((inner, word) => `nullif(${inner}, ${quoteText(word)})`, quoted)
    : quoted;
  return {
    ...reading,
    name,
    nullable: !isGapless || hasWords,
    sql: reading.sql(value),
    isPlain: reading.isPlain && !hasWords,
  };
}

/** A day or a time in a form of its own, which DuckDB has recognised. */
function formatted(name: string, { types, dateFormat, timestampFormat }: Dialect): Reading | null {
  const parsed = (kind: ColumnKind, format: string, to: string): Reading => ({
    kind,
    sql: (value) => `strptime(${value}, ${quoteText(format)})::${to}`,
    isPlain: false,
    format,
  });
  const type = types.get(name);
  if (type === "DATE" && dateFormat !== null) return parsed("date", dateFormat, "date");
  if (type === "TIMESTAMP" && timestampFormat !== null)
    return parsed("timestamp", timestampFormat, "timestamp");
  return null;
}

/** Whether days fit with the month first as well as with the day, 1/2/2025, and what is to be said then. */
function swapOf({ name, format }: ScannedColumn): { question: string; note: string }[] {
  const swapped = format?.replaceAll(/%[dm]/g, (each) => (each === "%d" ? "%m" : "%d"));
  if (format === undefined || swapped === undefined || swapped === format) return [];
  const column = quoteName(name);
  const fits = `try_strptime(${column}, ${quoteText(swapped)}) IS NOT NULL`;
  return [
    {
      question: `bool_and(${fits}) FILTER (${column} IS NOT NULL)`,
      note: `column "${name}" is read as ${format}, and all of it would fit ${swapped} too`,
    },
  ];
}
