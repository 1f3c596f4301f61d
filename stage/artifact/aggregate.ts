/**
 * Aggregates for `rollup`, as typed values: `op.median("price")`.
 *
 * They are not closures, because arquero compiles aggregates and refuses closures there; as values that name
 * their column they can also be typed: a wrong column name does not compile.
 *
 * All of them skip null, undefined and NaN, as SQL does.
 */
type AggregateName =
  | "count"
  | "sum"
  | "mean"
  | "median"
  | "min"
  | "max"
  | "stdev"
  | "quantile"
  | "distinct";

/** `Needs`: the columns an aggregate reads and their types. `Result`: what it gives. */
export interface Aggregate<in Needs, out Result> {
  readonly aggregate: AggregateName;
  readonly column: string | null;
  /** The quantile's probability. */
  readonly probability?: number;
  /** Types only: never there at run time. */
  readonly needs?: (row: Needs) => void;
  readonly result?: Result;
}

/** An aggregate whose result has its column's own type: the smallest date is a date. */
export interface ColumnAggregate<K extends string> extends Aggregate<Record<K, unknown>, unknown> {
  readonly column: K;
  readonly sameAs: true;
}

type Numeric<K extends string> = Record<K, number | null>;

/**
 * The aggregates that `rollup` takes. All but `count` and `distinct` skip null, undefined and NaN.
 *
 *     listings.groupby("borough").rollup({ listings: op.count(), median: op.median("price") })
 */
export const op = {
  /** Number of rows, nulls included. */
  count: (): Aggregate<object, number> => ({ aggregate: "count", column: null }),
  /** 0 when there are no values. */
  sum: <K extends string>(column: K): Aggregate<Numeric<K>, number> => ({
    aggregate: "sum",
    column,
  }),
  /** NaN when there are no values; so are `median`, `quantile` and `stdev`. */
  mean: <K extends string>(column: K): Aggregate<Numeric<K>, number> => ({
    aggregate: "mean",
    column,
  }),
  median: <K extends string>(column: K): Aggregate<Numeric<K>, number> => ({
    aggregate: "median",
    column,
  }),
  /** Linear interpolation between the nearest two values (R's type 7, numpy's default). */
  quantile: <K extends string>(column: K, probability: number): Aggregate<Numeric<K>, number> => ({
    aggregate: "quantile",
    column,
    probability,
  }),
  /** Of a sample: divides by n - 1. NaN for fewer than two values. */
  stdev: <K extends string>(column: K): Aggregate<Numeric<K>, number> => ({
    aggregate: "stdev",
    column,
  }),
  /** Null when there are no values. */
  min: <K extends string>(column: K): ColumnAggregate<K> => ({
    aggregate: "min",
    column,
    sameAs: true,
  }),
  /** Null when there are no values. */
  max: <K extends string>(column: K): ColumnAggregate<K> => ({
    aggregate: "max",
    column,
    sameAs: true,
  }),
  /** How many different values there are; null counts as one. */
  distinct: <K extends string>(column: K): Aggregate<Record<K, unknown>, number> => ({
    aggregate: "distinct",
    column,
  }),
};

/** What arquero leaves undefined (an aggregate of no values), by aggregate. */
export const EMPTY_RESULT: Record<AggregateName, number | null> = {
  count: 0,
  sum: 0,
  distinct: 0,
  mean: Number.NaN,
  median: Number.NaN,
  quantile: Number.NaN,
  stdev: Number.NaN,
  min: null,
  max: null,
};
