/** Columns of tables as transformers see them: arrays in, arrays out. */
import { showValue } from "../../core/describe-shape.ts";
import { StepLabError } from "../../core/error.ts";
import { table, type Table } from "../artifact/table.ts";

/** Columns by name, equally long: what a transformer's `apply` gives back. Typed arrays are welcome. */
export type ColumnsOf<A> = { [K in keyof A]: ArrayLike<A[K]> };

type AnyColumns = Record<string, ArrayLike<unknown>>;

/** The table with columns added (or replaced, where they stood) and others dropped. The other columns are shared, not copied. */
export function withColumns(
  rows: Table<object>,
  added: AnyColumns,
  drops: readonly string[],
  by: string,
): Table<object> {
  for (const [name, values] of Object.entries(added)) {
    if (values.length === rows.numRows()) continue;
    throw new StepLabError(
      "transform/column-length",
      `Transformer "${by}" was given ${rows.numRows()} rows and gave column "${name}" ${values.length} values.`,
      { hint: "Give one value a row, in the order of the rows." },
    );
  }
  const columns = { ...columnsOf(rows), ...added };
  for (const name of drops) delete columns[name];
  return table(columns);
}

/** These columns only, in this order. */
export function onlyColumns(rows: Table<object>, names: readonly string[]): Table<object> {
  return (rows as Table<Record<string, unknown>>).select(...names); // names are data here; `select` looks
}

function columnsOf(rows: Table<object>): AnyColumns {
  const dense = rows.arquero.isFiltered() ? rows.arquero.reify() : rows.arquero;
  return Object.fromEntries(
    dense.columnNames().map((name) => [name, dense.column(name) as unknown as ArrayLike<unknown>]), // arrays, as arquero keeps them
  );
}

/**
 * A column as doubles, a copy: null, undefined and what is no number are NaN, booleans 0 and 1, dates their
 * milliseconds. An unknown name is an error that says which columns there are.
 *
 *     const price = numbersOf(rows, "price"); // in `fit` and `apply` of a transformer
 */
export function numbersOf(rows: Table<object>, name: string): Float64Array {
  const values = columnOf(rows, name);
  if (values instanceof Float64Array) return values.slice(); // what transformers add mostly is
  return Float64Array.from(values, (value) => (value == null ? Number.NaN : Number(value)));
}

/**
 * A column of text, null where there is none; numbers and booleans as they print, dates as ISO text.
 *
 * @throws StepLabError `transform/no-text` naming the row, for anything else: it would be "[object Object]"
 */
export function textsOf(rows: Table<object>, name: string): (string | null)[] {
  return Array.from(columnOf(rows, name), (value, row) => {
    if (value == null || typeof value === "string") return value ?? null;
    if (typeof value === "number" || typeof value === "bigint" || typeof value === "boolean")
      return String(value);
    if (value instanceof Date) return value.toISOString();
    throw new StepLabError(
      "transform/no-text",
      `Column "${name}" of row ${row + 1} is ${showValue(value)}, which is no text.`,
      { hint: "Make a column of text of it before this step." },
    );
  });
}

/** The values themselves, not to be written to. `array` copies them one by one, which two hundred word columns feel. */
export function columnOf(rows: Table<object>, name: string): ArrayLike<unknown> {
  const { arquero } = rows;
  const isPlain = !arquero.isFiltered() && !arquero.isOrdered();
  const column: unknown = isPlain ? arquero.column(name) : undefined;
  if (Array.isArray(column) || ArrayBuffer.isView(column))
    return column as unknown as ArrayLike<unknown>; // a typed array: arquero keeps no DataView
  return (rows as Table<Record<string, unknown>>).array(name);
}
