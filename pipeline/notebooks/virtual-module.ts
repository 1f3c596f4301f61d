/**
 * A notebook as one module: its cells' code in order in one text, and the way back from a line to a cell.
 *
 * Used for types (all cells) and for declare mode (imports and declarations). Cells are kept letter by letter and
 * parted by a line with a semicolon, so that a cell that begins with `(` never calls what the cell before ended with.
 */
import type { Cell } from "../../core/notebook/index.ts";
import { TextPositions } from "../../core/text-position.ts";

export interface VirtualModule {
  source: string;
  /** The cell of an offset, and the offset within the cell; undefined for what stands between cells. */
  locate(offset: number): { cell: Cell; offset: number } | undefined;
  /** The same for a line and column, counted from 1. */
  locateLine(line: number, column: number): { cell: Cell; offset: number } | undefined;
}

const SEPARATOR = "\n;\n";

/** `tail` is code of ours at the end (exports, say); nothing in it has a cell. */
export function virtualModule(cells: readonly Cell[], tail = ""): VirtualModule {
  const starts: number[] = [];
  let source = "";
  for (const cell of cells) {
    starts.push(source.length);
    source += cell.source + SEPARATOR;
  }
  source += tail;
  const positions = new TextPositions(source);
  const locate: VirtualModule["locate"] = (offset) => {
    const index = starts.findLastIndex((start) => start <= offset);
    const cell = cells[index];
    const within = offset - (starts[index] ?? 0);
    // The end of a cell still belongs to it: "expected }" stands behind the last character.
    return cell && within <= cell.source.length + 1
      ? { cell, offset: Math.min(within, cell.source.length) }
      : undefined;
  };
  return {
    source,
    locate,
    locateLine: (line, column) => locate(positions.startOf(line) + column - 1),
  };
}
