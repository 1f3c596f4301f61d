/**
 * The journal of a run: `events.jsonl`, one event a line, appended as things happen.
 * A line is written with one `write` call on a file opened for appending, so readers never see half of one
 * except at the very end of a crashed run, where `readJournal` leaves it out.
 */
import { closeSync, fsyncSync, openSync, readFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { JOURNAL_FILE } from "./archive.ts";
import type { RunEvent } from "./event.ts";
import { writeFailed } from "./store/files.ts";

type Unstamped<E> = E extends { at: number } ? Omit<E, "at"> : never;
/** An event without its time, which the journal adds. */
export type NewEvent = Unstamped<RunEvent>;

/** A run's journal, open for appending. One process writes it; whoever likes may read. */
export class Journal implements Disposable {
  readonly #file: number;
  readonly #path: string;
  readonly #now: () => number;
  readonly #watchers: ((event: RunEvent) => void)[] = [];
  #closed = false;
  #unwritten = "";
  #waiting: NodeJS.Immediate | undefined;

  constructor(runFolder: string, now: () => number) {
    this.#path = join(runFolder, JOURNAL_FILE);
    this.#now = now;
    try {
      this.#file = openSync(this.#path, "ax");
    } catch (error) {
      throw writeFailed(this.#path, error);
    }
  }

  /** Views of the running run: called after the line is written, in order. */
  watch(watcher: (event: RunEvent) => void): void {
    this.#watchers.push(watcher);
  }

  append(event: NewEvent): void {
    if (this.#closed) return; // late facts of a kernel that is being killed: the run's story is told
    const stamped = { at: this.#now(), ...event };
    this.#unwritten += `${JSON.stringify(stamped)}\n`;
    if (!canWait(event)) this.#write();
    else this.#waiting ??= setImmediate(() => this.#write());
    for (const watcher of this.#watchers) watcher(stamped);
  }

  #write(): void {
    clearImmediate(this.#waiting);
    this.#waiting = undefined;
    if (this.#unwritten === "" || this.#closed) return;
    let rest: Uint8Array = Buffer.from(this.#unwritten);
    this.#unwritten = "";
    try {
      // A disk that is nearly full takes a part and says so; the rest then fails with the reason.
      while (rest.length > 0) rest = rest.subarray(writeSync(this.#file, rest));
    } catch (error) {
      throw writeFailed(this.#path, error);
    }
  }

  sync(): void {
    this.#write();
    fsyncSync(this.#file);
  }

  [Symbol.dispose](): void {
    if (this.#closed) return;
    this.#write();
    this.#closed = true;
    closeSync(this.#file);
  }
}

/** A thousand cached stages are one write, not two thousand; nothing has happened that a crash could lose. */
function canWait(event: NewEvent): boolean {
  if (event.type === "stage-planned") return event.decision === "cached";
  return event.type === "stage-ended" && event.status === "cached";
}

/** All whole events of a run's journal, in order. A torn last line (its writer died) is left out. */
export function readJournal(runFolder: string): RunEvent[] {
  const events: RunEvent[] = [];
  for (const line of readFileSync(join(runFolder, JOURNAL_FILE), "utf8").split("\n")) {
    if (line === "") continue;
    try {
      events.push(JSON.parse(line) as RunEvent); // written by Journal alone
    } catch {
      break; // only the last line can be torn
    }
  }
  return events;
}
