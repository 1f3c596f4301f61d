/** Secrets of user code out of everything the kernel publishes; costs nothing until the first one is told. */
import type { Json } from "../../core/json.ts";
import { RedactedStream, Redactor } from "../../core/redact.ts";

type Name = "stdout" | "stderr";

/** Text of a cell's stream. */
export interface StreamText {
  cell: number;
  name: Name;
  text: string;
}

/** Knows the secrets that user code has read, in the order in which it read them and printed. */
export class Redaction {
  readonly #redactor = new Redactor();
  /** The streams with an end that may be the first half of a secret. */
  readonly #holding = new Map<string, { cell: number; name: Name; stream: RedactedStream }>();

  add(name: string, value: string): void {
    this.#redactor.add(name, value);
  }

  /** JSON as it may leave. Parsed, because a mask put into its text could break its form. */
  json(bytes: Buffer): Buffer {
    if (this.#redactor.isEmpty) return bytes;
    return Buffer.from(JSON.stringify(this.#redactor.json(JSON.parse(bytes.toString()) as Json))); // written by encodeRecord
  }

  /** Text of a stream as far as it may leave now: a secret may come in two writes. */
  stream({ cell, name, text }: StreamText): string {
    if (this.#redactor.isEmpty) return text;
    const key = `${cell}/${name}`;
    const stream = this.#holding.get(key)?.stream ?? new RedactedStream(this.#redactor);
    const clean = stream.push(text);
    if (stream.isHolding) this.#holding.set(key, { cell, name, stream });
    else this.#holding.delete(key);
    return clean;
  }

  get isHolding(): boolean {
    return this.#holding.size > 0;
  }

  /** What was held back and turned out to be no secret: of one cell that ends, or of all when nothing more comes. */
  release(ofCell?: number): StreamText[] {
    const released: StreamText[] = [];
    for (const [key, { cell, name, stream }] of this.#holding) {
      if (ofCell !== undefined && cell !== ofCell) continue;
      released.push({ cell, name, text: stream.end() });
      this.#holding.delete(key);
    }
    return released;
  }
}
