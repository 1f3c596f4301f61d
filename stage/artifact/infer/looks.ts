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
  /** 1.234,5 or 1.234.567: points part thousands, for sure. */
  continental: 512,
  /** 1,234.5 or 1,234,567: commas do. */
  american: 1024,
  /** 1.234: thousands or thousandths. */
  point: 2048,
  /** 1,234: likewise. */
  oneComma: 4096,
} as const;

const SAFE = String(Number.MAX_SAFE_INTEGER);

/** The bit of a text that is not null. First come what most values are. */
export function lookOf(column: string): string {
  const fits = (form: string): string => `regexp_full_match(${column}, ${quoteText(form)})`;
  const cases: [string, keyof typeof LOOKS][] = [
    // Most texts are nothing else by their first sign, and are asked nothing more.
    [`${column} <> '' AND NOT contains('0123456789+-.tTfFnN?', left(${column}, 1))`, "text"],
    // 007 is a name that has digits only.
    [fits("[+-]?0[0-9]+"), "text"],
    [`${fits(FORMS.int)} AND length(${column}) < 16`, "int"],
    [`${fits(FORMS.int)} AND abs(try_cast(${column} AS HUGEINT)) <= ${SAFE}`, "int"],
    [`${fits(FORMS.int)} AND try_cast(${column} AS BIGINT) IS NOT NULL`, "bigint"],
    [fits(FORMS.int), "text"],
    [fits("[+-]?[1-9][0-9]{0,2}[.][0-9]{3}"), "point"],
    [`${fits(FORMS.number)} AND isfinite(try_cast(${column} AS DOUBLE))`, "number"],
    [`${column} IN (${NULL_WORDS.map(quoteText).join(", ")})`, "nothing"],
    [fits(FORMS.boolean), "boolean"],
    [`${fits(FORMS.date)} AND try_cast(${column} AS DATE) IS NOT NULL`, "date"],
    [`${fits(FORMS.timestamp)} AND try_cast(${column} AS TIMESTAMPTZ) IS NOT NULL`, "timestamp"],
    [fits("[+-]?[1-9][0-9]{0,2},[0-9]{3}"), "oneComma"],
    [fits("[+-]?[0-9]+,[0-9]+"), "comma"],
    [fits("[+-]?[1-9][0-9]{0,2}(([.][0-9]{3})+,[0-9]+|([.][0-9]{3}){2,})"), "continental"],
    [fits("[+-]?[1-9][0-9]{0,2}((,[0-9]{3})+[.][0-9]+|(,[0-9]{3}){2,})"), "american"],
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
  /** Of days and times that are not written as ISO 8601 has them: how they are. */
  format?: string;
  /** What may be meant otherwise. */
  note?: string;
}

/** What parts thousands in a file's numbers, the other one being where the fraction begins; null where nothing tells. */
export type Thousands = "." | "," | null;

/** @param columns the looks of each: those that leave no doubt decide for the others */
export function thousandsOf(columns: readonly number[]): Thousands {
  const has = (name: keyof typeof LOOKS): boolean =>
    columns.some((looks) => (looks & LOOKS[name]) !== 0);
  if (has("continental") !== has("american")) return has("continental") ? "." : ",";
  if (has("comma") !== has("number")) return has("comma") ? "." : ",";
  return null;
}

/** The narrowest kind that takes all that was seen; null for text, and where nothing was. */
export function kindOf(looks: number, thousands: Thousands, delimiter: string): Reading | null {
  const only = (...names: (keyof typeof LOOKS)[]): boolean =>
    (looks & ~names.reduce((bits, name) => bits | LOOKS[name], 0)) === 0;
  const has = (name: keyof typeof LOOKS): boolean => (looks & LOOKS[name]) !== 0;
  if (looks === 0) return null;
  // A query's double becomes a whole number of the schema only where nothing is lost; `::bigint` would round.
  if (only("int")) return plain("int", "double");
  if (only("int", "bigint")) return plain("bigint", "bigint");
  if (only("boolean")) return plain("boolean", "boolean");
  if (only("date")) return plain("date", "date");
  if (only("date", "timestamp")) return plain("timestamp", "timestamptz::timestamp");
  if (only("int", "point") && thousands === ".")
    return { ...grouped("."), note: "1.234 is read as 1234" };
  if (only("int", "bigint", "number", "point")) {
    const isOpen = !has("number") && has("point") && thousands === null && delimiter !== ",";
    return {
      ...plain("number", "double"),
      ...(isOpen && { note: "1.234 is read as a number with three decimals" }),
    };
  }
  const points = thousands ?? (delimiter === "," ? "," : ".");
  if (points === "." && only("int", "point", "oneComma", "comma", "continental"))
    return has("comma") || has("continental")
      ? grouped(".")
      : { ...grouped("."), note: "1,234 is read as a number with three decimals" };
  if (points === "," && only("int", "number", "point", "oneComma", "american"))
    return has("american") ? grouped(",") : { ...grouped(","), note: "1,234 is read as 1234" };
  return null;
}

function plain(kind: ColumnKind, type: string): Reading {
  return { kind, sql: (value) => `${value}::${type}`, isPlain: true };
}

function grouped(thousands: "." | ","): Reading {
  return {
    kind: "number",
    sql: (value) => {
      const bare = `replace(${value}, '${thousands}', '')`;
      return thousands === "," ? `${bare}::double` : `replace(${bare}, ',', '.')::double`;
    },
    isPlain: false,
  };
}
