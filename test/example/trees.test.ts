/** The example's gradient-boosted trees, against slow and simple ways to the same answers. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { binColumns } from "../../notebooks/models/trees/bins.ts";
import { answer, boost, type BoostParams } from "../../notebooks/models/trees/boost.ts";
import { TreeGrower } from "../../notebooks/models/trees/grow.ts";
import { seeded } from "../../notebooks/sample/random.ts";

const PARAMS: BoostParams = {
  trees: 30,
  rate: 0.2,
  leaves: 8,
  minRows: 3,
  shrinkage: 0,
  maxBins: 64,
  rowShare: 1,
  columnShare: 1,
};
const LIMITS = { leaves: 2, minRows: 1, shrinkage: 0 };

const values = fc.oneof(
  fc.integer({ min: -5, max: 5 }),
  fc.double({ noNaN: true }),
  fc.constant(NaN),
);
const column = (rows: number) =>
  fc.array(values, { minLength: rows, maxLength: rows }).map((list) => Float64Array.from(list));

describe("bins", () => {
  test("keep the order of values, missing ones below all numbers", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 60 }).chain(column), (numbers) => {
        const { bins, edges } = binColumns([numbers], 16);
        expect(edges[0]!.length).toBeLessThan(16);
        for (const [row, value] of numbers.entries())
          for (const [other, than] of numbers.entries()) {
            if (bins[0]![row]! < bins[0]![other]!)
              expect(value < than || Number.isNaN(value)).toBe(true);
            if (Number.isNaN(value) && than > -Infinity)
              expect(bins[0]![row]).not.toBe(bins[0]![other]);
          }
      }),
    );
  });

  test("tell apart all values where there are no more of them than bins", () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: -3, max: 3 }), { minLength: 1, maxLength: 50 }),
        (list) => {
          const numbers = Float64Array.from(list);
          const { bins } = binColumns([numbers], 16);
          const distinct = new Set(list).size;
          expect(new Set(bins[0]).size).toBe(distinct);
        },
      ),
    );
  });

  test("send a row the same way as its value does", () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 60 }).chain(column), (numbers) => {
        const { bins, edges } = binColumns([numbers], 8);
        for (const [bin, edge] of edges[0]!.entries())
          for (const [row, value] of numbers.entries())
            expect(bins[0]![row]! > bin).toBe(value > edge);
      }),
    );
  });
});

describe("a tree", () => {
  test("makes the split that explains most squares, as trying all of them does", () => {
    const table = fc.integer({ min: 4, max: 30 }).chain((rows) =>
      fc.tuple(
        fc.array(fc.array(fc.integer({ min: 0, max: 4 }), { minLength: rows, maxLength: rows }), {
          minLength: 1,
          maxLength: 4,
        }),
        fc.array(fc.integer({ min: -9, max: 9 }), { minLength: rows, maxLength: rows }),
      ),
    );
    fc.assert(
      fc.property(table, ([lists, targets]) => {
        const columns = lists.map((list) => Float64Array.from(list));
        const residuals = Float64Array.from(targets);
        const grower = new TreeGrower(binColumns(columns, 16), LIMITS);
        const rows = Int32Array.from(targets, (_, row) => row);
        const tree = grower.grow(residuals, rows, new Uint8Array(columns.length).fill(1));
        expect(tree.gain[0]).toBeCloseTo(bestGain(lists, targets), 6);
      }),
    );
  });

  test("keeps to its limits: leaves, and rows of a leaf", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 2, max: 8 }),
        fc.integer({ min: 1, max: 9 }),
        (leaves, minRows) => {
          const { columns, target } = waves(120);
          const grower = new TreeGrower(binColumns(columns, 32), { leaves, minRows, shrinkage: 1 });
          const tree = grower.grow(
            target,
            Int32Array.from(target, (_, row) => row),
            Uint8Array.of(1, 1, 1),
          );
          const counts = new Map<number, number>();
          for (let row = 0; row < target.length; row++) {
            let node = 0;
            while (tree.column[node]! >= 0)
              node =
                columns[tree.column[node]!]![row]! > tree.threshold[node]!
                  ? tree.right[node]!
                  : tree.left[node]!;
            counts.set(node, (counts.get(node) ?? 0) + 1);
          }
          expect(counts.size).toBeLessThanOrEqual(leaves);
          expect(Math.min(...counts.values())).toBeGreaterThanOrEqual(minRows);
        },
      ),
    );
  });

  test("is the same whether a column's few entries or all of its rows are counted", () => {
    const random = seeded(3);
    const rows = 300;
    const rare = Float64Array.from({ length: rows }, () =>
      random() < 0.1 ? 1 + Math.floor(random() * 3) : 0,
    );
    const target = rare.map((value) => value + random());
    const whole = binColumns([rare], 16);
    expect(whole.sparse.columns).toEqual([0]);
    const dense = {
      ...whole,
      dense: [0],
      sparse: { columns: [], starts: new Int32Array(rows + 1), entries: new Int32Array() },
    };
    const grow = (data: typeof whole) =>
      new TreeGrower(data, { leaves: 4, minRows: 2, shrinkage: 1 }).grow(
        target,
        Int32Array.from(target, (_, row) => row),
        Uint8Array.of(1),
      );
    const [few, all] = [grow(whole), grow(dense)];
    expect(few.threshold).toEqual(all.threshold);
    few.value.forEach((value, node) => expect(value).toBeCloseTo(all.value[node]!, 10));
  });
});

describe("boosting", () => {
  test("falls from tree to tree, and the same random numbers give the same trees", () => {
    const { columns, target } = waves(400);
    const losses: number[] = [];
    const fit = (seed: number) =>
      boost(
        columns,
        target,
        { ...PARAMS, rowShare: 0.7, columnShare: 0.7 },
        seeded(seed),
        (_, loss) => losses.push(loss),
      );
    const first = fit(1);
    expect(losses.at(-1)).toBeLessThan(losses[0]! / 2);
    expect(fit(1)).toEqual(first);
    expect(fit(2)).not.toEqual(first);
  });

  test("answers the training rows with the errors it reported", () => {
    const { columns, target } = waves(200);
    let reported = 0;
    const ensemble = boost(columns, target, PARAMS, seeded(1), (_, loss) => (reported = loss));
    const answers = answer(ensemble, columns);
    const squares = target.map((value, row) => (value - answers[row]!) ** 2);
    expect(
      Math.sqrt(squares.reduce((sum, square) => sum + square, 0) / squares.length),
    ).toBeCloseTo(reported, 10);
  });

  test("learns from what is missing: a row without a value goes where such rows went", () => {
    const known = Float64Array.from({ length: 100 }, (_, row) => (row % 2 === 0 ? NaN : row));
    const target = known.map((value) => (Number.isNaN(value) ? 10 : 1));
    const ensemble = boost([known], target, { ...PARAMS, trees: 60 }, seeded(1));
    const [missing, there] = answer(ensemble, [Float64Array.of(NaN, 50)]);
    expect(missing).toBeCloseTo(10, 2);
    expect(there).toBeCloseTo(1, 2);
  });

  test("says which columns explained how much, in shares of one", () => {
    const { columns, target } = waves(400);
    const { importance } = boost(columns, target, PARAMS, seeded(1));
    expect(importance[0]! + importance[1]! + importance[2]!).toBeCloseTo(1, 10);
    expect(importance[0]).toBeGreaterThan(importance[2]! * 5); // the third is noise
  });

  test("of a constant target answers it, without a split", () => {
    const { columns } = waves(50);
    const ensemble = boost(columns, new Float64Array(50).fill(7), PARAMS, seeded(1));
    expect([...ensemble.column]).toEqual(new Array(PARAMS.trees).fill(-1));
    expect([...answer(ensemble, columns)]).toEqual(new Array(50).fill(7));
  });
});

/** Two columns that matter, one that does not. */
function waves(rows: number): { columns: Float64Array[]; target: Float64Array } {
  const random = seeded(rows);
  const draw = () => Float64Array.from({ length: rows }, () => random());
  const columns = [draw(), draw(), draw()];
  const target = Float64Array.from(
    { length: rows },
    (_, row) => Math.sin(6 * columns[0]![row]!) + columns[1]![row]! ** 2,
  );
  return { columns, target };
}

/** By definition: the squares around the mean, less those around the means of both sides. */
function bestGain(columns: readonly number[][], targets: readonly number[]): number {
  const squares = (some: readonly number[]): number => {
    const mean = some.reduce((sum, value) => sum + value, 0) / Math.max(1, some.length);
    return some.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  };
  let best = 0;
  for (const list of columns)
    for (const edge of new Set(list)) {
      const left = targets.filter((_, row) => list[row]! <= edge);
      const right = targets.filter((_, row) => list[row]! > edge);
      if (left.length > 0 && right.length > 0)
        best = Math.max(best, squares(targets) - squares(left) - squares(right));
    }
  return best;
}
