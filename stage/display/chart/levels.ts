/** A column cut into the few places where a chart draws something: bars, colours, small charts. */
import { plural } from "../../../core/count.ts";
import {
  intervalCodes,
  logIntervals,
  numberIntervals,
  timeIntervals,
  type Interval,
} from "./bins.ts";
import { MISSING, type Series } from "./series.ts";

export interface Levels {
  /** Of every row the number of its level; -1 where it has none. */
  codes: Int32Array;
  levels: Level[];
  /** Levels have an order of their own (numbers, times), not one of size. */
  isOrdered: boolean;
  /** What was left out or put together, for the subtitle. */
  remarks: string[];
}

export interface Level {
  label: string;
  /** Of an interval or an exact number: what is drawn on a numeric axis. */
  from?: number;
  to?: number;
}

/** Numbers with at most this many distinct values are categories where a chart needs some (beds, stars, weekdays). */
const FEW = 12;

export interface CategoryOptions {
  most: number;
  /** What exceeds `most`, the least frequent values, goes together as "other", or is left out. */
  rest: "other" | "leave-out";
  /**
   * Of the levels: most frequent first (in the table's order where each occurs once), or by name, so that the
   * same values look the same in every chart.
   */
  by: "frequency" | "name";
}

/** A column's values as a few levels. */
export function categories(series: Series, { most, rest, by }: CategoryOptions): Levels {
  if (series.type !== "text") return numericCategories(series, Math.min(most, 6));
  const counts = new Float64Array(series.values.length);
  for (const code of series.codes) counts[code] = (counts[code] ?? 0) + 1;
  // One row a value is a table somebody made, in an order that says something (the most important first).
  const isGiven = by === "frequency" && counts.every((count) => count === 1);
  const byCount = isGiven
    ? Array.from(counts.keys())
    : Array.from(counts.keys()).sort(
        (a, b) =>
          (counts[b] ?? 0) - (counts[a] ?? 0) || compare(series.values[a], series.values[b]),
      );
  const kept =
    byCount.length <= most ? byCount : byCount.slice(0, rest === "other" ? most - 1 : most);
  if (by === "name") kept.sort((a, b) => compare(series.values[a], series.values[b]));
  const left = byCount.length - kept.length;
  const hasOther = left > 0 && rest === "other";
  const codeOf = new Int32Array(series.values.length).fill(hasOther ? kept.length : -1);
  kept.forEach((value, code) => (codeOf[value] = code));
  const levels = kept.map((value) => ({ label: series.values[value] ?? "" }));
  if (hasOther) levels.push({ label: `other (${left})` });
  const remarks =
    left > 0 && !hasOther
      ? [
          `the ${most} most frequent of ${byCount.length.toLocaleString("en-US")} values of ${series.column}`,
        ]
      : [];
  return {
    codes: Int32Array.from(series.codes, (c) => codeOf[c] ?? -1),
    levels,
    isOrdered: false,
    remarks,
  };
}

/** The same order on every machine, whatever its locale. */
function compare(a = "", b = ""): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** A numeric column where categories are wanted: its own values when they are few, else round intervals. */
function numericCategories(series: Series, most: number): Levels {
  const exact = exactLevels(series, FEW);
  const levels = exact ?? intervals(series, most);
  if (exact === undefined)
    for (const level of levels.levels) level.label = intervalLabel(level, series);
  return withMissing(levels);
}

function withMissing(levels: Levels): Levels {
  if (!levels.codes.includes(-1)) return levels;
  const missing = levels.levels.length;
  return {
    ...levels,
    codes: levels.codes.map((code) => (code === -1 ? missing : code)),
    levels: [...levels.levels, { label: MISSING }],
  };
}

function intervalLabel({ from = 0, to = 0 }: Level, series: Series): string {
  if (series.type === "time") return new Date(from).toISOString().slice(0, 10);
  return `${from.toLocaleString("en-US")} – ${to.toLocaleString("en-US")}`;
}

/** Every distinct number or time as a level of its own, ascending; undefined where there are more than `most`. */
export function exactLevels(series: Series, most = Infinity): Levels | undefined {
  const distinct = new Set<number>();
  for (const value of series.numbers) {
    if (!Number.isNaN(value)) distinct.add(value);
    if (distinct.size > most) return undefined;
  }
  const sorted = Float64Array.from(distinct).sort();
  const codeOf = new Map(Array.from(sorted, (value, code) => [value, code]));
  const levels = Array.from(sorted, (value) => ({
    label: series.type === "time" ? new Date(value).toISOString() : String(value),
    from: value,
    to: value,
  }));
  const codes = Int32Array.from(series.numbers, (value) => codeOf.get(value) ?? -1);
  return { codes, levels, isOrdered: true, remarks: [] };
}

/** Numbers or times in round intervals; with `domain` or a logarithmic scale, rows outside are left out and counted. */
export function intervals(series: Series, most: number): Levels {
  const { inside, remarks } = within(series);
  const [min, max] = extent(inside);
  if (min > max)
    return { codes: new Int32Array(inside.length).fill(-1), levels: [], isOrdered: true, remarks };
  const cut = cutInto(series, min, max, most);
  const codes = intervalCodes(inside, cut);
  return { codes, levels: cut.map((i) => ({ label: "", ...i })), isOrdered: true, remarks };
}

function cutInto(series: Series, min: number, max: number, most: number): Interval[] {
  if (series.type === "time") return timeIntervals(min, max, most * 2).intervals;
  if (series.log) return logIntervals(min, max, most);
  return numberIntervals(min, max, most, series.isWhole);
}

/** The series' numbers with those outside its domain or scale as NaN, and how many these are. */
export function within(series: Series): { inside: Float64Array; remarks: string[] } {
  const [from, to] = series.domain ?? [-Infinity, Infinity];
  let missing = 0;
  let outside = 0;
  let notPositive = 0;
  const inside = series.numbers.map((value) => {
    if (Number.isNaN(value)) missing += 1;
    else if (value < from || value > to) outside += 1;
    else if (series.log && value <= 0) notPositive += 1;
    else return value;
    return Number.NaN;
  });
  const remarks: string[] = [];
  const rows = (n: number): string => plural(n, "row");
  if (missing > 0) remarks.push(`${rows(missing)} without ${series.column} left out`);
  if (outside > 0) remarks.push(`${rows(outside)} outside ${from} to ${to} not shown`);
  if (notPositive > 0) remarks.push(`${rows(notPositive)} at or below 0 not shown (log scale)`);
  return { inside, remarks };
}

export function extent(values: Float64Array): [min: number, max: number] {
  let min = Infinity;
  let max = -Infinity;
  for (const value of values) {
    if (value < min) min = value;
    if (value > max) max = value;
  }
  return [min, max];
}
