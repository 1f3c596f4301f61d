/** Fewer marks that show the same: a sample of points, the peaks of a line. Deterministic, and never drawn from the stage's own randomness. */

/**
 * `size` of the numbers 0 to `n - 1`, ascending, each equally likely: Knuth's selection sampling
 * (TAOCP 2, algorithm S) with a fixed seed, so that the same table gives the same chart.
 */
export function sampleRows(n: number, size: number): Uint32Array {
  if (n <= size) return Uint32Array.from({ length: n }, (_, i) => i);
  const chosen = new Uint32Array(size);
  const random = mulberry32(0x5eed);
  let taken = 0;
  for (let i = 0; taken < size; i++) {
    if ((n - i) * random() < size - taken) chosen[taken++] = i;
  }
  return chosen;
}

/** Tommy Ettinger's mulberry32: 32 bits of state, enough to pick points by. */
function mulberry32(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/**
 * Of a line's points in order of `x`, those that draw the same line: the first, lowest, highest and last
 * of each of `columns` equal stretches (M4, Jugel et al. 2014: pixel-exact where a stretch is one pixel wide).
 */
export function thinLine<Point extends { x: number; y: number }>(
  points: readonly Point[],
  columns: number,
): Point[] {
  if (points.length <= columns * 4) return [...points];
  const from = points[0]?.x ?? 0;
  const width = ((points.at(-1)?.x ?? 0) - from) / columns || 1;
  const kept: Point[] = [];
  let start = 0;
  while (start < points.length) {
    const column = Math.floor(((points[start]?.x ?? 0) - from) / width);
    let end = start;
    while (end < points.length && Math.floor(((points[end]?.x ?? 0) - from) / width) <= column)
      end++;
    kept.push(...extremes(points.slice(start, end)));
    start = end;
  }
  return kept;
}

function extremes<Point extends { y: number }>(points: readonly Point[]): Point[] {
  let low = 0;
  let high = 0;
  points.forEach(({ y }, i) => {
    if (y < (points[low]?.y ?? 0)) low = i;
    if (y > (points[high]?.y ?? 0)) high = i;
  });
  const places = new Set([0, Math.min(low, high), Math.max(low, high), points.length - 1]);
  return [...places].flatMap((i) => points[i] ?? []);
}
