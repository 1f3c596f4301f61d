/** A text column as one column of zeros and ones for each value. */
import { z } from "zod";
import { textsOf } from "../columns.ts";
import { transformer } from "../transformer.ts";
import type { Transformer } from "../types.ts";

/** The definition behind {@link oneHot}. */
export const oneHotEncoder = transformer({
  name: "steplab/one-hot",
  params: z.object({ column: z.string() }),
  state: z.object({ values: z.array(z.string()) }),
  fit: (rows, _y, { column }) => {
    const seen = new Set(textsOf(rows, column).filter((value) => value !== null));
    return { values: [...seen].sort() };
  },
  apply: ({ values }, rows, { column }) => {
    const places = new Map(values.map((value, place) => [value, place]));
    const made = values.map(() => new Float64Array(rows.numRows()));
    textsOf(rows, column).forEach((text, row) => {
      const place = text === null ? undefined : places.get(text);
      if (place !== undefined) made[place]![row] = 1; // a column a place
    });
    return Object.fromEntries(values.map((value, place) => [`${column}:${value}`, made[place]!]));
  },
});

/**
 * Adds a column `column:value` for each value seen in fit, 1 where a row has it and 0 elsewhere. Null, and
 * values that were not seen, are 0 everywhere.
 *
 *     oneHot("room") // adds "room:Private room", "room:Shared room", …
 */
export function oneHot<C extends string>(
  column: C,
): Transformer<Record<C, string | null>, Record<`${C}:${string}`, number>> {
  return oneHotEncoder({ column }) as unknown as Transformer<
    Record<C, string | null>,
    Record<`${C}:${string}`, number>
  >; // the column is the one named
}
