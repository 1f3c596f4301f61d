/** One line of a comparison. Lines are numbered from 1 on the side or sides that have them. */
export type DiffLine =
  | { kind: "same"; line: string; before: number; after: number }
  | { kind: "removed"; line: string; before: number; after?: undefined }
  | { kind: "added"; line: string; before?: undefined; after: number };

/** Lines that changed, with those around them. */
export interface DiffHunk {
  /** Number of its first line in the earlier text; where it has none there, of the line it follows (0: the beginning). */
  before: number;
  /** The same in the later text. */
  after: number;
  lines: DiffLine[];
}

/**
 * What became of a text, line by line: removals before additions where both meet. The shortest such list, except for texts
 * that differ in thousands of places, where finding it would take longer than anybody waits. How a line ends (`\n` or
 * `\r\n`) and whether the last one does are no differences.
 */
export function lineDiff(before: string, after: string): DiffLine[] {
  const [earlier, later] = [linesOf(before), linesOf(after)];
  const { removed, added } = changedLines(earlier, later);
  const diff: DiffLine[] = [];
  let b = 0;
  let a = 0;
  while (b < earlier.length || a < later.length) {
    if (b < earlier.length && removed[b] === 1) {
      diff.push({ kind: "removed", line: earlier[b]!, before: ++b });
    } else if (a < later.length && added[a] === 1) {
      diff.push({ kind: "added", line: later[a]!, after: ++a });
    } else {
      diff.push({ kind: "same", line: later[a]!, before: ++b, after: ++a });
    }
  }
  return diff;
}

/** The changed lines with `context` unchanged ones around them; changes nearer than that to each other share a hunk. */
export function diffHunks(diff: readonly DiffLine[], context = 3): DiffHunk[] {
  const hunks: DiffHunk[] = [];
  let [before, after] = [0, 0];
  let open: { hunk: DiffHunk; until: number } | null = null;
  const changes = diff.flatMap((line, at) => (line.kind === "same" ? [] : [at]));
  let next = 0;
  for (const [at, line] of diff.entries()) {
    while (next < changes.length && changes[next]! < at) {
      next++;
    }
    const nearNext = next < changes.length && changes[next]! - at <= context;
    if (nearNext && open === null) {
      const hunk = {
        before: line.kind === "added" ? before : before + 1,
        after: line.kind === "removed" ? after : after + 1,
        lines: [],
      };
      hunks.push(hunk);
      open = { hunk, until: 0 };
    }
    if (open !== null) {
      open.until = line.kind === "same" ? open.until : at + context;
      if (nearNext || at <= open.until) {
        open.hunk.lines.push(line);
      } else {
        open = null;
      }
    }
    before = line.before ?? before;
    after = line.after ?? after;
  }
  return hunks;
}

function linesOf(text: string): string[] {
  const lines = text.split(/\r?\n/);
  if (lines.at(-1) === "") {
    lines.pop();
  }
  return lines;
}

/** Marks (1) the lines of each side that the other does not have at their place. */
function changedLines(earlier: readonly string[], later: readonly string[]) {
  const numbers = new Map<string, number>();
  const numbered = (lines: readonly string[]) =>
    Int32Array.from(lines, (line) => {
      const known = numbers.get(line);
      if (known === undefined) {
        numbers.set(line, numbers.size);
      }
      return known ?? numbers.size - 1;
    });
  const [a, b] = [numbered(earlier), numbered(later)];
  const removed = new Uint8Array(a.length).fill(1);
  const added = new Uint8Array(b.length).fill(1);
  // Only lines that both sides have can be paired: leaving the others out keeps texts that share little cheap.
  const [inA, inB] = [new Uint8Array(numbers.size), new Uint8Array(numbers.size)];
  a.forEach((line) => (inA[line] = 1));
  b.forEach((line) => (inB[line] = 1));
  const pairableA = places(a, inB);
  const pairableB = places(b, inA);
  pairUp(
    pairableA.map((at) => a[at]!),
    pairableB.map((at) => b[at]!),
    (x, y) => {
      removed[pairableA[x]!] = 0;
      added[pairableB[y]!] = 0;
    },
  );
  return { removed, added };
}

function places(lines: Int32Array, inOther: Uint8Array): Int32Array {
  return Int32Array.from(lines.keys()).filter((at) => inOther[lines[at]!] === 1);
}

/** A part of both sides that is still to be compared: from `x0` and `y0` up to before `x1` and `y1`. */
type Box = readonly [x0: number, x1: number, y0: number, y1: number];

/**
 * Calls `pair` for every element of `a` that stays, with the place it has in `b`. Myers 1986, "An O(ND) difference
 * algorithm and its variations", section 4b: where a shortest path crosses the middle is found in linear space, and its two
 * halves are compared in turn.
 */
function pairUp(a: Int32Array, b: Int32Array, pair: (x: number, y: number) => void): void {
  const forward = new Int32Array(a.length + b.length + 3);
  const backward = new Int32Array(a.length + b.length + 3);
  const boxes: Box[] = [[0, a.length, 0, b.length]];
  for (let box = boxes.pop(); box !== undefined; box = boxes.pop()) {
    let [x0, x1, y0, y1] = box;
    while (x0 < x1 && y0 < y1 && a[x0] === b[y0]) {
      pair(x0++, y0++);
    }
    while (x0 < x1 && y0 < y1 && a[x1 - 1] === b[y1 - 1]) {
      pair(--x1, --y1);
    }
    if (x0 < x1 && y0 < y1) {
      const [x, y] = crossing(a, b, [x0, x1, y0, y1], forward, backward);
      boxes.push([x0, x, y0, y], [x, x1, y, y1]);
    }
  }
}

/** Steps after which the middle of a shortest path is no longer sought, as in GNU diff: the time stays near linear. */
const ENOUGH_STEPS = 1024;

/**
 * Where to cut a box in two. Diagonal `d` is where `x - y` is `d`; `forward[d]` is the furthest `x` that so many steps from
 * the beginning reach on it, `backward[d]` from the end. Where they meet is the middle of a shortest path.
 */
function crossing(
  a: Int32Array,
  b: Int32Array,
  [x0, x1, y0, y1]: Box,
  forward: Int32Array,
  backward: Int32Array,
): [x: number, y: number] {
  // Diagonals run from -b.length to a.length, and one beside each end is looked at.
  const origin = b.length + 1;
  const [lowest, highest] = [x0 - y1, x1 - y0];
  const [start, end] = [x0 - y0, x1 - y1];
  const meetsForward = ((start - end) & 1) !== 0;
  let [fromStart, toStart, fromEnd, toEnd] = [start, start, end, end];
  forward[origin + start] = x0;
  backward[origin + end] = x1;
  for (let steps = 1; ; steps++) {
    if (fromStart > lowest) {
      forward[origin + --fromStart - 1] = -1;
    } else {
      fromStart++;
    }
    if (toStart < highest) {
      forward[origin + ++toStart + 1] = -1;
    } else {
      toStart--;
    }
    for (let d = toStart; d >= fromStart; d -= 2) {
      let x = Math.max(forward[origin + d - 1]! + 1, forward[origin + d + 1]!);
      while (x < x1 && x - d < y1 && a[x] === b[x - d]) {
        x++;
      }
      forward[origin + d] = x;
      if (meetsForward && d >= fromEnd && d <= toEnd && backward[origin + d]! <= x) {
        return [x, x - d];
      }
    }
    if (fromEnd > lowest) {
      backward[origin + --fromEnd - 1] = a.length + 1;
    } else {
      fromEnd++;
    }
    if (toEnd < highest) {
      backward[origin + ++toEnd + 1] = a.length + 1;
    } else {
      toEnd--;
    }
    for (let d = toEnd; d >= fromEnd; d -= 2) {
      let x = Math.min(backward[origin + d - 1]!, backward[origin + d + 1]! - 1);
      while (x > x0 && x - d > y0 && a[x - 1] === b[x - d - 1]) {
        x--;
      }
      backward[origin + d] = x;
      if (!meetsForward && d >= fromStart && d <= toStart && x <= forward[origin + d]!) {
        return [x, x - d];
      }
    }
    if (steps >= ENOUGH_STEPS) {
      return furthest([x0, x1, y0, y1], fromStart, toStart, (d) => forward[origin + d]!);
    }
  }
}

/** The point on the diagonals that is furthest from the beginning of the box. */
function furthest(
  [, x1, , y1]: Box,
  from: number,
  to: number,
  reached: (diagonal: number) => number,
): [x: number, y: number] {
  let best: [number, number] = [0, 0];
  for (let d = to; d >= from; d -= 2) {
    const x = Math.min(reached(d), x1, y1 + d);
    if (x + x - d > best[0] + best[1]) {
      best = [x, x - d];
    }
  }
  return best;
}
