/** The runner's end of the file in which a stage in another kernel says what it does (`core/side-channel.ts`). */
import { closeSync, openSync, readSync, rmSync, writeFileSync } from "node:fs";
import { StringDecoder } from "node:string_decoder";
import type { SideLine } from "../../../core/side-channel.ts";

const CHUNK_BYTES = 256 * 1024;
/** How often it is looked at while a cell says nothing by its kernel. */
const LOOK_MS = 100;

/** Disposing it removes the file. */
export class SideChannel implements Disposable {
  readonly path: string;
  readonly #file: number;
  readonly #timer: NodeJS.Timeout;
  readonly #onLine: (line: SideLine) => void;
  readonly #chunk = Buffer.allocUnsafe(CHUNK_BYTES);
  readonly #decoder = new StringDecoder("utf8");
  #rest = "";

  constructor(path: string, onLine: (line: SideLine) => void) {
    this.path = path;
    writeFileSync(path, "", { mode: 0o600 });
    this.#file = openSync(path, "r");
    this.#onLine = onLine;
    this.#timer = setInterval(() => this.read(), LOOK_MS).unref();
  }

  /** Takes what has been written since. */
  read(): void {
    for (;;) {
      const bytes = readSync(this.#file, this.#chunk);
      if (bytes === 0) return;
      const lines = (this.#rest + this.#decoder.write(this.#chunk.subarray(0, bytes))).split("\n");
      this.#rest = lines.pop() ?? "";
      for (const line of lines) this.#onLine(JSON.parse(line) as SideLine); // written by our own host
    }
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
    closeSync(this.#file);
    rmSync(this.path, { force: true });
  }
}
