/** Where a diagnostic's place lies in a text as it is now. Pure. */
import type { Place } from "../../../core/diagnostic.ts";

/** What of CodeMirror's `Text` is needed. */
export interface Lines {
  lines: number;
  line(number: number): { from: number; to: number; text: string };
}

export interface Span {
  from: number;
  to: number;
}

/**
 * Never empty unless the text is: a place without an end reaches to the end of its word, or of its line.
 * A place beyond the text, which has become shorter since, is its last line.
 */
export function spanOf(text: Lines, at: Place): Span {
  const first = text.line(within(at.line ?? 1, 1, text.lines));
  const from = first.from + within((at.column ?? 1) - 1, 0, first.text.length);
  if (at.endLine !== undefined || at.endColumn !== undefined) {
    const last = text.line(within(at.endLine ?? at.line ?? 1, 1, text.lines));
    const to = last.from + within((at.endColumn ?? last.text.length + 1) - 1, 0, last.text.length);
    if (to > from) return { from, to };
  }
  if (at.column === undefined) return line(first);
  const [word = ""] = /^[\w$]+/.exec(first.text.slice(from - first.from)) ?? [];
  if (word !== "") return { from, to: from + word.length };
  return from < first.to ? { from, to: from + 1 } : line(first);
}

/** A line without the spaces around it. */
function line({ from, to, text }: { from: number; to: number; text: string }): Span {
  const indent = text.length - text.trimStart().length;
  return text.trim() === ""
    ? { from, to }
    : { from: from + indent, to: from + text.trimEnd().length };
}

function within(value: number, least: number, most: number): number {
  return Math.min(Math.max(value, least), most);
}
