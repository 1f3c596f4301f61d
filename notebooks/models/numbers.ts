/** Which columns of a table a model can take as they are. */
import type { Table } from "steplab";

/** The columns that hold numbers, by their first value that is there; columns of nothing but nulls are none. */
export function numberColumns(rows: Table<object>): string[] {
  const table = rows as Table<Record<string, unknown>>; // columns by names that are data
  return table.columnNames().filter((name) => typeof firstValue(table, name) === "number");
}

function firstValue(table: Table<Record<string, unknown>>, name: string): unknown {
  for (let row = 0; row < table.numRows(); row++) {
    const value = table.get(name, row);
    if (value != null) return value;
  }
  return null;
}
