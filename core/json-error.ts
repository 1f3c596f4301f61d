/**
 * Where a text stops being JSON.
 *
 * `JSON.parse` names a position only in some of its messages, and never what a person would call the fault;
 * this runs only after it has thrown, so it may be slower.
 */

export interface JsonError {
  /** Offset of the first character that cannot stand there. */
  offset: number;
  message: string;
}

/** The first fault of a text that `JSON.parse` refused; undefined when the text is JSON after all. */
export function findJsonError(text: string): JsonError | undefined {
  const scanner = new Scanner(text);
  try {
    scanner.document();
    return undefined;
  } catch (error) {
    if (error instanceof Fault) return { offset: error.offset, message: error.message };
    throw error;
  }
}

/** Unwinds the scanner; never leaves this file. */
class Fault extends Error {
  readonly offset: number;
  constructor(offset: number, message: string) {
    super(message);
    this.offset = offset;
  }
}

const LITERAL = /true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
// oxlint-disable-next-line no-control-regex -- the characters that JSON forbids in strings (RFC 8259, section 7)
const STRING = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y;
const SPACE = /[ \t\n\r]*/y;

class Scanner {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  document(): void {
    this.#value("a value");
    this.#space();
    if (this.#at < this.#text.length) this.#fail("the end of the file");
  }

  #value(expected: string): void {
    this.#space();
    const next = this.#text[this.#at];
    if (next === "{") return this.#members();
    if (next === "[") return this.#items();
    if (next === '"') return this.#string();
    if (!this.#take(LITERAL)) this.#fail(expected);
  }

  #members(): void {
    this.#at++;
    this.#space();
    if (this.#accept("}")) return;
    for (;;) {
      this.#space();
      if (this.#text[this.#at] !== '"') this.#fail("a member name in double quotes");
      this.#string();
      this.#space();
      if (!this.#accept(":")) this.#fail('":"');
      this.#value("a value");
      this.#space();
      if (this.#accept("}")) return;
      if (!this.#accept(",")) this.#fail('"," or "}"');
    }
  }

  #items(): void {
    this.#at++;
    this.#space();
    if (this.#accept("]")) return;
    for (;;) {
      this.#value("a value");
      this.#space();
      if (this.#accept("]")) return;
      if (!this.#accept(",")) this.#fail('"," or "]"');
    }
  }

  #string(): void {
    if (!this.#take(STRING))
      throw new Fault(this.#at, "This string has no end, or holds a line break or a bad escape.");
  }

  #space(): void {
    this.#take(SPACE);
  }

  #take(pattern: RegExp): boolean {
    pattern.lastIndex = this.#at;
    if (!pattern.test(this.#text)) return false;
    this.#at = pattern.lastIndex;
    return true;
  }

  #accept(character: string): boolean {
    if (this.#text[this.#at] !== character) return false;
    this.#at++;
    return true;
  }

  #fail(expected: string): never {
    const found = this.#text[this.#at];
    const what = found === undefined ? "the file ends" : `there is ${JSON.stringify(found)}`;
    throw new Fault(this.#at, `Expected ${expected}, but ${what}.`);
  }
}
