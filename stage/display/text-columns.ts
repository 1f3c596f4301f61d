/** Texts set in columns of a fixed pitch, for terminals and wherever only plain text is shown. */
import { displayWidth } from "./text-width.ts";

export interface TextColumn {
  align: "left" | "right";
  /** One a line. */
  texts: string[];
}

/** The width that a terminal and JupyterLab's plain-text outputs show without wrapping. */
const LINE_WIDTH = 120;
/** What long texts are cut to when not all columns fit: more columns tell more than longer texts. */
const NARROW = 16;

/** The lines of a table: `index`, which is always shown, and as many of `columns` as fit in a line. */
export function textColumns(index: TextColumn, columns: readonly TextColumn[]): string[] {
  const first = set(index);
  const room = LINE_WIDTH - first.width;
  const whole = columns.map(set);
  const fits = widthOf(whole) <= room;
  const blocks = [first, ...(fits ? whole : fit(columns.map(narrow).map(set), room))];
  return index.texts.map((_, line) =>
    blocks
      .map(({ lines }) => lines[line] ?? "")
      .join("  ")
      .trimEnd(),
  );
}

interface Block {
  width: number;
  lines: string[];
}

function set({ align, texts }: TextColumn): Block {
  const widths = texts.map(displayWidth);
  const width = Math.max(0, ...widths);
  const lines = texts.map((text, line) => {
    const space = " ".repeat(width - (widths[line] ?? 0));
    return align === "right" ? space + text : text + space;
  });
  return { width, lines };
}

/** Numbers are never cut: half a number is another number. */
function narrow({ align, texts }: TextColumn): TextColumn {
  const [name = "", ...others] = texts;
  const cut = (text: string): string =>
    text.length <= NARROW
      ? text
      : `${Array.from(text)
          .slice(0, NARROW - 1)
          .join("")}…`;
  return { align, texts: [cut(name), ...(align === "left" ? others.map(cut) : others)] };
}

function widthOf(blocks: readonly Block[]): number {
  return blocks.reduce((sum, { width }) => sum + width + 2, 0);
}

/** Leaves out columns in the middle: the first tell what a row is, the last what was derived. */
function fit(blocks: readonly Block[], room: number): Block[] {
  if (widthOf(blocks) <= room) return [...blocks];
  let left = 0;
  let right = blocks.length;
  let used = 3; // the column of dots
  while (left < right) {
    const fromLeft = left <= blocks.length - right;
    const width = (blocks[fromLeft ? left : right - 1]?.width ?? 0) + 2;
    if (used + width > room && left > 0) break;
    used += width;
    if (fromLeft) left += 1;
    else right -= 1;
  }
  const dots = set({ align: "left", texts: (blocks[0]?.lines ?? []).map(() => "…") });
  return [...blocks.slice(0, left), dots, ...blocks.slice(right)];
}
