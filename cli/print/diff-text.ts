/** Line diffs and notebook cells as text, as a person reads a patch. */
import type { DiffHunk } from "../../core/line-diff.ts";
import type { CellChange, OutputDiff } from "../../lineage/query/diff/notebook.ts";
import { bytes, paint, plural } from "./style.ts";

/** More changed lines of one text than these are counted, not shown: `--json` has them. */
const SHOWN_LINES = 60;
const LINE_CHARACTERS = 160;

export function hunkLines(hunks: readonly DiffHunk[]): string[] {
  const lines: string[] = [];
  for (const [at, hunk] of hunks.entries()) {
    if (at > 0 || hunk.before > 1) lines.push(paint("dim", `@@ line ${Math.max(hunk.before, 1)}`));
    for (const { kind, line } of hunk.lines) {
      const text = line.length <= LINE_CHARACTERS ? line : `${line.slice(0, LINE_CHARACTERS)}…`;
      if (kind === "same") lines.push(`  ${text}`);
      else if (kind === "removed") lines.push(paint("red", `- ${text}`));
      else lines.push(paint("green", `+ ${text}`));
    }
  }
  if (lines.length <= SHOWN_LINES) return lines;
  return [
    ...lines.slice(0, SHOWN_LINES),
    paint("dim", `… ${plural(lines.length - SHOWN_LINES, "line")} more`),
  ];
}

export function cellLines(cell: CellChange): string[] {
  const lines = [paint("cyan", cellTitle(cell))];
  lines.push(...hunkLines(cell.source));
  for (const output of cell.outputs) lines.push(outputTitle(output), ...hunkLines(output.lines));
  return lines;
}

/** `cell 5 (listings), checks: changed` */
function cellTitle({ kind, id, slot, before, after }: CellChange): string {
  const number = after ?? before ?? 0;
  const from = before !== null && after !== null && before !== after ? `, was cell ${before}` : "";
  return `cell ${number} (${id})${slot === null ? "" : `, ${slot}`}: ${kind}${from}`;
}

function outputTitle({ what, change, lines, bytesBefore, bytesAfter }: OutputDiff): string {
  const size =
    lines.length > 0
      ? ""
      : bytesBefore === null || bytesAfter === null
        ? `, ${bytes(bytesBefore ?? bytesAfter ?? 0)}`
        : `, ${bytes(bytesBefore)} → ${bytes(bytesAfter)}`;
  return paint("dim", `output ${what} ${change}${size}`);
}
