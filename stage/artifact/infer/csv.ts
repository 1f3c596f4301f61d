/** A CSV file of any make: what reads it, and the schema that every row of it fits. */
import type { DuckDBConnection } from "@duckdb/node-api";
import { StepLabError } from "../../../core/error.ts";
import type { Shape } from "../../../core/shape.ts";
import { quoteName, quoteText, type ColumnKind, type TypedColumn } from "../columns.ts";
import { csvRecords } from "../csv-scan.ts";
import { csvReader, findBadRow, FORMS } from "../csv.ts";
import { describeQuery, rowsOf, withDuck } from "../duck.ts";
import type { InferredColumn, InferredTable } from "./inferred.ts";
import { kindOf, lookOf, LOOKS, NULL_WORDS, type Reading } from "./looks.ts";

/** No name that somebody gave a column. */
const VALUE = new RegExp(`^"?(?:${FORMS.number}|${FORMS.date})"?$`);

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
  const [header] = csvRecords(path, subject).take(1);
  if (header === undefined)
    throw new StepLabError("csv/header", `${subject} is empty: it has no header.`);
  return await withDuck(async (connection) => {
    const names = header.fields.map(({ text }) => text);
    const dialect = await sniff(connection, path, names.join(","));
    // Commas that do not separate: rows of many lengths, which make DuckDB take each for one field.
    if (dialect === null || (dialect.types.size === 1 && names.length > 1))
      throw ragged(path, names, subject);
    if (isStrict(dialect, names)) {
      const found = await scan(connection, csvReader(path, names), names, dialect);
      if (found?.columns.every(({ isPlain }) => isPlain))
        return { rows: found.rows, columns: found.columns, reader: null, notes: [] };
    }
    const options = optionsOf(dialect);
    const from = `read_csv(${[quoteText(path), ...options].join(", ")})`;
    const described = await describeQuery(connection, [`SELECT * FROM ${from}`]);
    const found = await scan(
      connection,
      from,
      described.map(({ name }) => name),
      dialect,
    );
    if (found === null) throw ragged(path, names, subject);
    return { ...found, reader: { name: "read_csv", options }, notes: [] };
  });
}

function ragged(path: string, names: readonly string[], subject: string): StepLabError {
  const shape: Shape = { type: "string", nullable: true };
  const columns = names.map((name): TypedColumn => ({ name, shape, kind: "string" }));
  return (
    findBadRow(path, columns, subject) ??
    new StepLabError(
      "csv/bad-row",
      `${subject} is not read as a table: no separator parts every row alike.`,
    )
  );
}

async function sniff(
  connection: DuckDBConnection,
  path: string,
  firstLine: string,
): Promise<Dialect | null> {
  const [row] = await rowsOf(connection, [
    `SELECT Delimiter, Quote, Escape, HasHeader, SkipRows, DateFormat, TimestampFormat, Columns FROM sniff_csv(${quoteText(path)}, sample_size = -1)`,
  ]).catch(() => []);
  if (row === undefined) return null;
  const text = (name: string): string => {
    const value = row[name];
    return typeof value === "string" && value !== "(empty)" ? value : "";
  };
  const columns = row["Columns"] as { name: string; type: string }[]; // of DuckDB's own function
  const delimiter = text("Delimiter");
  return {
    delimiter,
    quote: text("Quote") || '"',
    escape: text("Escape") || '"',
    skip: Number(row["SkipRows"] ?? 0),
    // DuckDB takes a line with an empty name, or with one twice, for values.
    header:
      row["HasHeader"] === true || !firstLine.split(delimiter).some((name) => VALUE.test(name)),
    dateFormat: text("DateFormat") || null,
    timestampFormat: text("TimestampFormat") || null,
    types: new Map(columns.map(({ name, type }) => [name, type])),
  };
}

/** What `csv(schema)` reads: commas, a header with a name for every column, no two of them alike. */
function isStrict(
  { delimiter, quote, escape, skip, types }: Dialect,
  names: readonly string[],
): boolean {
  const distinct = new Set(names.map((name) => name.toLowerCase()));
  return (
    (delimiter === "," || types.size === 1) &&
    quote === '"' &&
    escape === '"' &&
    skip === 0 &&
    distinct.size === names.length &&
    !names.some((name) => name === "" || VALUE.test(name))
  );
}

function optionsOf({ delimiter, quote, escape, skip, header }: Dialect): string[] {
  return [
    `delim = ${quoteText(delimiter === "\t" ? "\\t" : delimiter)}`,
    ...(quote === '"' ? [] : [`quote = ${quoteText(quote)}`]),
    ...(escape === '"' ? [] : [`escape = ${quoteText(escape)}`]),
    ...(skip === 0 ? [] : [`skip = ${skip}`]),
    `header = ${header}`,
    "all_varchar = true",
  ];
}

interface ScannedColumn extends InferredColumn {
  /** `csv(schema)` reads it as it stands. */
  isPlain: boolean;
}

/** One pass over all rows; null where they cannot be read so. */
async function scan(
  connection: DuckDBConnection,
  from: string,
  names: readonly string[],
  dialect: Dialect,
): Promise<{ rows: number; columns: ScannedColumn[] } | null> {
  const asked = names.flatMap((name, at) => {
    const column = quoteName(name);
    const words = `${column} IN (${NULL_WORDS.map(quoteText).join(", ")})`;
    return [
      `count(${column}) AS n${at}`,
      `bit_or(CASE WHEN ${column} IS NULL THEN 0 ELSE ${lookOf(column)} END) AS l${at}`,
      `list(DISTINCT ${column}) FILTER (${words}) AS w${at}`,
    ];
  });
  const [found] = await rowsOf(connection, [
    `SELECT ${["count(*) AS rows", ...asked].join(", ")} FROM ${from}`,
  ]).catch(() => []);
  if (found === undefined) return null;
  const rows = Number(found["rows"]);
  const columns = names.map((name, at) =>
    columnOf(name, dialect, {
      isGapless: Number(found[`n${at}`]) === rows,
      looks: Number(found[`l${at}`] ?? 0),
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
  { isGapless, looks, words }: Seen,
): ScannedColumn {
  const quoted = quoteName(name);
  const hasWords = (looks & LOOKS.nothing) !== 0;
  const found =
    kindOf(looks & ~LOOKS.nothing, dialect.delimiter) ?? formatted(name, dialect, hasWords);
  if (found === null)
    return { name, kind: "string", nullable: !isGapless, sql: quoted, isPlain: true };
  const value = hasWords
    ? words.reduce((inner, word) => `nullif(${inner}, ${quoteText(word)})`, quoted)
    : quoted;
  return {
    name,
    kind: found.kind,
    nullable: !isGapless || hasWords,
    sql: found.sql(value),
    isPlain: found.isPlain && !hasWords,
  };
}

/** A day or a time in a form of its own, which DuckDB has recognised. */
function formatted(
  name: string,
  { types, dateFormat, timestampFormat }: Dialect,
  hasWords: boolean,
): Reading | null {
  const type = hasWords ? undefined : types.get(name);
  const parsed = (kind: ColumnKind, format: string, to: string): Reading => ({
    kind,
    sql: (value) => `strptime(${value}, ${quoteText(format)})::${to}`,
    isPlain: false,
  });
  if (type === "DATE" && dateFormat !== null) return parsed("date", dateFormat, "date");
  if (type === "TIMESTAMP" && timestampFormat !== null)
    return parsed("timestamp", timestampFormat, "timestamp");
  return null;
}
