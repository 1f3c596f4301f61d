/**
 * One way to read anything tabular, so that tables, bare arquero tables and arrays of objects are shown
 * and plotted by the same code. Nothing is copied: a million rows cost as much as ten.
 */
import type { Columns } from "../../core/shape.ts";

/** What this room needs of the typed table; `stage/artifact` has the whole of it. */
export interface TableLike<Row extends object> {
  objects(): Row[];
  readonly arquero: unknown;
}

/** The part of arquero's ColumnTable that is read here; importing arquero for its type alone would tie the two versions together. */
interface ArqueroTable {
  numRows(): number;
  columnNames(): string[];
  column(name: string): { at(row: number): unknown } | undefined;
  isFiltered(): boolean;
  isOrdered(): boolean;
  indices(): ArrayLike<number>;
}

export interface TableView {
  rows: number;
  names: string[];
  /** Reads one column by row, counted from 0 in the order the table shows its rows. */
  reader(name: string): (row: number) => unknown;
  /** What the schema says, where the table knows one. */
  columns?: Columns;
}

/** Column names of an array of objects are taken from this many first rows; ragged data is rarely ragged later. */
const ROWS_SEEN_FOR_NAMES = 1000;

/** The view of a table, an arquero table or a non-empty array of plain objects; undefined for anything else. */
export function viewOf(value: unknown): TableView | undefined {
  if (Array.isArray(value)) return isRows(value) ? viewOfRows(value) : undefined;
  if (isArquero(value)) return viewOfArquero(value);
  if (typeof value === "object" && value !== null && "arquero" in value && isArquero(value.arquero))
    return viewOfArquero(value.arquero);
  return undefined;
}

function isArquero(value: unknown): value is ArqueroTable {
  if (typeof value !== "object" || value === null) return false;
  const table = value as Partial<ArqueroTable>; // members are asked for one by one
  return (
    typeof table.columnNames === "function" &&
    typeof table.column === "function" &&
    typeof table.numRows === "function" &&
    typeof table.indices === "function"
  );
}

function viewOfArquero(table: ArqueroTable): TableView {
  // A filtered or ordered table keeps its columns and a list of row numbers; a plain one needs no list.
  const order = table.isFiltered() || table.isOrdered() ? table.indices() : undefined;
  return {
    rows: table.numRows(),
    names: table.columnNames(),
    reader(name) {
      const column = table.column(name);
      if (column === undefined) return () => undefined;
      return order ? (row) => column.at(order[row] ?? -1) : (row) => column.at(row);
    },
  };
}

function viewOfRows(rows: readonly Record<string, unknown>[]): TableView {
  const names = new Set<string>();
  for (const row of rows.slice(0, ROWS_SEEN_FOR_NAMES))
    for (const name of Object.keys(row)) names.add(name);
  return {
    rows: rows.length,
    names: [...names],
    reader: (name) => (row) => rows[row]?.[name],
  };
}

function isRows(values: readonly unknown[]): values is readonly Record<string, unknown>[] {
  return values.length > 0 && values.slice(0, ROWS_SEEN_FOR_NAMES).every(isPlainObject);
}

export function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
