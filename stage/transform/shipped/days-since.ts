/** A date as the days from it to a day that is fixed once. */
import { z } from "zod";
import { columnOf } from "../columns.ts";
import { transformer } from "../transformer.ts";
import type { Transformer } from "../types.ts";

const DAY_MS = 86_400_000;

/** The definition behind {@link daysSince}. */
export const dayCounter = transformer({
  name: "steplab/days-since",
  params: z.object({ column: z.string(), reference: z.iso.date().optional() }),
  state: z.object({ reference: z.iso.date() }),
  fit: (rows, _y, { column, reference }) => {
    if (reference !== undefined) return { reference };
    let newest = Number.NEGATIVE_INFINITY;
    for (const time of timesOf(columnOf(rows, column))) if (time > newest) newest = time;
    const day = new Date(Number.isFinite(newest) ? newest : 0);
    return { reference: day.toISOString().slice(0, "2019-07-08".length) };
  },
  apply: ({ reference }, rows, { column }) => {
    const day = Date.parse(reference);
    return {
      [`${column}:days`]: timesOf(columnOf(rows, column)).map((time) => (day - time) / DAY_MS),
    };
  },
});

/**
 * Adds `column:days`: days from the row's date to the reference, negative after it, NaN where there is no date.
 *
 * The reference is part of the fitted state (the given one, or the newest date of the fitted rows). Counting to
 * "today" or to the newest date of whatever batch is scored would give one listing another number each week, and
 * the model something else than it was trained on.
 *
 *     daysSince("last_review", { reference: "2019-07-08" })
 *
 * @param options.reference an ISO date, "2019-07-08"
 */
export function daysSince<C extends string>(
  column: C,
  options: { reference?: string } = {},
): Transformer<Record<C, Date | null>, Record<`${C}:days`, number>> {
  return dayCounter({ column, ...options }) as unknown as Transformer<
    Record<C, Date | null>,
    Record<`${C}:days`, number>
  >; // the column is the one named
}

/** Milliseconds; dates may come as `Date`, as milliseconds (how tables keep timestamps), or as ISO text. */
function timesOf(values: ArrayLike<unknown>): Float64Array {
  return Float64Array.from(values, (value) => {
    if (value == null) return Number.NaN;
    return typeof value === "string" ? Date.parse(value) : Number(value);
  });
}
