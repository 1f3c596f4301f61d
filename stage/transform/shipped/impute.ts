/** Missing numbers replaced by a typical one. */
import { z } from "zod";
import { numbersOf } from "../columns.ts";
import { transformer } from "../transformer.ts";
import type { Transformer } from "../types.ts";

const With = z.enum(["median", "mean", "zero"]);

/** The definition behind {@link impute}. */
export const imputer = transformer({
  name: "steplab/impute",
  params: z.object({ columns: z.array(z.string()).min(1), with: With.default("median") }),
  state: z.object({ fill: z.record(z.string(), z.number()) }),
  fit: (rows, _y, { columns, with: how }) => ({
    fill: Object.fromEntries(columns.map((name) => [name, fillOf(numbersOf(rows, name), how)])),
  }),
  apply: ({ fill }, rows) =>
    Object.fromEntries(
      Object.entries(fill).map(([name, value]) => [
        name,
        numbersOf(rows, name).map((given) => (Number.isNaN(given) ? value : given)),
      ]),
    ),
});

/**
 * Replaces null (and NaN) in number columns by their median, mean or zero, of the rows it was fitted on.
 * A column that was missing throughout becomes 0.
 *
 *     impute(["reviews", "rating"], { with: "mean" })
 */
export function impute<C extends string>(
  columns: C | readonly C[],
  options: { with?: z.infer<typeof With> } = {},
): Transformer<Record<C, number | null>, Record<C, number>> {
  const names = typeof columns === "string" ? [columns] : [...columns];
  return imputer({ columns: names, ...options }) as unknown as Transformer<
    Record<C, number | null>,
    Record<C, number>
  >; // the columns are those named
}

function fillOf(values: Float64Array, how: z.infer<typeof With>): number {
  const known = values.filter((value) => !Number.isNaN(value));
  if (how === "zero" || known.length === 0) return 0;
  if (how === "mean") return known.reduce((sum, value) => sum + value, 0) / known.length;
  const sorted = known.sort();
  const middle = sorted.length >> 1;
  const upper = sorted[middle]!; // there is one: length > 0
  return sorted.length % 2 === 1 ? upper : (sorted[middle - 1]! + upper) / 2;
}
