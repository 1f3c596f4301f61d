/** What texts look like, and the narrowest kind of column that takes all of them. */
import { quoteText, type ColumnKind } from "../columns.ts";
import { FORMS } from "../csv.ts";

/** Text that stands for a missing value in files of others. */
export const NULL_WORDS = ["", "NA", "N/A", "NULL", "null", "NaN", "nan", "None", "-", "?"];

/** What a value looks like; of a column, all that its values look like, as bits. */
export const LOOKS = {
  int: 1,
  bigint: 2,
  number: 4,
  boolean: 8,
  date: 16,
  timestamp: 32,
  text: 64,
  /** One of `NULL_WORDS`. */
  nothing: 128,
  /** 1,5 */
  comma: 256,
  /** 1.234,5 */
  pointsAndComma: 512,
  /** 1.234: thousands or thousandths. */
  points: 1024,
  /** 1,234: likewise. */
  commas: 2048,
  /** 1,234.5 */
  commasAndPoint: 4096,
} as const;

const SAFE = String(Number.MAX_SAFE_INTEGER);

/** The bit of a text that is not null. First come what most values are. */
export function lookOf(column: string): string {
  const fits = (form: string): string => `regexp_full_match(${column}, ${quoteText(form)})`;
  const cases: [string, keyof typeof LOOKS][] = [
    // 007 is a name that has digits only.
    [fits("[+-]?0[0-9]+"), "text"],
    [`${fits(FORMS.int)} AND length(${column}) < 16`, "int"],
    [`${fits(FORMS.int)} AND abs(try_cast(${column} AS HUGEINT)) <= ${SAFE}`, "int"],
    [`${fits(FORMS.int)} AND try_cast(${column} AS BIGINT) IS NOT NULL`, "bigint"],
    [fits(FORMS.int), "text"],
    [fits("[+-]?[1-9][0-9]{0,2}([.][0-9]{3})+"), "points"],
    [`${fits(FORMS.number)} AND isfinite(try_cast(${column} AS DOUBLE))`, "number"],
    [`${column} IN (${NULL_WORDS.map(quoteText).join(", ")})`, "nothing"],
    [fits(FORMS.boolean), "boolean"],
    [`${fits(FORMS.date)} AND try_cast(${column} AS DATE) IS NOT NULL`, "date"],
    [`${fits(FORMS.timestamp)} AND try_cast(${column} AS TIMESTAMPTZ) IS NOT NULL`, "timestamp"],
    [fits("[+-]?[1-9][0-9]{0,2}(,[0-9]{3})+"), "commas"],
    [fits("[+-]?[0-9]+,[0-9]+"), "comma"],
    [fits("[+-]?[0-9]{1,3}([.][0-9]{3})+,[0-9]+"), "pointsAndComma"],
    [fits("[+-]?[0-9]{1,3}(,[0-9]{3})+[.][0-9]+"), "commasAndPoint"],
  ];
  const whens = cases.map(([condition, look]) => `WHEN ${condition} THEN ${LOOKS[look]}`);
  return `CASE ${whens.join(" ")} ELSE ${LOOKS.text} END`;
}

/** How a text becomes a value. */
export interface Reading {
  kind: ColumnKind;
  sql: (value: string) => string;
  /** `csv(schema)` reads it as it stands. */
  isPlain: boolean;
}

const cast =
  (type: string) =>
  (value: string): string =>
    `${value}::${type}`;
const without =
  (thousands: string, point = ".") =>
  (value: string): string => {
    const bare = thousands === "" ? value : `replace(${value}, '${thousands}', '')`;
    return point === "." ? `${bare}::double` : `replace(${bare}, ',', '.')::double`;
  };

/** The narrowest kind that takes all that was seen; null for text, and where nothing was. */
export function kindOf(looks: number, delimiter: string): Reading | null {
  const only = (...names: (keyof typeof LOOKS)[]): boolean =>
    (looks & ~names.reduce((bits, name) => bits | LOOKS[name], 0)) === 0;
  const has = (name: keyof typeof LOOKS): boolean => (looks & LOOKS[name]) !== 0;
  const plain = (kind: ColumnKind, type: string): Reading => ({
    kind,
    sql: cast(type),
    isPlain: true,
  });
  const number = (sql: Reading["sql"]): Reading => ({ kind: "number", sql, isPlain: false });
  if (looks === 0) return null;
  // A query's double becomes a whole number of the schema only where nothing is lost; `::bigint` would round.
  if (only("int")) return plain("int", "double");
  if (only("int", "bigint")) return plain("bigint", "bigint");
  if (only("int", "bigint", "number", "points")) return plain("number", "double");
  if (only("boolean")) return plain("boolean", "boolean");
  if (only("date")) return plain("date", "date");
  if (only("date", "timestamp")) return plain("timestamp", "timestamptz::timestamp");
  const isAmerican = has("commasAndPoint") || (has("commas") && delimiter === ",");
  if (isAmerican && only("int", "number", "commas", "commasAndPoint")) return number(without(","));
  if (only("int", "comma", "commas", "points", "pointsAndComma"))
    return number(without(has("points") || has("pointsAndComma") ? "." : "", ","));
  return null;
}
