/**
 * Secrets out of what others will read: outputs, errors, facts, logs.
 *
 * A value is looked for as it is and in the forms that printing gives it: escaped in JSON, in an address, in HTML and Markdown,
 * and as base64 (an Authorization header). What was compressed, encrypted or cut up by the program itself cannot be found.
 */
import { escapeHtml, escapeMarkdown } from "./escape.ts";
import type { Json } from "./json.ts";

/** A shorter value would be found everywhere by chance, and its mask would say more than it hides. */
export const SHORTEST_SECRET = 6;

/** One way in which a secret may stand in a text. */
export interface SecretForm {
  text: string;
  /** The secret's name. */
  name: string;
}

/** Knows secrets by name and takes their values out of text. */
export class Redactor {
  readonly #forms: SecretForm[] = [];

  /** `name` is what stands in the value's place: `[secret WAREHOUSE_PASSWORD]`. */
  add(name: string, value: string): void {
    for (const text of formsOf(value)) {
      if (text.length >= SHORTEST_SECRET && !this.#forms.some((form) => form.text === text))
        this.#forms.push({ text, name });
    }
    // The longest first: a form that contains another must not be left in halves.
    this.#forms.sort((a, b) => b.text.length - a.text.length);
  }

  get isEmpty(): boolean {
    return this.#forms.length === 0;
  }

  /** Longest first. */
  get forms(): readonly SecretForm[] {
    return this.#forms;
  }

  text(text: string): string {
    let clean = text;
    for (const { text: form, name } of this.#forms)
      clean = clean.replaceAll(form, () => `[secret ${name}]`);
    return clean;
  }

  /** Every string in a value, names of members too; numbers stay, so that a message keeps its form. */
  json(value: Json): Json {
    if (typeof value === "string") return this.text(value);
    if (Array.isArray(value)) return value.map((each) => this.json(each));
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(
      Object.entries(value).map(([name, each]) => [this.text(name), this.json(each)]),
    );
  }

  /** Length of the text's longest end that may be the beginning of a secret: what a stream must hold back. */
  beginningAtEnd(text: string): number {
    let longest = 0;
    for (const form of this.#forms) {
      const most = Math.min(form.text.length - 1, text.length);
      for (let length = most; length > longest; length--) {
        if (!text.endsWith(form.text.slice(0, length))) continue;
        longest = length;
        break;
      }
    }
    return longest;
  }
}

function formsOf(value: string): string[] {
  return [
    value,
    value.trim(),
    JSON.stringify(value).slice(1, -1),
    encodeURIComponent(value.toWellFormed()),
    escapeHtml(value),
    escapeMarkdown(value),
    Buffer.from(value).toString("base64"),
  ];
}

/** A text that comes piece by piece: an end that may be the first half of a secret waits for the next piece. */
export class RedactedStream {
  readonly #redactor: Redactor;
  #held = "";

  constructor(redactor: Redactor) {
    this.#redactor = redactor;
  }

  /** What may be shown now. */
  push(piece: string): string {
    const clean = this.#redactor.text(this.#held + piece);
    const from = clean.length - this.#redactor.beginningAtEnd(clean);
    this.#held = clean.slice(from);
    return clean.slice(0, from);
  }

  /** What was held back, when nothing follows. */
  end(): string {
    const held = this.#held;
    this.#held = "";
    return held;
  }

  get isHolding(): boolean {
    return this.#held !== "";
  }
}
