/** The words of a text column, weighed by how much they tell. */
import { z } from "zod";
import { textsOf } from "../columns.ts";
import { transformer } from "../transformer.ts";
import type { Transformer } from "../types.ts";

const Options = z.object({
  /** How many words, the most frequent first. */
  top: z.int().min(1).default(30),
  /**
   * Divide each row's weights by their length, as cosine distances want it. Trees do better without: a word
   * then weighs the same in a short text as in a long one.
   */
  normalize: z.boolean().default(true),
});

/** English words that tell nothing, and single letters that apostrophes leave. Own list, short on purpose. */
const STOP_WORDS = new Set(
  (
    "a an and are as at be but by can for from has have i if in is it its me my no not of off on or our " +
    "out s so t than that the their them there they this to too up us was we were which will with you your"
  ).split(" "),
);

/** The definition behind {@link words}. */
export const wordWeigher = transformer({
  name: "steplab/words",
  params: Options.extend({ column: z.string() }),
  state: z.object({ words: z.array(z.string()), weights: z.array(z.number()) }),
  fit: (rows, _y, { column, top }) => {
    const texts = textsOf(rows, column);
    const frequencies = new Map<string, number>();
    for (const text of texts)
      for (const word of new Set(wordsOf(text)))
        frequencies.set(word, (frequencies.get(word) ?? 0) + 1);
    // Ties by code units, so that the choice depends on no locale and no order of rows.
    const chosen = [...frequencies]
      .sort(([a, n], [b, m]) => m - n || (a < b ? -1 : 1))
      .slice(0, top);
    return {
      words: chosen.map(([word]) => word),
      weights: chosen.map(([, rows]) => Math.log((1 + texts.length) / (1 + rows)) + 1),
    };
  },
  apply: ({ words, weights }, rows, { column, normalize }) => {
    const places = new Map(words.map((word, place) => [word, place]));
    const made = words.map(() => new Float64Array(rows.numRows()));
    textsOf(rows, column).forEach((text, row) => {
      const found = new Set<number>();
      for (const word of wordsOf(text)) {
        const place = places.get(word);
        if (place === undefined) continue;
        found.add(place);
        made[place]![row]! += weights[place]!; // a column and a weight a place
      }
      if (!normalize) return;
      let squares = 0;
      for (const place of found) squares += made[place]![row]! ** 2;
      for (const place of found) made[place]![row]! /= Math.sqrt(squares);
    });
    return Object.fromEntries(words.map((word, place) => [`${column}:${word}`, made[place]!]));
  },
});

/**
 * Adds a column `column:word` for each of the most frequent words: how often it occurs in the row's text, times
 * how rare it is among the rows (TF-IDF, with scikit-learn's smoothing: ln((1 + rows) / (1 + rows with it)) + 1).
 *
 *     words("name", { top: 30, normalize: true }) // the defaults
 *
 * @param options.top how many words, the most frequent first
 * @param options.normalize divide each row's weights by their length, as cosine distances want it; trees do better without
 */
export function words<C extends string>(
  column: C,
  options: z.input<typeof Options> = {},
): Transformer<Record<C, string | null>, Record<`${C}:${string}`, number>> {
  return wordWeigher({ column, ...options }) as unknown as Transformer<
    Record<C, string | null>,
    Record<`${C}:${string}`, number>
  >; // the column is the one named
}

/** Runs of letters and digits in any script, in lower case; full-width forms are their plain ones. */
function wordsOf(text: string | null): string[] {
  const found =
    (text ?? "")
      .normalize("NFKC")
      .toLowerCase()
      .match(/[\p{L}\p{N}]+/gu) ?? [];
  return found.filter((word) => !STOP_WORDS.has(word));
}
