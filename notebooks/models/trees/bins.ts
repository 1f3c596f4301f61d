/**
 * Columns cut into few bins, the form histogram trees are grown on.
 *
 * Few distinct bins make the search for the best split a walk over a small histogram instead of a sort of all
 * rows (LightGBM: Ke et al. 2017, section 2.1). Columns that are nearly always at their lowest bin, as word
 * columns are, are counted by their few other entries: two hundred words then cost about as much as four numbers.
 */

export interface BinnedColumns {
  rows: number;
  /** Upper ends of each column's bins but the last: a value lies in bin b when it is above b of them. */
  edges: Float64Array[];
  /** Each column's bin in each row. */
  bins: Uint8Array[];
  /** Where each column's bins begin in a histogram of all columns; one more than columns, the last is the total. */
  offsets: Int32Array;
  /** The columns whose histograms are counted row by row. */
  dense: number[];
  /** The others: bins above the lowest only, row after row, as places in the histogram. */
  sparse: {
    columns: number[];
    /** Where each row's entries begin; one more than rows. */
    starts: Int32Array;
    entries: Int32Array;
  };
}

/** A column is counted sparsely when at least this share of its rows lies in the lowest bin. */
const SPARSE_SHARE = 0.8;

/**
 * @param columns equally long; NaN is a missing value and lies below every number, with -Infinity
 * @param maxBins from 2 to 256, a byte each
 */
export function binColumns(columns: readonly Float64Array[], maxBins: number): BinnedColumns {
  const rows = columns[0]?.length ?? 0;
  const edges = columns.map((values) => edgesOf(values, maxBins));
  const bins = columns.map((values, column) => binsOf(values, edges[column]!));
  const offsets = new Int32Array(columns.length + 1);
  edges.forEach((cuts, column) => (offsets[column + 1] = offsets[column]! + cuts.length + 1));
  const dense: number[] = [];
  const sparse: number[] = [];
  edges.forEach((cuts, column) => {
    if (cuts.length === 0) return; // one value only: nothing to split on
    const isSparse = countOf(bins[column]!, 0) >= SPARSE_SHARE * rows;
    (isSparse ? sparse : dense).push(column);
  });
  return {
    rows,
    edges,
    bins,
    offsets,
    dense,
    sparse: { columns: sparse, ...entriesOf(sparse, bins, offsets, rows) },
  };
}

/** Half-way between neighbouring values where there are few, at quantiles where there are many. */
function edgesOf(values: Float64Array, maxBins: number): Float64Array {
  const sorted = sortedNumbers(values);
  const distinct = distinctOf(sorted);
  const cuts: number[] = sorted.length < values.length ? [-Infinity] : []; // apart from the missing ones
  const room = maxBins - 1 - cuts.length;
  if (distinct.length - 1 <= room) {
    for (let at = 1; at < distinct.length; at++)
      cuts.push(between(distinct[at - 1]!, distinct[at]!));
    return Float64Array.from(cuts);
  }
  for (let cut = 1; cut <= room; cut++) {
    const value = sorted[Math.floor((cut * sorted.length) / (room + 1))]!; // below the length: cut <= room
    const below = distinct[lowerBound(distinct, value) - 1]; // undefined at the lowest value
    if (below === undefined) continue;
    const edge = between(below, value);
    if (edge !== cuts.at(-1)) cuts.push(edge);
  }
  return Float64Array.from(cuts);
}

/** Ascending, missing ones left out. Zeros are set aside first: word columns hold little else, and sorting few is cheap. */
function sortedNumbers(values: Float64Array): Float64Array {
  const others = new Float64Array(values.length);
  let count = 0;
  let zeros = 0;
  for (let row = 0; row < values.length; row++) {
    const value = values[row]!;
    if (value === 0) zeros++;
    else if (!Number.isNaN(value)) others[count++] = value;
  }
  const sorted = others.subarray(0, count).sort();
  const negative = lowerBound(sorted, 0);
  const all = new Float64Array(count + zeros);
  all.set(sorted.subarray(0, negative));
  all.set(sorted.subarray(negative), negative + zeros);
  return all;
}

function distinctOf(sorted: Float64Array): Float64Array {
  const distinct = new Float64Array(sorted.length);
  let count = 0;
  for (let at = 0; at < sorted.length; at++)
    if (at === 0 || sorted[at] !== sorted[at - 1]) distinct[count++] = sorted[at]!;
  return distinct.subarray(0, count);
}

/** Never the upper one, also where the two are neighbours among the numbers: an edge belongs to the bin below it. */
function between(low: number, high: number): number {
  const middle = low + (high - low) / 2;
  return middle < high ? middle : low;
}

function binsOf(values: Float64Array, edges: Float64Array): Uint8Array {
  const bins = new Uint8Array(values.length);
  for (let row = 0; row < values.length; row++) {
    const value = values[row]!;
    bins[row] = Number.isNaN(value) ? 0 : lowerBound(edges, value);
  }
  return bins;
}

/** How many of the sorted numbers are below `value`. */
function lowerBound(sorted: Float64Array, value: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (sorted[middle]! < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

function countOf(bins: Uint8Array, bin: number): number {
  let count = 0;
  for (let row = 0; row < bins.length; row++) if (bins[row] === bin) count++;
  return count;
}

function entriesOf(
  columns: readonly number[],
  bins: readonly Uint8Array[],
  offsets: Int32Array,
  rows: number,
): { starts: Int32Array; entries: Int32Array } {
  const starts = new Int32Array(rows + 1);
  for (const column of columns) {
    const own = bins[column]!;
    for (let row = 0; row < rows; row++) if (own[row] !== 0) starts[row + 1]!++;
  }
  for (let row = 0; row < rows; row++) starts[row + 1]! += starts[row]!;
  const entries = new Int32Array(starts[rows]!);
  const next = starts.slice();
  for (const column of columns) {
    const own = bins[column]!;
    const offset = offsets[column]!;
    for (let row = 0; row < rows; row++)
      if (own[row] !== 0) entries[next[row]!++] = offset + own[row]!;
  }
  return { starts, entries };
}
