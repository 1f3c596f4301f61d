/** A text column whose values have an order, as their place in it. */
import { z } from "zod";
import { textsOf } from "../columns.ts";
import { transformer } from "../transformer.ts";
import type { Transformer } from "../types.ts";

/** The definition behind {@link ordinal}. */
export const ordinalEncoder = transformer({
  name: "steplab/ordinal",
  params: z.object({ column: z.string(), order: z.array(z.string()).min(1) }),
  state: z.object({}),
  fit: () => ({}),
  apply: (_state, rows, { column, order }) => {
    const ranks = new Map(order.map((value, rank) => [value, rank]));
    const texts = textsOf(rows, column);
    return {
      [`${column}:rank`]: Float64Array.from(
        texts,
        (text) => (text === null ? undefined : ranks.get(text)) ?? Number.NaN,
      ),
    };
  },
});

/**
 * Adds `column:rank`: 0 for the first value of `order`, 1 for the next, and so on; NaN (missing) for null and for
 * a value the order does not name.
 *
 *     ordinal("size", ["small", "medium", "large"])
 */
export function ordinal<C extends string, const V extends string>(
  column: C,
  order: readonly V[],
): Transformer<Record<C, V | null>, Record<`${C}:rank`, number>> {
  return ordinalEncoder({ column, order: [...order] }) as unknown as Transformer<
    Record<C, V | null>,
    Record<`${C}:rank`, number>
  >; // the column is the one named
}
