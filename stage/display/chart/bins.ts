/** Round intervals of numbers and calendar intervals of time. Pure; the same values give the same edges everywhere. */

export interface Interval {
  /** Included. */
  from: number;
  /** Not included, but for the last. */
  to: number;
}

const DAY_MS = 86_400_000;

/**
 * About `about` intervals of one round width (1, 2 or 5 times a power of ten) that cover `min` to `max`.
 * Whole numbers get intervals at least one wide, so that no bar is empty for want of a number in it.
 */
export function numberIntervals(
  min: number,
  max: number,
  about: number,
  isWhole: boolean,
): Interval[] {
  // Edges have twelve digits: intervals of numbers that differ beyond them only would be one and the same.
  const finest = Math.max(Math.abs(min), Math.abs(max)) * 1e-10;
  const wished = max > min ? Math.max((max - min) / about, finest) : Math.abs(max) / 10;
  const width = Math.max(roundStep(wished > SMALLEST_STEP ? wished : 1), isWhole ? 1 : 0);
  let first = Math.floor(tidy(min / width));
  if (tidy(first * width) > min) first -= 1; // tidying rounded over the edge
  let last = Math.max(Math.ceil(tidy(max / width)), first + 1);
  if (tidy(last * width) < max) last += 1;
  // The last interval includes its end, unless whole numbers stand one an interval: 10 is not in 9 to 10.
  if (isWhole && width === 1) last = max + 1;
  return Array.from({ length: last - first }, (_, i) => ({
    from: tidy((first + i) * width),
    to: tidy((first + i + 1) * width),
  }));
}

/** Intervals of equal ratio, with edges at 1, 2 and 5 times powers of ten or finer where that gives too few. */
export function logIntervals(min: number, max: number, most: number): Interval[] {
  const perDecade = Math.max(1, Math.round(most / Math.max(1, Math.log10(max / min))));
  const first = Math.floor(tidy(Math.log10(min) * perDecade));
  const last = Math.max(Math.ceil(tidy(Math.log10(max) * perDecade)), first + 1);
  const edge = (i: number): number => Number((10 ** (i / perDecade)).toPrecision(6));
  return Array.from({ length: last - first }, (_, i) => ({
    from: edge(first + i),
    to: edge(first + i + 1),
  }));
}

/** Below it numbers have lost their digits (denormals), and no step can be found. */
const SMALLEST_STEP = 1e-300;

/** The smallest of 1, 2, 5 × 10ⁿ that is not far below `step`: up to 1.4 times as many intervals as asked for. */
function roundStep(step: number): number {
  const power = 10 ** Math.floor(Math.log10(step));
  const factor = [1, 2, 5, 10].find((f) => f * power >= step * 0.7) ?? 10;
  return tidy(factor * power);
}

/** 0.30000000000000004 is 0.3. */
function tidy(value: number): number {
  return Number(value.toPrecision(12));
}

interface CalendarUnit {
  name: "minute" | "hour" | "day" | "week" | "month" | "quarter" | "year" | "decade" | "century";
  /** The start, in milliseconds UTC, of the unit `time` lies in. */
  floor(time: number): number;
  next(start: number): number;
  aboutMs: number;
}

/** Weeks begin on Monday (ISO 8601); 1970-01-01 was a Thursday. */
const MONDAY_MS = 4 * DAY_MS;

const CENTURY = monthUnit("century", 1200);
const UNITS: readonly CalendarUnit[] = [
  evenUnit("minute", 60_000, 0),
  evenUnit("hour", 3_600_000, 0),
  evenUnit("day", DAY_MS, 0),
  evenUnit("week", 7 * DAY_MS, MONDAY_MS),
  monthUnit("month", 1),
  monthUnit("quarter", 3),
  monthUnit("year", 12),
  monthUnit("decade", 120),
  CENTURY,
];

function evenUnit(name: CalendarUnit["name"], ms: number, offset: number): CalendarUnit {
  return {
    name,
    floor: (time) => Math.floor((time - offset) / ms) * ms + offset,
    next: (start) => start + ms,
    aboutMs: ms,
  };
}

function monthUnit(name: CalendarUnit["name"], months: number): CalendarUnit {
  // Months are counted from year 0; Date.UTC would take the years 0 to 99 for 1900 to 1999.
  const start = (month: number): number => new Date(0).setUTCFullYear(0, month, 1);
  return {
    name,
    floor(time) {
      const date = new Date(time);
      const month = date.getUTCFullYear() * 12 + date.getUTCMonth();
      return start(Math.floor(month / months) * months);
    },
    next(from) {
      const date = new Date(from);
      return start(date.getUTCFullYear() * 12 + date.getUTCMonth() + months);
    },
    aboutMs: months * 30.4 * DAY_MS,
  };
}

/** Calendar intervals (UTC) from minutes to years: the finest unit that needs at most `most` of them. */
export function timeIntervals(
  min: number,
  max: number,
  most: number,
): { unit: CalendarUnit["name"]; intervals: Interval[] } {
  const unit = UNITS.find(({ aboutMs }) => (max - min) / aboutMs < most) ?? CENTURY;
  const intervals: Interval[] = [];
  for (let from = unit.floor(min); from <= max;) {
    const to = unit.next(from);
    intervals.push({ from, to });
    from = to;
  }
  return { unit: unit.name, intervals };
}

/** For each value the number of its interval, or -1 where it lies in none (NaN too). */
export function intervalCodes(values: Float64Array, intervals: readonly Interval[]): Int32Array {
  const edges = Float64Array.from([
    ...intervals.map(({ from }) => from),
    intervals.at(-1)?.to ?? 0,
  ]);
  const last = intervals.length - 1;
  const end = edges[intervals.length] ?? 0;
  return Int32Array.from(values, (value) => {
    if (!(value >= (edges[0] ?? 0) && value <= end)) return -1;
    let low = 0;
    let high = last;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((edges[middle] ?? 0) <= value) low = middle;
      else high = middle - 1;
    }
    return low;
  });
}
