/** What a person says about a chart. */

/** What a chart is made of; see {@link PlotSpec}. */
export type Mark = "bar" | "line" | "point" | "area" | "boxplot" | "rect";
export const MARKS: readonly Mark[] = ["bar", "line", "point", "area", "boxplot", "rect"];

/** How the values of several rows become one. */
export type Summary = "count" | "sum" | "mean" | "median" | "min" | "max";
export const SUMMARIES: readonly Summary[] = ["count", "sum", "mean", "median", "min", "max"];

export type ColumnName<Row extends object> = keyof Row & string;

/** A column with more to say about its axis. */
export interface Axis<Row extends object> {
  column: ColumnName<Row>;
  /** Instead of the column's name. */
  title?: string;
  /** Written behind the title: `price, USD`. */
  unit?: string;
  /** A logarithmic scale; values at or below zero are left out, and the subtitle says how many. */
  log?: boolean;
  /** Shows only this part of a number's range; the subtitle says how many rows lie outside. */
  domain?: [from: number, to: number];
}

export type Channel<Row extends object> = ColumnName<Row> | Axis<Row>;

/** What {@link plot} is given besides the table: a mark, and columns by name or as an {@link Axis}. */
export interface PlotSpec<Row extends object> {
  /**
   * - `bar`: a histogram where `x` is a number or a time and there is no `y`; counts where `x` is text;
   *   `y` of each `x` otherwise. `y` text and `x` a number lays the bars on their side.
   * - `line`, `area`: `y` over `x`; counts over time without `y`
   * - `point`: one mark a row, a sample of 5,000 where there are more
   * - `boxplot`: quartiles, whiskers of 1.5 interquartile ranges (Tukey 1977) and outliers
   * - `rect`: counts of `x` by `y`, or a summary of a numeric `color`
   */
  mark: Mark;
  x?: Channel<Row>;
  y?: Channel<Row>;
  color?: Channel<Row>;
  /** Size of points, by area. */
  size?: Channel<Row>;
  /** One small chart for each value of this column, all with the same axes. */
  facet?: ColumnName<Row>;
  /** What becomes of several rows at one place; the mean where nothing is said, and the axis says so. */
  summary?: Summary;
  /** About how many bars a histogram has (30); steps are round numbers. */
  bins?: number;
  title?: string;
  subtitle?: string;
  /** Of the drawing without axes and legend, in pixels; of each small chart where there is a facet. */
  width?: number;
  height?: number;
}
