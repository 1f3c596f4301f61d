/** The runner's end of the file in which a stage in another kernel says what it does (`core/side-channel.ts`). */
import { closeSync, openSync, readSync, rmSync, writeFileSync } from "node:fs";
import { StringDecoder } from "node:string_decoder";
import type { SideLine } from "../../../core/side-channel.ts";

const CHUNK_BYTES = 256 * 1024;
/** 2 MB, a moment's work. */
const CHUNKS_AT_ONCE = 8;
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
  /** The beginning of a line whose end has not come. */
  readonly #rest: string[] = [];
  /** A line that was not written whole: the disk was full. */
  #isTorn = false;
  #isClosed = false;

  constructor(path: string, onLine: (line: SideLine) => void) {
    this.path = path;
    writeFileSync(path, "", { mode: 0o600 });
    this.#file = openSync(path, "r");
    this.#onLine = onLine;
    this.#timer = setInterval(() => this.read(), LOOK_MS).unref();
  }

  get isTorn(): boolean {
    return this.#isTorn;
  }

  /** Takes what has been written since, but not more than a little: a cell that floods must not keep the runner from its other work. */
  read(): void {
    for (let chunks = 0; chunks < CHUNKS_AT_ONCE; chunks++) if (!this.#readChunk()) return;
  }

  /** Takes all that has been written. */
  async drain(): Promise<void> {
    while (this.#readChunk()) await new Promise((resolve) => setImmediate(resolve));
  }

  #readChunk(): boolean {
    if (this.#isClosed) return false;
    const bytes = readSync(this.#file, this.#chunk);
    if (bytes === 0) return false;
    const [first = "", ...lines] = this.#decoder.write(this.#chunk.subarray(0, bytes)).split("\n");
    this.#rest.push(first);
    for (const line of lines) {
      this.#take(this.#rest.splice(0).join(""));
      this.#rest.push(line);
    }
    return true;
  }

  #take(text: string): void {
    let line: SideLine;
    try {
      line = JSON.parse(text) as SideLine; // written by our own host
    } catch {
      this.#isTorn = true;
      return;
    }
    this.#onLine(line);
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
    if (this.#isClosed) return;
    this.#isClosed = true;
    closeSync(this.#file);
    rmSync(this.path, { force: true });
  }
}
