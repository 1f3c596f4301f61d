/** One regression tree, grown leaf by leaf on histograms: the leaf whose split gains most is split next. */
import type { BinnedColumns } from "./bins.ts";

export interface TreeLimits {
  /** Most leaves of a tree. */
  leaves: number;
  /** Fewest rows of a leaf. */
  minRows: number;
  /** Added to every count, so that leaves of few rows say less (the L2 penalty of Chen and Guestrin 2016, section 2.1). */
  shrinkage: number;
}

/** A node splits (left: value at or below the edge, or missing) or, as a leaf, answers. Nodes refer to each other by place. */
export interface Tree {
  /** The column asked; -1 in a leaf. */
  column: number[];
  /** The highest value that goes left. */
  threshold: number[];
  left: number[];
  right: number[];
  /** Mean of what was left to explain in the leaf, shrunk; 0 in a node that splits. */
  value: number[];
  /** The squares that the node's split explained; 0 in a leaf. */
  gain: number[];
}

interface Split {
  gain: number;
  column: number;
  bin: number;
}

/** Rows from `begin` to `end` of the grower's row list, their histogram, and the best they could be split by. */
interface Leaf {
  node: number;
  begin: number;
  end: number;
  sum: number;
  histogram: Float64Array;
  split: Split | null;
}

/** Grows tree after tree on the same columns; its buffers are made once. */
export class TreeGrower {
  readonly #data: BinnedColumns;
  readonly #limits: TreeLimits;
  /** Row numbers, those of one leaf side by side. */
  readonly #rows: Int32Array;
  readonly #aside: Int32Array;
  /** The residuals of a leaf's rows in the order of its rows: read once a column, so side by side pays. */
  readonly #ordered: Float64Array;
  readonly #spare: Float64Array[] = [];

  constructor(data: BinnedColumns, limits: TreeLimits) {
    this.#data = data;
    this.#limits = limits;
    this.#rows = new Int32Array(data.rows);
    this.#aside = new Int32Array(data.rows);
    this.#ordered = new Float64Array(data.rows);
  }

  /**
   * Fits one tree to the residuals of the given rows, looking at the given columns only.
   *
   * @param sample row numbers, each once
   * @param asked one a column: 0 leaves the column out of this tree
   */
  grow(residuals: Float64Array, sample: Int32Array, asked: Uint8Array): Tree {
    const tree: Tree = { column: [], threshold: [], left: [], right: [], value: [], gain: [] };
    this.#rows.set(sample);
    const root = this.#leaf(addNode(tree), 0, sample.length, residuals, asked);
    const leaves = [root];
    while (leaves.length < this.#limits.leaves) {
      const best = bestOf(leaves);
      if (best === undefined) break;
      const [left, right] = this.#split(tree, leaves[best]!, residuals, asked);
      leaves[best] = left;
      leaves.push(right);
    }
    for (const leaf of leaves) {
      tree.value[leaf.node] = leaf.sum / (leaf.end - leaf.begin + this.#limits.shrinkage);
      this.#spare.push(leaf.histogram);
    }
    return tree;
  }

  #leaf(
    node: number,
    begin: number,
    end: number,
    residuals: Float64Array,
    asked: Uint8Array,
  ): Leaf {
    const histogram = this.#spare.pop() ?? new Float64Array(2 * this.#data.offsets.at(-1)!);
    const sum = this.#fill(histogram, begin, end, residuals, asked);
    const leaf: Leaf = { node, begin, end, sum, histogram, split: null };
    leaf.split = this.#search(leaf, asked);
    return leaf;
  }

  /**
   * The histogram holds a pair a bin: sum of residuals, count of rows.
   * @returns the sum of all residuals
   */
  #fill(
    histogram: Float64Array,
    begin: number,
    end: number,
    residuals: Float64Array,
    asked: Uint8Array,
  ): number {
    const rows = this.#rows;
    const ordered = this.#ordered;
    histogram.fill(0);
    let sum = 0;
    for (let at = begin; at < end; at++) {
      const residual = residuals[rows[at]!]!;
      ordered[at] = residual;
      sum += residual;
    }
    for (const column of this.#data.dense) {
      if (asked[column] === 0) continue;
      const bins = this.#data.bins[column]!;
      const offset = this.#data.offsets[column]!;
      for (let at = begin; at < end; at++) {
        const place = (offset + bins[rows[at]!]!) << 1;
        histogram[place]! += ordered[at]!;
        histogram[place + 1]! += 1;
      }
    }
    const { starts, entries } = this.#data.sparse;
    for (let at = begin; at < end; at++) {
      const row = rows[at]!;
      const residual = ordered[at]!;
      const stop = starts[row + 1]!;
      for (let entry = starts[row]!; entry < stop; entry++) {
        const place = entries[entry]! << 1;
        histogram[place]! += residual;
        histogram[place + 1]! += 1;
      }
    }
    this.#fillLowest(histogram, sum, end - begin);
    return sum;
  }

  /** What no entry of a sparse column accounts for lies in its lowest bin. */
  #fillLowest(histogram: Float64Array, sum: number, count: number): void {
    const { offsets, sparse } = this.#data;
    for (const column of sparse.columns) {
      let sumAbove = 0;
      let countAbove = 0;
      for (let place = 2 * offsets[column]! + 2; place < 2 * offsets[column + 1]!; place += 2) {
        sumAbove += histogram[place]!;
        countAbove += histogram[place + 1]!;
      }
      histogram[2 * offsets[column]!] = sum - sumAbove;
      histogram[2 * offsets[column]! + 1] = count - countAbove;
    }
  }

  /** The split that explains most squares: the gain of Friedman 2001, section 4.3, with shrunk means. */
  #search(leaf: Leaf, asked: Uint8Array): Split | null {
    const { minRows, shrinkage } = this.#limits;
    const { offsets, edges } = this.#data;
    const { histogram, sum } = leaf;
    const count = leaf.end - leaf.begin;
    if (count < 2 * minRows) return null;
    const before = (sum * sum) / (count + shrinkage);
    let best: Split | null = null;
    let bestGain = 1e-9; // less is rounding
    for (let column = 0; column < edges.length; column++) {
      if (asked[column] === 0) continue;
      const first = 2 * offsets[column]!;
      const last = 2 * (offsets[column + 1]! - 1);
      let sumLeft = 0;
      let countLeft = 0;
      for (let place = first; place < last; place += 2) {
        sumLeft += histogram[place]!;
        countLeft += histogram[place + 1]!;
        if (countLeft < minRows) continue;
        const countRight = count - countLeft;
        if (countRight < minRows) break;
        const sumRight = sum - sumLeft;
        const gain =
          (sumLeft * sumLeft) / (countLeft + shrinkage) +
          (sumRight * sumRight) / (countRight + shrinkage) -
          before;
        if (gain > bestGain) {
          bestGain = gain;
          best = { gain, column, bin: (place - first) >> 1 };
        }
      }
    }
    return best;
  }

  /** Only the smaller half is counted; the larger is the parent's histogram less it (Ke et al. 2017, section 2.1). */
  #split(tree: Tree, leaf: Leaf, residuals: Float64Array, asked: Uint8Array): [Leaf, Leaf] {
    const { column, bin, gain } = leaf.split!; // bestOf chose a leaf that has one
    const middle = this.#partition(leaf, column, bin);
    const leftNode = addNode(tree);
    const rightNode = addNode(tree);
    tree.column[leaf.node] = column;
    tree.gain[leaf.node] = gain;
    tree.threshold[leaf.node] = this.#data.edges[column]![bin]!; // a split is never behind the last edge
    tree.left[leaf.node] = leftNode;
    tree.right[leaf.node] = rightNode;
    const leftIsSmaller = middle - leaf.begin <= leaf.end - middle;
    const small = leftIsSmaller
      ? this.#leaf(leftNode, leaf.begin, middle, residuals, asked)
      : this.#leaf(rightNode, middle, leaf.end, residuals, asked);
    const rest = leaf.histogram;
    for (let place = 0; place < rest.length; place++) rest[place]! -= small.histogram[place]!;
    const large: Leaf = {
      node: leftIsSmaller ? rightNode : leftNode,
      begin: leftIsSmaller ? middle : leaf.begin,
      end: leftIsSmaller ? leaf.end : middle,
      sum: leaf.sum - small.sum,
      histogram: rest,
      split: null,
    };
    large.split = this.#search(large, asked);
    return leftIsSmaller ? [small, large] : [large, small];
  }

  /** Puts the leaf's rows that go left before those that go right, order kept. @returns where the right ones begin */
  #partition(leaf: Leaf, column: number, bin: number): number {
    const rows = this.#rows;
    const aside = this.#aside;
    const bins = this.#data.bins[column]!;
    let left = leaf.begin;
    let right = 0;
    for (let at = leaf.begin; at < leaf.end; at++) {
      const row = rows[at]!;
      if (bins[row]! <= bin) rows[left++] = row;
      else aside[right++] = row;
    }
    rows.set(aside.subarray(0, right), left);
    return left;
  }
}

function addNode(tree: Tree): number {
  tree.column.push(-1);
  tree.threshold.push(0);
  tree.left.push(0);
  tree.right.push(0);
  tree.gain.push(0);
  return tree.value.push(0) - 1;
}

/** The place of the leaf whose split gains most; none when no leaf can be split. */
function bestOf(leaves: readonly Leaf[]): number | undefined {
  let best: number | undefined;
  let gain = 0;
  leaves.forEach((leaf, place) => {
    if (leaf.split !== null && leaf.split.gain > gain) {
      gain = leaf.split.gain;
      best = place;
    }
  });
  return best;
}
