/** Follows runs by their journals, whatever process writes them: what a view of a running run is told. */
import { closeSync, existsSync, openSync, readSync } from "node:fs";
import { StringDecoder } from "node:string_decoder";
import { join } from "node:path";
import { archiveOf, JOURNAL_FILE, RECORD_FILE } from "../../lineage/archive.ts";
import type { RunEvent } from "../../lineage/event.ts";
import { isOwned, markedRuns } from "../../lineage/owner.ts";
import { runFolder } from "../../lineage/query/runs.ts";
import type { RunId } from "../../lineage/record.ts";
import { isErrno } from "../../lineage/store/files.ts";
import { recoverRuns } from "../recover.ts";

/** How often a journal is looked at: as smooth as a person sees, and one `read` that gives nothing. */
const LOOK_MS = 120;
const CHUNK_BYTES = 1 << 20;

/**
 * Tells a run's events from its first, batch by batch, until it has ended and its record is written. A run whose owner
 * dies is given its record, and ends without a last event.
 *
 * @param onEnd called once, when no more events will come; not after disposal
 */
export class Follower implements Disposable {
  readonly #projectRoot: string;
  readonly #run: RunId;
  readonly #onEvents: (events: RunEvent[]) => void;
  readonly #onEnd: () => void;
  readonly #decoder = new StringDecoder("utf8");
  readonly #chunk = Buffer.alloc(CHUNK_BYTES);
  #file: number | null = null;
  /** Read and not yet a whole line. */
  #rest = "";
  /** The end of a run is told when its record can be read. */
  #last: RunEvent[] | null = null;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(
    projectRoot: string,
    run: RunId,
    onEvents: (events: RunEvent[]) => void,
    onEnd: () => void,
  ) {
    this.#projectRoot = projectRoot;
    this.#run = run;
    this.#onEvents = onEvents;
    this.#onEnd = onEnd;
  }

  /** Tells what there is at once. */
  start(): void {
    this.#look();
  }

  [Symbol.dispose](): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    if (this.#file !== null) closeSync(this.#file);
    this.#file = null;
  }

  #look(): void {
    if (this.#closed) return;
    const isWritten = existsSync(join(runFolder(this.#projectRoot, this.#run), RECORD_FILE));
    const isOver = isWritten || !this.#isOwned(); // asked before the journal is read to its end
    const events = this.#read();
    const end = events.findIndex(({ type }) => type === "run-ended");
    if (end !== -1) this.#last = events.splice(end);
    if (events.length > 0) this.#onEvents(events);
    if (!isOver) {
      this.#timer = setTimeout(() => this.#look(), LOOK_MS);
      return;
    }
    if (!isWritten) recoverRuns(this.#projectRoot);
    if (this.#last !== null) this.#onEvents(this.#last);
    this[Symbol.dispose]();
    this.#onEnd();
  }

  #isOwned(): boolean {
    const archive = archiveOf(this.#projectRoot);
    return markedRuns(archive).includes(this.#run) && isOwned(archive, this.#run);
  }

  #read(): RunEvent[] {
    let text = this.#rest;
    for (let bytes = this.#readChunk(); bytes > 0; bytes = this.#readChunk())
      text += this.#decoder.write(this.#chunk.subarray(0, bytes));
    const lines = text.split("\n");
    this.#rest = lines.pop() ?? "";
    return lines.map((line) => JSON.parse(line) as RunEvent); // written by Journal alone
  }

  #readChunk(): number {
    try {
      this.#file ??= openSync(join(runFolder(this.#projectRoot, this.#run), JOURNAL_FILE), "r");
      return readSync(this.#file, this.#chunk);
    } catch (error) {
      if (isErrno(error, "ENOENT")) return 0; // its folder is there before its journal
      throw error;
    }
  }
}
