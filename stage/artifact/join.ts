/**
 * A hash join that keeps the left table's order. Arquero's left join moves rows without a partner to the end,
 * and a notebook's reader would look for them where they were.
 */
import { StepLabError } from "../../core/error.ts";
import type { Column } from "./column.ts";

type Columns = Record<string, Column>;

/** Columns of the joined table: all of the left, then the right ones that are no keys. */
export function joinRows(
  left: Columns,
  right: Columns,
  keys: readonly string[],
  keepUnmatched: boolean,
): Record<string, unknown[]> {
  const added = Object.keys(right).filter((name) => !keys.includes(name));
  refuseClashes(left, added);
  const partners = indexRows(keyReader(right, keys), rowCount(right));
  const leftKey = keyReader(left, keys);
  const leftRows: number[] = [];
  const rightRows: number[] = [];
  for (let row = 0; row < rowCount(left); row++) {
    const key = leftKey(row);
    const found = key === null ? undefined : partners.get(key);
    for (const partner of found ?? (keepUnmatched ? [-1] : [])) {
      leftRows.push(row);
      rightRows.push(partner);
    }
  }
  const gather = (column: Column | undefined, rows: number[]): unknown[] =>
    rows.map((row) => (row < 0 ? null : column?.at(row)));
  return Object.fromEntries([
    ...Object.keys(left).map((name) => [name, gather(left[name], leftRows)] as const),
    ...added.map((name) => [name, gather(right[name], rightRows)] as const),
  ]);
}

function refuseClashes(left: Columns, added: readonly string[]): void {
  const clashes = added.filter((name) => Object.hasOwn(left, name));
  if (clashes.length === 0) return;
  throw new StepLabError(
    "table/column-clash",
    `Both tables have ${clashes.map((name) => `"${name}"`).join(", ")}, which the join is not made on.`,
    {
      hint: `Drop one side first: .drop(${clashes.map((name) => JSON.stringify(name)).join(", ")}).`,
    },
  );
}

type Key = string | number | bigint | boolean;

/** One row's key as a value a Map can hold; null when a part is null, because null equals nothing. */
function keyReader(columns: Columns, keys: readonly string[]): (row: number) => Key | null {
  const parts = keys.map((name) => columns[name]);
  const [only] = parts;
  if (parts.length === 1 && only !== undefined) return (row) => keyOf(only.at(row));
  return (row) => {
    const values = parts.map((part) => keyOf(part?.at(row)));
    if (values.includes(null)) return null;
    return JSON.stringify(values.map((value) => [typeof value, String(value)]));
  };
}

function keyOf(value: unknown): Key | null {
  if (value instanceof Date) return value.getTime();
  return value === undefined ? null : (value as Key | null); // what columns hold besides dates
}

function indexRows(key: (row: number) => Key | null, rows: number): Map<Key, number[]> {
  const index = new Map<Key, number[]>();
  for (let row = 0; row < rows; row++) {
    const value = key(row);
    if (value === null) continue;
    const found = index.get(value);
    if (found) found.push(row);
    else index.set(value, [row]);
  }
  return index;
}

function rowCount(columns: Columns): number {
  return Object.values(columns)[0]?.length ?? 0;
}
