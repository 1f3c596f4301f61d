import fc from "fast-check";
import { expect, test } from "vitest";
import { type DiffLine, diffHunks, lineDiff } from "../../core/line-diff.ts";

const MARK = { same: " ", removed: "-", added: "+" };

const shown = (diff: readonly DiffLine[]) => diff.map(({ kind, line }) => MARK[kind] + line);

test("a changed line is shown as it was and as it is, between those that stayed", () => {
  expect(shown(lineDiff("a\nb\nc\n", "a\nB\nc\n"))).toEqual([" a", "-b", "+B", " c"]);
  expect(lineDiff("a", "a\nb")).toEqual([
    { kind: "same", line: "a", before: 1, after: 1 },
    { kind: "added", line: "b", after: 2 },
  ]);
  expect(shown(lineDiff("", "a"))).toEqual(["+a"]);
  expect(lineDiff("", "")).toEqual([]);
});

test("how lines end is no difference", () => {
  expect(shown(lineDiff("a\r\nb", "a\nb\n"))).toEqual([" a", " b"]);
});

test("both texts can be read back from a diff, and no diff is longer than it must be", () => {
  const text = fc.array(fc.constantFrom("a", "b", "c", "d"), { maxLength: 30 });
  fc.assert(
    fc.property(text, text, (before, after) => {
      const diff = lineDiff(before.join("\n"), after.join("\n"));
      expect(side(diff, "added")).toEqual(before);
      expect(side(diff, "removed")).toEqual(after);
      expect(diff.filter((each) => each.kind === "same").length).toBe(longestCommon(before, after));
    }),
  );
});

test("texts of ten thousand lines are compared whatever they share", () => {
  const numbers = Array.from({ length: 10_000 }, (_, n) => `line ${n}`);
  const others = numbers.map((line) => `other ${line}`);
  expect(lineDiff(numbers.join("\n"), others.join("\n")).length).toBe(20_000);
  const reversed = [...numbers].reverse();
  const repeated = numbers.map((_, n) => `line ${(n * 7919) % 13}`);
  for (const after of [reversed, repeated]) {
    const diff = lineDiff(numbers.join("\n"), after.join("\n"));
    expect(side(diff, "added")).toEqual(numbers);
    expect(side(diff, "removed")).toEqual(after);
  }
});

test("hunks hold the changes with lines around them, and say where they begin", () => {
  const before = Array.from({ length: 30 }, (_, n) => String(n + 1));
  const after = before.flatMap((line) =>
    line === "5" ? ["five"] : line === "8" ? [] : line === "25" ? [line, "25½"] : [line],
  );
  const hunks = diffHunks(lineDiff(before.join("\n"), after.join("\n")), 2);
  expect(hunks.map((hunk) => [hunk.before, hunk.after, shown(hunk.lines)])).toEqual([
    [3, 3, [" 3", " 4", "-5", "+five", " 6", " 7", "-8", " 9", " 10"]],
    [24, 23, [" 24", " 25", "+25½", " 26", " 27"]],
  ]);
  expect(diffHunks(lineDiff("a", "a"))).toEqual([]);
  expect(diffHunks(lineDiff("a\nb", "a\nx\nb"), 0)).toEqual([
    { before: 1, after: 2, lines: [{ kind: "added", line: "x", after: 2 }] },
  ]);
});

function side(diff: readonly DiffLine[], without: DiffLine["kind"]): string[] {
  return diff.filter((each) => each.kind !== without).map((each) => each.line);
}

/** Length of the longest common subsequence, by the textbook's table. */
function longestCommon(a: readonly string[], b: readonly string[]): number {
  let row = Array.from({ length: b.length + 1 }, () => 0);
  for (const x of a) {
    const next = [0];
    for (const [j, y] of b.entries()) {
      next.push(x === y ? row[j]! + 1 : Math.max(row[j + 1]!, next[j]!));
    }
    row = next;
  }
  return row.at(-1)!;
}
