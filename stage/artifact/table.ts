/**
 * A table in memory: a dozen typed verbs over an arquero table, whose row type follows the verbs.
 *
 * Arquero's own verbs are typed `any` and refuse closures over outer variables (`params.minPrice`), the first
 * thing a stage needs. Here every function is an ordinary closure that gets an ordinary object a row, except in
 * `rollup`, whose aggregates are values (see `aggregate.ts`). Whatever is not here is one step away: `.arquero`.
 *
 * Tables are immutable: every verb gives a new one, sharing the columns it did not touch.
 */
import type { ColumnTable } from "arquero";
import { didYouMean } from "../../core/did-you-mean.ts";
import { StepLabError } from "../../core/error.ts";
import type { MimeBundle } from "../../core/host.ts";
import { DISPLAY } from "../display/displayable.ts";
import { tableBundle } from "../display/table-bundle.ts";
import { EMPTY_RESULT, type Aggregate, type ColumnAggregate } from "./aggregate.ts";
import { arquero } from "./arquero.ts";
import type { Column } from "./column.ts";
import { joinRows } from "./join.ts";
import { sortedIndices, type SortKey } from "./sort.ts";

type Simplify<T> = { [K in keyof T]: T[K] } & {};
type Name<R> = keyof R & string;
/** `index` counts the rows of this table from 0. */
export type RowFunction<R, T> = (row: R, index: number) => T;
type Derived<E> = { [K in keyof E]: E[K] extends (...args: never[]) => infer T ? T : never };
type RolledUp<R, E> = {
  [K in keyof E]: E[K] extends ColumnAggregate<infer C>
    ? R[C & keyof R]
    : E[K] extends Aggregate<never, infer T>
      ? T
      : never;
};
type Optional<R> = { [K in keyof R]: R[K] | null };

/**
 * A table in memory. Its verbs take ordinary functions and give a new table whose row type follows; none changes it.
 *
 *     const dear = listings.filter((d) => d.price > params.minPrice).orderby(desc("price"));
 *
 * @typeParam R one row
 * @typeParam G the columns it is grouped by, which `rollup` keeps
 */
export class Table<R extends object, G extends keyof R = never> {
  readonly #table: ColumnTable;
  readonly #origin: unknown;

  /** @internal Notebooks call {@link table}. `origin` marks the untouched content of a stored artifact. */
  constructor(underlying: ColumnTable, origin?: unknown) {
    this.#table = underlying;
    this.#origin = origin;
  }

  /** The rows for which `test` is true, in order. */
  filter(test: RowFunction<R, boolean>): Table<R, G> {
    const { BitSet } = arquero();
    const kept = new BitSet(this.#table.totalRows());
    const rowAt = this.#rowMaker();
    let index = 0;
    this.#table.scan((row) => {
      if (test(rowAt(row ?? 0), index++)) kept.set(row ?? 0);
    });
    return new Table(this.#table.create({ filter: kept }));
  }

  /** With new or replaced columns. The functions of one call see the columns as they were before it. */
  derive<E extends Record<string, RowFunction<R, unknown>>>(
    columns: E,
  ): Table<Simplify<Omit<R, keyof E> & Derived<E>>> {
    const base = this.#dense().ungroup();
    const rowAt = this.#rowMaker(base);
    const functions = Object.entries(columns);
    const made = functions.map(() => new Array<unknown>(base.numRows()));
    for (let index = 0; index < base.numRows(); index++) {
      const row = rowAt(index);
      for (const [at, [, derive]] of functions.entries()) {
        const value = derive(row, index);
        (made[at] ?? [])[index] = value === undefined ? null : value; // a column has nulls, not holes
      }
    }
    const added = Object.fromEntries(functions.map(([name], at) => [name, made[at] ?? []]));
    return new Table(withColumns(base, { ...columnsOf(base), ...added }));
  }

  /** These columns, in this order. */
  select<K extends Name<R>>(...names: K[]): Table<Simplify<Pick<R, K>>> {
    this.#demand(names);
    return new Table(this.#table.ungroup().select(...names));
  }

  /** All columns but these. */
  drop<K extends Name<R>>(...names: K[]): Table<Simplify<Omit<R, K>>> {
    this.#demand(names);
    const gone = new Set<string>(names);
    const kept = this.columnNames().filter((name) => !gone.has(name));
    return new Table(this.#table.ungroup().select(...kept));
  }

  /** Groups rows for the next `rollup`; null is a group of its own. */
  groupby<K extends Name<R>>(...names: K[]): Table<R, K> {
    this.#demand(names);
    return new Table(this.#table.groupby(...names));
  }

  /** One row a group, in order of the groups' first rows (one row in all without `groupby`). */
  rollup<E extends Record<string, Aggregate<R, unknown>>>(
    aggregates: E,
  ): Table<Simplify<Pick<R, G> & RolledUp<R, E>>> {
    const { op: compiled } = arquero();
    const entries = Object.entries(aggregates);
    this.#demand(entries.flatMap(([, { column }]) => column ?? []));
    const expressions = entries.map(([name, { aggregate, column, probability }]) => [
      name,
      compile(compiled, aggregate, column, probability),
    ]);
    const rolled = this.#table.rollup(Object.fromEntries(expressions) as never);
    const columns = { ...columnsOf(rolled) };
    for (const [name, { aggregate }] of entries) {
      const values = rolled.array(name) as unknown[]; // of any type
      columns[name] = values.map((value) => value ?? EMPTY_RESULT[aggregate]);
    }
    return new Table(withColumns(rolled, columns));
  }

  /** Sorted by the keys, ascending unless `desc("name")`; nulls last either way; equal rows keep their order. */
  orderby(...keys: SortKey<Name<R>>[]): Table<R> {
    this.#demand(keys.map((key) => (typeof key === "string" ? key : key.desc)));
    const base = this.#dense().ungroup();
    const indices = sortedIndices(base.numRows(), keys, (name) => column(base, name));
    return new Table(base.reify(indices));
  }

  /**
   * Rows of both tables with equal keys, in this table's order; null equals nothing. `left: true` keeps rows
   * without a partner, with nulls. Columns of both that are no keys must be dropped or renamed first.
   */
  join<R2 extends object, K extends Name<R> & Name<R2>>(
    other: Table<R2>,
    on: K | readonly K[],
    options?: { left?: false },
  ): Table<Simplify<R & Omit<R2, K>>>;
  join<R2 extends object, K extends Name<R> & Name<R2>>(
    other: Table<R2>,
    on: K | readonly K[],
    options: { left: true },
  ): Table<Simplify<R & Optional<Omit<R2, K>>>>;
  join<R2 extends object, K extends Name<R> & Name<R2>>(
    other: Table<R2>,
    on: K | readonly K[],
    options: { left?: boolean } = {},
  ): Table<Simplify<R & Omit<R2, K>>> {
    const keys: readonly K[] = typeof on === "string" ? [on] : on;
    this.#demand(keys);
    other.#demand(keys);
    const [left, right] = [this.#dense().ungroup(), other.#dense().ungroup()];
    const columns = joinRows(columnsOf(left), columnsOf(right), keys, options.left === true);
    return new Table(new (arquero().ColumnTable)(columns));
  }

  /** One value; rows are counted from 0 here, as everywhere in JavaScript. */
  get<K extends Name<R>>(name: K, row = 0): R[K] {
    this.#demand([name]);
    if (!Number.isInteger(row) || row < 0 || row >= this.numRows()) {
      throw new StepLabError(
        "table/no-such-row",
        `This table has ${this.numRows()} rows; get("${name}", ${row}) asks for row ${row}, counted from 0.`,
      );
    }
    return this.#table.get(name, row) as R[K]; // the column holds what the row type says
  }

  /** A column's values, in order. */
  array<K extends Name<R>>(name: K): R[K][] {
    this.#demand([name]);
    return this.#table.array(name) as R[K][]; // as in `get`
  }

  /** All rows as objects. */
  objects(): R[] {
    const rowAt = this.#rowMaker();
    const rows: R[] = [];
    this.#table.scan((row) => void rows.push(rowAt(row ?? 0)));
    return rows;
  }

  *[Symbol.iterator](): IterableIterator<R> {
    const rowAt = this.#rowMaker();
    for (const row of this.#table.indices()) yield rowAt(row);
  }

  numRows(): number {
    return this.#table.numRows();
  }

  /** Plain strings: with narrower ones a table could not stand where one with fewer columns is asked for. */
  columnNames(): string[] {
    return this.#table.columnNames();
  }

  /** The untyped arquero table underneath, for everything else; `table(…)` brings a result back. */
  get arquero(): ColumnTable {
    return this.#table;
  }

  /** @internal What {@link Table} was read from, as long as it is untouched: writing it copies nothing. */
  get origin(): unknown {
    return this.#origin;
  }

  /** Rich display in notebooks; see `stage/display/`. */
  [DISPLAY](): MimeBundle {
    return tableBundle(this);
  }

  [Symbol.for("nodejs.util.inspect.custom")](): string {
    const names = this.columnNames().join(", ");
    return `Table of ${this.numRows()} rows × ${this.columnNames().length} columns: ${names}`;
  }

  /** Columns without mask: index and row number are one. */
  #dense(): ColumnTable {
    return this.#table.isFiltered() ? this.#table.reify() : this.#table;
  }

  #rowMaker(from = this.#table): (row: number) => R {
    return rowMaker(from) as (row: number) => R; // the row type says what this table's columns hold
  }

  /** The compiler sees wrong names in typed code; this is for names that come as data. */
  #demand(names: readonly string[]): void {
    const known = this.#table.columnNames();
    for (const name of names) {
      if (known.includes(name)) continue;
      const meant = didYouMean(name, known) ?? "it has no columns.";
      throw new StepLabError(
        "table/no-such-column",
        `This table has no column "${name}": ${meant}`,
      );
    }
  }
}

/** Sorts descending: `orderby(desc("price"))`. */
export function desc<K extends string>(column: K): { desc: K } {
  return { desc: column };
}

/**
 * A table from rows, from columns of equal length, or from an arquero table.
 *
 *     table([{ id: 1, price: 80 }, { id: 2, price: 95 }])
 *
 * Rows give the columns of the first row; a value missing in another row is null.
 */
export function table<R extends object>(rows: readonly R[]): Table<R>;
export function table<R extends object>(underlying: ColumnTable): Table<R>;
export function table<C extends Record<string, ArrayLike<unknown>>>(
  columns: C,
): Table<{ [K in keyof C]: C[K][number] }>;
export function table(
  from: readonly object[] | ColumnTable | Record<string, ArrayLike<unknown>>,
): Table<Record<string, unknown>> {
  const { ColumnTable } = arquero();
  if (from instanceof ColumnTable) return new Table(from.ungroup().reify());
  if (!Array.isArray(from)) return new Table(new ColumnTable(from as never)); // columns are what arquero takes
  const rows = from as readonly Record<string, unknown>[]; // objects, read by name
  const columns = Object.keys(rows[0] ?? {}).map((name) => [
    name,
    rows.map((row) => row[name] ?? null),
  ]);
  return new Table(new ColumnTable(Object.fromEntries(columns)));
}

type Compiled = ReturnType<typeof arquero>["op"];

function compile(
  builders: Compiled,
  aggregate: Aggregate<never, unknown>["aggregate"],
  column: string | null,
  probability = 0,
): unknown {
  if (column === null) return builders.count();
  if (aggregate === "quantile") return builders.quantile(column, probability);
  if (aggregate === "count") return builders.valid(column);
  return builders[aggregate](column);
}

function columnsOf(from: ColumnTable): Record<string, Column> {
  return Object.fromEntries(from.columnNames().map((name) => [name, column(from, name)]));
}

function column(from: ColumnTable, name: string): Column {
  return from.column(name) as Column; // names come from the table itself
}

function withColumns(like: ColumnTable, columns: Record<string, Column>): ColumnTable {
  return new (arquero().ColumnTable)(columns as never, [
    // Replaced columns keep their place; new ones come last.
    ...new Set([...like.columnNames(), ...Object.keys(columns)]),
  ]);
}

/**
 * Compiles a function from row number to row object. A literal with all columns is what V8 allocates fastest:
 * a million rows of 16 columns take 35 ms, and the row is an ordinary object (spread, JSON, kept for later),
 * which views with getters (9 ms) are not.
 */
function rowMaker(from: ColumnTable): (row: number) => object {
  const names = from.columnNames();
  const columns = names.map((name) => column(from, name));
  const members = names.map((name, at) => {
    const read = isIndexed(columns[at]) ? `c${at}[i]` : `c${at}.at(i)`;
    // A computed key, or a column called __proto__ would set the prototype.
    return `${name === "__proto__" ? '["__proto__"]' : JSON.stringify(name)}: ${read}`;
  });
  const parameters = names.map((_, at) => `c${at}`);
  // oxlint-disable-next-line typescript/no-implied-eval -- made of quoted names and numbers only
  const compile = new Function(...parameters, `return (i) => ({ ${members.join(", ")} })`);
  return compile(...columns) as (row: number) => object; // what the text above compiles to
}

function isIndexed(values: unknown): boolean {
  return Array.isArray(values) || ArrayBuffer.isView(values);
}
