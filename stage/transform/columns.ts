/** Columns of tables as transformers see them: arrays in, arrays out. */
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

/** A column as doubles: null and missing are NaN, booleans 0 and 1. */
export function numbersOf(values: ArrayLike<unknown>): Float64Array {
  return Float64Array.from(values, (value) => (value == null ? Number.NaN : Number(value)));
}

/** A column by a name that is data; an unknown one is an error that says which there are. */
export function columnOf(rows: Table<object>, name: string): ArrayLike<unknown> {
  return (rows as Table<Record<string, unknown>>).array(name);
}

/** A column of text; anything else in it is shown as text, null stays. */
export function textsOf(rows: Table<object>, name: string): (string | null)[] {
  return Array.from(columnOf(rows, name), (value) => (value == null ? null : String(value)));
}
