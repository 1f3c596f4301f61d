/** A text column as the mean target of the rows that share its value. */
import { z } from "zod";
import { textsOf } from "../columns.ts";
import { transformer } from "../transformer.ts";
import type { Transformer } from "../types.ts";

const Options = z.object({
  /** Parts of the fitted rows; each is encoded with the means of the others. */
  folds: z.int().min(2).default(5),
  /** How many rows of the overall mean are mixed into each value's own. */
  smoothing: z.number().nonnegative().default(10),
});

/** The definition behind {@link targetMean}. */
export const targetMeanEncoder = transformer({
  name: "steplab/target-mean",
  params: Options.extend({ column: z.string() }),
  state: z.object({ means: z.record(z.string(), z.number()), overall: z.number() }),
  fit: (rows, y, { column, smoothing }) => {
    const sums = new Sums();
    textsOf(rows, column).forEach((text, row) => sums.add(text, y[row]!)); // one target a row
    return { means: sums.means(smoothing), overall: sums.overall() };
  },
  apply: ({ means, overall }, rows, { column }) => {
    const known = new Map(Object.entries(means));
    return {
      [`${column}:mean`]: Float64Array.from(
        textsOf(rows, column),
        (text) => known.get(keyOf(text)) ?? overall,
      ),
    };
  },
  /**
   * A mean that holds a row's own target tells a model the answer, the more the rarer the value; leaving only
   * that row out tells it too, with the sign turned (the example's error rises from 30 to above 36 USD that way).
   */
  applyInFit: (_state, rows, y, { column, folds, smoothing }, { random }) => {
    const texts = textsOf(rows, column);
    const fold = Uint32Array.from(texts, () => Math.floor(random() * folds));
    const encoded = new Float64Array(texts.length);
    for (let part = 0; part < folds; part++) {
      const others = new Sums();
      texts.forEach((text, row) => {
        if (fold[row] !== part) others.add(text, y[row]!);
      });
      const means = new Map(Object.entries(others.means(smoothing)));
      const overall = others.overall();
      texts.forEach((text, row) => {
        if (fold[row] === part) encoded[row] = means.get(keyOf(text)) ?? overall;
      });
    }
    return { [`${column}:mean`]: encoded };
  },
});

/**
 * Adds `column:mean`: the mean target of the rows with the same value, pulled towards the overall mean where
 * there are few (Micci-Barreca 2001). Values not seen in fit get the overall mean. The rows of the fit themselves
 * are encoded out of fold, so that none sees its own target.
 *
 *     targetMean("neighbourhood", { folds: 5, smoothing: 10 }) // the defaults
 *
 * @param options.folds parts of the fitted rows; each is encoded with the means of the others
 * @param options.smoothing how many rows of the overall mean are mixed into each value's own
 */
export function targetMean<C extends string>(
  column: C,
  options: z.input<typeof Options> = {},
): Transformer<Record<C, string | null>, Record<`${C}:mean`, number>> {
  return targetMeanEncoder({ column, ...options }) as unknown as Transformer<
    Record<C, string | null>,
    Record<`${C}:mean`, number>
  >; // the column is the one named
}

/** Missing is a value like others here, under a key that no text has. */
function keyOf(text: string | null): string {
  return text === null ? "null" : `=${text}`;
}

class Sums {
  readonly #groups = new Map<string, { sum: number; count: number }>();
  #sum = 0;
  #count = 0;

  add(text: string | null, target: number): void {
    const key = keyOf(text);
    const group = this.#groups.get(key);
    if (group === undefined) this.#groups.set(key, { sum: target, count: 1 });
    else {
      group.sum += target;
      group.count += 1;
    }
    this.#sum += target;
    this.#count += 1;
  }

  overall(): number {
    return this.#count === 0 ? 0 : this.#sum / this.#count;
  }

  means(smoothing: number): Record<string, number> {
    const overall = this.overall();
    return Object.fromEntries(
      [...this.#groups].map(([key, { sum, count }]) => [
        key,
        (sum + smoothing * overall) / (count + smoothing),
      ]),
    );
  }
}
