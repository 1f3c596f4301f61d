/** Figures of merit. Both arrays are as long, in the same order. */

/** Mean absolute error, in the unit of the values. */
export function mae(actual: ArrayLike<number>, predicted: ArrayLike<number>): number {
  return meanOf(actual, (value, row) => Math.abs(value - predicted[row]!));
}

/** Share of the squares around the mean that the predictions explain: 1 is all, 0 no more than the mean, below that less. */
export function r2(actual: ArrayLike<number>, predicted: ArrayLike<number>): number {
  const mean = meanOf(actual, (value) => value);
  const left = meanOf(actual, (value, row) => (value - predicted[row]!) ** 2);
  return 1 - left / meanOf(actual, (value) => (value - mean) ** 2);
}

/** The middle value, or the mean of the two in the middle. */
export function medianOf(values: ArrayLike<number>): number {
  const sorted = Float64Array.from(values).sort();
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

function meanOf(values: ArrayLike<number>, of: (value: number, row: number) => number): number {
  let sum = 0;
  for (let row = 0; row < values.length; row++) sum += of(values[row]!, row);
  return sum / values.length;
}
