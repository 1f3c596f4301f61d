/** From offsets in a text to the lines and columns that diagnostics name. */

/** Lines and columns count from 1, columns in UTF-16 units, as editors and `Place` do. */
export interface TextPosition {
  line: number;
  column: number;
}

/** The line starts of one text, found once; every look-up after that is a binary search. */
export class TextPositions {
  readonly #text: string;
  readonly #starts: number[] = [0];

  constructor(text: string) {
    this.#text = text;
    for (let at = text.indexOf("\n"); at !== -1; at = text.indexOf("\n", at + 1))
      this.#starts.push(at + 1);
  }

  get lineCount(): number {
    return this.#starts.length;
  }

  at(offset: number): TextPosition {
    let low = 0;
    let high = this.#starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.#starts[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    return { line: low + 1, column: offset - (this.#starts[low] ?? 0) + 1 };
  }

  /** Offset of the first character of a line; the text's length for lines past the end. */
  startOf(line: number): number {
    return this.#starts[line - 1] ?? this.#text.length;
  }

  /** A line without its end. */
  lineText(line: number): string {
    const start = this.#starts[line - 1];
    if (start === undefined) return "";
    const end = this.#starts[line];
    return this.#text
      .slice(start, end === undefined ? this.#text.length : end - 1)
      .replace(/\r$/, "");
  }
}
