/** The one split of the chain: exact shares, and nothing decides but the ids. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { hashOf, stratifiedSplit } from "../../notebooks/models/split.ts";

const listings = fc.uniqueArray(
  fc.record({ id: fc.nat({ max: 1e9 }), borough: fc.constantFrom("Bronx", "Queens", "Brooklyn") }),
  { selector: ({ id }) => id, maxLength: 200 },
);
type Listings = { id: number; borough: string }[];

const splitOf = (rows: Listings, salt?: string): Map<number, string> =>
  stratifiedSplit(
    rows.map(({ id }) => id),
    rows.map(({ borough }) => borough),
    salt,
  );

test("a fifth of every borough is for the test, a fifth of the rest validates, to a row", () => {
  fc.assert(
    fc.property(listings, (rows) => {
      const split = splitOf(rows);
      for (const borough of ["Bronx", "Queens", "Brooklyn"]) {
        const parts = rows.filter((row) => row.borough === borough).map(({ id }) => split.get(id));
        const count = (part: string): number => parts.filter((each) => each === part).length;
        expect(Math.abs(count("test") - parts.length / 5)).toBeLessThanOrEqual(0.5);
        expect(Math.abs(count("valid") - (parts.length - count("test")) / 5)).toBeLessThanOrEqual(
          0.5,
        );
        expect(count("test") + count("valid") + count("train")).toBe(parts.length);
      }
    }),
  );
});

test("the order of the rows decides nothing", () => {
  fc.assert(
    fc.property(
      listings.chain((rows) =>
        fc.tuple(
          fc.constant(rows),
          fc.shuffledSubarray(rows, { minLength: rows.length, maxLength: rows.length }),
        ),
      ),
      ([rows, shuffled]) => {
        const split = splitOf(rows);
        const again = splitOf(shuffled);
        for (const { id } of rows) expect(again.get(id)).toBe(split.get(id));
      },
    ),
  );
});

test("a listing of another borough moves nobody in this one", () => {
  const bronx = Array.from({ length: 30 }, (_, id) => ({ id, borough: "Bronx" }));
  const queens = Array.from({ length: 7 }, (_, id) => ({ id: 100 + id, borough: "Queens" }));
  const together = splitOf([...queens, ...bronx]);
  for (const [id, part] of splitOf(bronx)) expect(together.get(id)).toBe(part);
});

test("the chain's split is the one its figures were measured on, and another salt draws another", () => {
  const rows = Array.from({ length: 25 }, (_, id) => ({ id, borough: "Bronx" }));
  const tests = (salt?: string): number[] =>
    [...splitOf(rows, salt)].flatMap(([id, part]) => (part === "test" ? [id] : []));
  // Written down: whoever changes the hash makes every figure so far incomparable, and should know.
  expect(tests().toSorted((a, b) => a - b)).toMatchInlineSnapshot(`
    [
      0,
      2,
      8,
      13,
      16,
    ]
  `);
  expect(tests("another")).not.toEqual(tests());
});

test("hashes of neighbouring ids spread evenly", () => {
  const buckets = new Uint32Array(16);
  for (let id = 0; id < 16_000; id++) buckets[hashOf(`nyc/${id}`) >>> 28]! += 1; // 4 bits: one of 16
  // 1,000 a bucket; five standard deviations of a fair draw are 153.
  for (const count of buckets) expect(Math.abs(count - 1_000)).toBeLessThan(153);
});
