/**
 * Gradient boosting of histogram trees for squared loss: each tree is fitted to what the trees before it left
 * unexplained (Friedman 2001, algorithm 2), on a sample of rows and columns of its own (Friedman 2002).
 */
import { binColumns } from "./bins.ts";
import { TreeGrower } from "./grow.ts";
import type { Tree } from "./grow.ts";

export interface BoostParams {
  trees: number;
  /** How much of each tree's answer is taken. */
  rate: number;
  leaves: number;
  minRows: number;
  shrinkage: number;
  maxBins: number;
  /** Share of the rows and of the columns that a tree sees, (0, 1]. */
  rowShare: number;
  columnShare: number;
}

/** All trees in flat arrays, node after node: what is stored, and what answers. */
export interface Ensemble {
  /** The answer before any tree: the mean of the targets. */
  base: number;
  /** Where each tree begins in the arrays below; its first node is its root. */
  roots: Int32Array;
  /** The column asked; -1 in a leaf. */
  column: Int32Array;
  /** The highest value that goes left; missing values go left too. */
  threshold: Float64Array;
  left: Int32Array;
  right: Int32Array;
  /** What the leaf adds, the rate already taken. */
  value: Float64Array;
  /** The share of all explained squares that splits on each column explained (Breiman et al. 1984; Friedman 2001, section 8.1). */
  importance: Float64Array;
}

/**
 * @param columns equally long, NaN where a value is missing
 * @param random a seeded generator: the same one gives the same trees
 * @param onStep called after each tree (from 1) with the root mean squared error on the training rows
 */
export function boost(
  columns: readonly Float64Array[],
  target: Float64Array,
  params: BoostParams,
  random: () => number,
  onStep: (tree: number, rmse: number) => void = () => {},
): Ensemble {
  const rows = target.length;
  const data = binColumns(columns, params.maxBins);
  const grower = new TreeGrower(data, params);
  const base = meanOf(target);
  const residuals = target.map((value) => value - base);
  const trees: Tree[] = [];
  for (let step = 1; step <= params.trees; step++) {
    const sample = draw(rows, params.rowShare, random);
    const asked = drawFlags(columns.length, params.columnShare, random);
    const tree = grower.grow(residuals, sample, asked);
    tree.value = tree.value.map((value) => value * params.rate);
    trees.push(tree);
    subtract(tree, columns, residuals);
    onStep(step, Math.sqrt(meanOf(residuals.map((value) => value * value))));
  }
  return { base, ...flatten(trees), importance: importanceOf(trees, columns.length) };
}

/** The answers for rows given as columns in the order of the fit. */
export function answer(ensemble: Ensemble, columns: readonly Float64Array[]): Float64Array {
  const { roots, column, threshold, left, right, value, base } = ensemble;
  const rows = columns[0]?.length ?? 0;
  const answers = new Float64Array(rows).fill(base);
  for (const root of roots) {
    for (let row = 0; row < rows; row++) {
      let node = root;
      while (column[node]! >= 0)
        node = columns[column[node]!]![row]! > threshold[node]! ? right[node]! : left[node]!;
      answers[row]! += value[node]!;
    }
  }
  return answers;
}

function subtract(tree: Tree, columns: readonly Float64Array[], residuals: Float64Array): void {
  const { column, threshold, left, right, value } = tree;
  for (let row = 0; row < residuals.length; row++) {
    let node = 0;
    while (column[node]! >= 0)
      node = columns[column[node]!]![row]! > threshold[node]! ? right[node]! : left[node]!;
    residuals[row]! -= value[node]!;
  }
}

function flatten(trees: readonly Tree[]): Omit<Ensemble, "base" | "importance"> {
  const roots = new Int32Array(trees.length);
  trees.forEach((tree, step) => {
    if (step + 1 < trees.length) roots[step + 1] = roots[step]! + tree.column.length;
  });
  const below = (nodes: readonly number[], step: number) => nodes.map((n) => roots[step]! + n);
  return {
    roots,
    column: Int32Array.from(trees.flatMap((tree) => tree.column)),
    threshold: Float64Array.from(trees.flatMap((tree) => tree.threshold)),
    left: Int32Array.from(trees.flatMap((tree, step) => below(tree.left, step))),
    right: Int32Array.from(trees.flatMap((tree, step) => below(tree.right, step))),
    value: Float64Array.from(trees.flatMap((tree) => tree.value)),
  };
}

function importanceOf(trees: readonly Tree[], columns: number): Float64Array {
  const gains = new Float64Array(columns);
  let total = 0;
  for (const tree of trees) {
    tree.column.forEach((column, node) => {
      if (column < 0) return;
      gains[column]! += tree.gain[node]!;
      total += tree.gain[node]!;
    });
  }
  return total === 0 ? gains : gains.map((gain) => gain / total);
}

/** Row numbers in ascending order (neighbours in memory are read together), a share of them without repetition. */
function draw(rows: number, share: number, random: () => number): Int32Array {
  if (share >= 1) return Int32Array.from({ length: rows }, (_, row) => row);
  const wanted = Math.max(1, Math.round(rows * share));
  const sample = new Int32Array(wanted);
  let taken = 0;
  // Selection sampling: Knuth, volume 2, section 3.4.2, algorithm S.
  for (let row = 0; taken < wanted; row++)
    if (random() * (rows - row) < wanted - taken) sample[taken++] = row;
  return sample;
}

function drawFlags(length: number, share: number, random: () => number): Uint8Array {
  const flags = new Uint8Array(length);
  for (const place of draw(length, share, random)) flags[place] = 1;
  return flags;
}

function meanOf(values: Float64Array): number {
  let sum = 0;
  for (let at = 0; at < values.length; at++) sum += values[at]!;
  return sum / values.length;
}
