/** Rows that share a place in a chart, and the one value drawn for them. */
import type { Levels } from "./levels.ts";
import type { Summary } from "./spec.ts";

export interface Group {
  /** One code a dimension. */
  codes: number[];
  count: number;
  /** Of the measured column, when there is one; missing values are not among them. */
  values: number[];
}

/** Groups that have at least one row, in ascending order of their codes. Rows without a code in any dimension are left out. */
export function groupRows(
  rows: number,
  dimensions: readonly Levels[],
  measured?: Float64Array,
): Group[] {
  const sizes = dimensions.map(({ levels }) => levels.length);
  const groups = new Map<number, Group>();
  next: for (let row = 0; row < rows; row++) {
    let place = 0; // a mixed-radix number: far below 2^53 for anything that can be drawn
    for (let d = 0; d < dimensions.length; d++) {
      const code = dimensions[d]?.codes[row] ?? -1;
      if (code < 0) continue next;
      place = place * (sizes[d] ?? 0) + code;
    }
    let group = groups.get(place);
    if (group === undefined) {
      group = { codes: dimensions.map(({ codes }) => codes[row] ?? -1), count: 0, values: [] };
      groups.set(place, group);
    }
    if (measured !== undefined) {
      const value = measured[row] ?? Number.NaN;
      if (Number.isNaN(value)) continue;
      group.values.push(value);
    }
    group.count += 1;
  }
  return [...groups]
    .sort(([a], [b]) => a - b)
    .flatMap(([, group]) => (group.count > 0 ? [group] : []));
}

/** The one number that stands for a group. @param values not empty, unless `summary` is count or sum */
export function summarise(group: Group, summary: Summary): number {
  const { values } = group;
  switch (summary) {
    case "count":
      return group.count;
    case "sum":
      return sum(values);
    case "mean":
      return sum(values) / values.length;
    case "median":
      return quantile(Float64Array.from(values).sort(), 0.5);
    case "min":
      return values.reduce((a, b) => Math.min(a, b), Infinity);
    case "max":
      return values.reduce((a, b) => Math.max(a, b), -Infinity);
  }
}

function sum(values: readonly number[]): number {
  return values.reduce((a, b) => a + b, 0);
}

/** Linear interpolation between order statistics: method 7 of Hyndman and Fan 1996, the default of R, NumPy and pandas. */
export function quantile(sorted: Float64Array, p: number): number {
  const at = (sorted.length - 1) * p;
  const low = sorted[Math.floor(at)] ?? Number.NaN;
  const high = sorted[Math.ceil(at)] ?? Number.NaN;
  return low + (high - low) * (at - Math.floor(at));
}
