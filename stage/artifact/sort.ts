/** Sorting rows by columns. Arquero's own order puts nulls first; people (and SQL's readers) expect them last. */
import type { Column } from "./column.ts";

export type SortKey<K extends string> = K | { readonly desc: K };

/** The row numbers in sorted order: stable, nulls (and NaN) last in both directions, text by code units. */
export function sortedIndices(
  rows: number,
  keys: readonly SortKey<string>[],
  column: (name: string) => Column,
): number[] {
  const columns = keys.map((key) => {
    const name = typeof key === "string" ? key : key.desc;
    return { values: sortable(column(name)), sign: typeof key === "string" ? 1 : -1 };
  });
  const indices = Array.from({ length: rows }, (_, index) => index);
  return indices.sort((left, right) => {
    for (const { values, sign } of columns) {
      const order = compare(values[left], values[right], sign);
      if (order !== 0) return order;
    }
    return left - right;
  });
}

type Sortable = string | number | bigint | boolean | null;

function sortable(column: Column): Sortable[] {
  return Array.from({ length: column.length }, (_, index): Sortable => {
    const value = column.at(index);
    if (value instanceof Date) return value.getTime();
    if (value === undefined || Number.isNaN(value)) return null;
    return value as Sortable; // objects compare as JavaScript compares them: no column of a stored table has any
  });
}

function compare(left: Sortable | undefined, right: Sortable | undefined, sign: number): number {
  if (left == null || right == null) return (left == null ? 1 : 0) - (right == null ? 1 : 0);
  return left < right ? -sign : left > right ? sign : 0;
}
