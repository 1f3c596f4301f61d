/** Where the lines that a person sees lie in the scripts that V8 runs, and back. */
import type { Pieces, Position } from "../evaluate/pieces.ts";
import { offsetOf, positionOf } from "../evaluate/pieces.ts";
import { rewriteCell } from "../evaluate/rewrite.ts";
import { originalPositions, transformModule, type Transformed } from "../evaluate/transform.ts";

/** One text of a person's, and the script made of it. */
export class Places {
  readonly source: string;
  readonly #code: string;
  readonly #pieces: Pieces | null;
  readonly #original: (position: Position) => Position & { exact: boolean };
  #lines: { line: number; offset: number }[] | null = null;

  private constructor(transformed: Transformed, pieces: Pieces | null) {
    this.source = transformed.source;
    this.#code = transformed.code;
    this.#pieces = pieces;
    this.#original = originalPositions(transformed);
  }

  /**
   * Of a cell. Which names earlier cells have declared changes the script's first line alone, which holds nothing of the
   * person's: here it is as if there were none.
   * @throws CellSyntaxError
   */
  static ofCell(source: string): Places {
    const rewritten = rewriteCell(source, new Set());
    return new Places(rewritten, rewritten.pieces);
  }

  /** @throws CellSyntaxError */
  static ofModule(path: string, source: string): Places {
    return new Places({ source, code: transformModule(path, source), wrapped: false }, null);
  }

  /** The place in the person's text of a place in the script. Lines and columns from 1. */
  toSource(position: Position): Position {
    if (this.#pieces === null) return this.#original(position);
    const offset = this.#pieces.sourceOffset(offsetOf(this.#pieces.text, position));
    return this.#original(positionOf(this.#code, offset));
  }

  /** Where the script stops for a line: that line itself, or the next one that holds code. Null when none does. */
  toScript(line: number): { line: number; at: Position } | null {
    this.#lines ??= this.#linesOfCode();
    const found = this.#lines.find((each) => each.line >= line);
    if (found === undefined) return null;
    if (this.#pieces === null)
      return { line: found.line, at: positionOf(this.#code, found.offset) };
    const offset = this.#pieces.generatedOffset(found.offset);
    return { line: found.line, at: positionOf(this.#pieces.text, offset) };
  }

  /** Every line of the person's that has code, with the first offset of it in the JavaScript. */
  #linesOfCode(): { line: number; offset: number }[] {
    const first = new Map<number, number>();
    let start = 0;
    for (const [index, text] of this.#code.split("\n").entries()) {
      for (const { index: column } of text.matchAll(/[\w$]+|[^\s\w$]/g)) {
        const { line, exact } = this.#original({ line: index + 1, column: column + 1 });
        if (exact && !first.has(line) && !/^\s*[}\])]/.test(this.#lineOf(line)))
          first.set(line, start + column);
      }
      start += text.length + 1;
    }
    return [...first].map(([line, offset]) => ({ line, offset })).sort((a, b) => a.line - b.line);
  }

  /** Lines that only close something are no place to stop at. */
  #lineOf(line: number): string {
    return this.source.split("\n")[line - 1] ?? "";
  }
}
