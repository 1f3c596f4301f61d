/** How far the mix of a delivery is from the mix that is usual. */
import type { Borough } from "../schemas/listing.ts";

/** Listings by borough of the whole city: "New York City Airbnb Open Data" (Kaggle, CC0), July 2019, 48,895 rows. */
export const REFERENCE_LISTINGS: Record<Borough, number> = {
  Bronx: 1_091,
  Brooklyn: 20_104,
  Manhattan: 21_661,
  Queens: 5_666,
  "Staten Island": 373,
};

/** Counts as shares of their sum, in the order given. */
export function shares(
  counts: Readonly<Record<string, number>>,
): { name: string; share: number }[] {
  const total = sum(Object.values(counts));
  return Object.entries(counts).map(([name, count]) => ({ name, share: count / total }));
}

/**
 * Kullback-Leibler divergence of two distributions given by counts, in bits: 0 when the shares are equal.
 *
 * A name that the reference does not know has no finite divergence. It is left out, so that the figure still
 * says how the known ones are mixed; that it exists at all is another check's business.
 */
export function klDivergence(
  counts: Readonly<Record<string, number>>,
  reference: Readonly<Record<string, number>>,
): number {
  const known = Object.entries(counts).filter(([name, count]) => name in reference && count > 0);
  const total = sum(known.map(([, count]) => count));
  const referenceTotal = sum(Object.values(reference));
  return sum(
    known.map(([name, count]) => {
      const share = count / total;
      const expected = reference[name]! / referenceTotal; // `in` has looked
      return share * Math.log2(share / expected);
    }),
  );
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
