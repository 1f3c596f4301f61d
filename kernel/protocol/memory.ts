/**
 * A stage's memory limit: its cell is interrupted before the process has all of it, while there is still room to
 * answer, to keep the state and to archive what ran. A process that hits the system's own limit can say nothing.
 */
import type { MemoryFact } from "../../core/fact.ts";

/** Between two looks at the process's resident memory, which cost some microseconds. */
const SAMPLE_MS = 50;
/** Of the limit; what is above it is for the end of the cell. */
const SHARE = 0.9;

/** Watches the whole process: native memory (DuckDB, typed arrays) counts as JavaScript's does. */
export class MemoryLimit {
  readonly #over: (fact: MemoryFact) => void;
  #timer: NodeJS.Timeout | undefined;

  /** `over` is called at every look that finds too much: a cell may begin anew. */
  constructor(over: (fact: MemoryFact) => void) {
    this.#over = over;
  }

  set(limitBytes: number): void {
    clearInterval(this.#timer);
    this.#timer = setInterval(() => {
      const rssBytes = process.memoryUsage.rss();
      if (rssBytes > SHARE * limitBytes) this.#over({ fact: "memory", rssBytes, limitBytes });
    }, SAMPLE_MS).unref();
  }
}
