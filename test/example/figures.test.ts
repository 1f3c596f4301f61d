/** Figures people decide by: scores, the distance between mixes, and what a model listens to. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { permutationImportance } from "../../notebooks/models/importance.ts";
import { mae, medianOf, r2 } from "../../notebooks/models/scores.ts";
import { klDivergence, REFERENCE_LISTINGS, shares } from "../../notebooks/models/shares.ts";
import { table, type Model } from "../../stage/index.ts";

describe("scores", () => {
  test("are those of a calculation by hand", () => {
    const actual = [100, 200, 300];
    const predicted = [110, 190, 330];
    expect(mae(actual, predicted)).toBeCloseTo((10 + 10 + 30) / 3, 12);
    // 1 - (100 + 100 + 900) / (10000 + 0 + 10000)
    expect(r2(actual, predicted)).toBeCloseTo(0.945, 12);
  });

  test("say 1 of a perfect answer, 0 of the mean, and less than 0 of worse", () => {
    const actual = Float64Array.of(1, 2, 3, 4);
    expect(r2(actual, actual)).toBe(1);
    expect(r2(actual, [2.5, 2.5, 2.5, 2.5])).toBe(0);
    expect(r2(actual, [4, 3, 2, 1])).toBeLessThan(0);
  });

  test("the median has as many values below as above, and its argument is not sorted", () => {
    fc.assert(
      fc.property(fc.array(fc.integer(), { minLength: 1 }), (values) => {
        const before = [...values];
        const median = medianOf(values);
        expect(values).toEqual(before);
        expect(values.filter((value) => value < median).length).toBeLessThanOrEqual(
          values.length / 2,
        );
        expect(values.filter((value) => value > median).length).toBeLessThanOrEqual(
          values.length / 2,
        );
      }),
    );
    expect(medianOf([5, 1, 4, 2])).toBe(3);
  });
});

describe("the mix of boroughs", () => {
  test("as shares adds up to one, in the order given", () => {
    expect(shares({ Queens: 3, Bronx: 1 })).toEqual([
      { name: "Queens", share: 0.75 },
      { name: "Bronx", share: 0.25 },
    ]);
  });

  test("is no bits away from itself, however many listings there are", () => {
    const tenth = Object.fromEntries(
      Object.entries(REFERENCE_LISTINGS).map(([name, count]) => [name, count / 10]),
    );
    expect(klDivergence(tenth, REFERENCE_LISTINGS)).toBeCloseTo(0, 12);
  });

  test("is as many bits away as a calculation by hand says", () => {
    // 3/4 log2((3/4) / (1/2)) + 1/4 log2((1/4) / (1/2)) = 0.188721875540867
    expect(klDivergence({ a: 3, b: 1 }, { a: 1, b: 1 })).toBeCloseTo(0.188721875540867, 12);
    // All in one of two equal shares: one bit. In the fourth of four: two.
    expect(klDivergence({ a: 7, b: 0 }, { a: 1, b: 1 })).toBe(1);
    expect(klDivergence({ d: 7 }, { a: 1, b: 1, c: 1, d: 1 })).toBe(2);
  });

  test("is never less than none away, and a borough nobody knows is another check's business", () => {
    const counts = fc.record({ a: fc.nat(99), b: fc.nat(99), c: fc.integer({ min: 1, max: 99 }) });
    fc.assert(
      fc.property(counts, (mix) => {
        const bits = klDivergence(mix, { a: 1, b: 2, c: 3 });
        expect(bits).toBeGreaterThan(-1e-12);
        expect(klDivergence({ ...mix, Hoboken: 50 }, { a: 1, b: 2, c: 3 })).toBe(bits);
      }),
    );
  });
});

describe("importance", () => {
  /** Says ten times `size`, whatever `noise` is. */
  const model: Model<{ size: number; noise: number }, { predicted: number }> = {
    steps: [],
    apply: (rows) =>
      Promise.resolve(table([...rows].map(({ size }) => ({ predicted: 10 * size })))),
  };
  const rows = table([1, 2, 3, 4, 5, 6].map((size) => ({ noise: -size, size })));

  test("is what the error grows by when a column holds other rows' values, the most first", async () => {
    const importance = await permutationImportance(model, rows, [10, 20, 30, 40, 50, 60]);
    // Shifted by two of six: four sizes are 2 off, two are 4 off, times ten.
    expect(importance).toEqual([
      { feature: "size", costs: (4 * 20 + 2 * 40) / 6 },
      { feature: "noise", costs: 0 },
    ]);
  });

  test("leaves the rows as they were", async () => {
    const before = rows.objects();
    await permutationImportance(model, rows, [0, 0, 0, 0, 0, 0]);
    expect(rows.objects()).toEqual(before);
  });
});
