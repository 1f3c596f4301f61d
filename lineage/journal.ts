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

export class Journal implements Disposable {
  readonly #file: number;
  readonly #path: string;
  readonly #now: () => number;
  readonly #watchers: ((event: RunEvent) => void)[] = [];
  #closed = false;

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
    try {
      writeSync(this.#file, `${JSON.stringify(stamped)}\n`);
    } catch (error) {
      throw writeFailed(this.#path, error);
    }
    for (const watcher of this.#watchers) watcher(stamped);
  }

  sync(): void {
    fsyncSync(this.#file);
  }

  [Symbol.dispose](): void {
    if (this.#closed) return;
    this.#closed = true;
    closeSync(this.#file);
  }
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
