/**
 * Generated text that knows where each part came from.
 *
 * A rewritten cell is the source with small edits, and some statements moved to its head. Kept as a
 * list of pieces, so that a position in the generated text leads back by one search; a source map
 * would cost an encoding for every cell, and most cells never fail.
 */

export interface Edit {
  start: number;
  end: number;
  text: string;
}

interface Piece {
  /** Where it begins in the generated text. */
  at: number;
  /** Where it came from; an edit's text leads to the start of what it replaced. */
  source: number;
  /** Copied character by character, so that offsets inside it count on. */
  verbatim: boolean;
}

export class Pieces {
  readonly #source: string;
  readonly #edits: readonly Edit[];
  readonly #pieces: Piece[] = [];
  #text = "";

  /** @param edits in the order they were made: at one place, the earlier stands further out (and to the left). */
  constructor(source: string, edits: readonly Edit[]) {
    this.#source = source;
    this.#edits = edits.toSorted((a, b) => a.start - b.start); // stable
  }

  get text(): string {
    return this.#text;
  }

  /** Adds text of the rewriter's own, on behalf of the source at `source`. */
  add(text: string, source = 0): this {
    if (text !== "") this.#pieces.push({ at: this.#text.length, source, verbatim: false });
    this.#text += text;
    return this;
  }

  /** Adds a range of the source with the edits inside it. */
  addRange(start: number, end: number): this {
    let from = start;
    for (const edit of this.#edits) {
      if (edit.start < from || edit.end > end) continue;
      this.#addVerbatim(from, edit.start);
      this.add(edit.text, edit.start);
      from = edit.end;
    }
    this.#addVerbatim(from, end);
    return this;
  }

  /** The offset in the source that a generated offset came from. */
  sourceOffset(generated: number): number {
    const piece = this.#pieces.findLast(({ at }) => at <= generated);
    if (!piece) return 0;
    return piece.verbatim ? piece.source + (generated - piece.at) : piece.source;
  }

  /** The first offset in the generated text that came from this one, or from what follows it. */
  generatedOffset(source: number): number {
    let nearest: Piece | null = null;
    for (const [index, piece] of this.#pieces.entries()) {
      if (piece.verbatim) {
        const end = this.#pieces[index + 1]?.at ?? this.#text.length;
        const offset = piece.at + (source - piece.source);
        if (source >= piece.source && offset < end) return offset;
      }
      // Of several at one place the last: those before stand for the script's head, or further out.
      const isNearer = nearest === null || piece.source <= nearest.source;
      if (piece.source >= source && isNearer) nearest = piece;
    }
    return nearest?.at ?? this.#text.length;
  }

  #addVerbatim(start: number, end: number): void {
    if (start >= end) return;
    this.#pieces.push({ at: this.#text.length, source: start, verbatim: true });
    this.#text += this.#source.slice(start, end);
  }
}

/** Line and column from 1, and offsets. */
export interface Position {
  line: number;
  column: number;
}

export function offsetOf(text: string, { line, column }: Position): number {
  let start = 0;
  for (let n = 1; n < line; n++) {
    const end = text.indexOf("\n", start);
    if (end < 0) break;
    start = end + 1;
  }
  return start + column - 1;
}

export function positionOf(text: string, offset: number): Position {
  const before = text.slice(0, offset);
  const start = before.lastIndexOf("\n") + 1;
  return { line: before.split("\n").length, column: before.length - start + 1 };
}
