/** What user code shows, on its way to the worker. */
import type { Json } from "../core/json.ts";
import type { Content } from "../core/wire/message.ts";
import { currentCell } from "./evaluate/cell.ts";
import { encodeRecord } from "./link/messages.ts";
import type { RingWriter } from "./link/ring.ts";
import { MESSAGE, STDERR, STDOUT } from "./link/ring.ts";

export class Output {
  readonly #ring: RingWriter;

  constructor(ring: RingWriter) {
    this.#ring = ring;
  }

  /** Stream text of the cell that the running code belongs to. */
  write(stream: "stdout" | "stderr", text: string): void {
    if (text === "") return;
    this.#ring.write(stream === "stdout" ? STDOUT : STDERR, currentCell()?.id ?? 0, text);
  }

  /** A message of the current cell, or of the one named. */
  send(type: string, content: Content, metadata: Record<string, Json> = {}, cell?: number): void {
    const record = encodeRecord({ type, metadata, content });
    this.#ring.write(MESSAGE, cell ?? currentCell()?.id ?? 0, record);
  }

  flush(timeoutMs: number): void {
    this.#ring.flush(timeoutMs);
  }
}
