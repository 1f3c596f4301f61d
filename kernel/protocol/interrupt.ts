/**
 * Ends the running cell, whatever it does, and keeps the state.
 *
 * Main may sit in a pending await (then a message is enough: it ends the cell from its event loop) or
 * in JavaScript that never yields: a loop, a runaway regular expression, a loop that catches
 * everything, in the cell or in a timer. That is ended through the inspector's
 * `Runtime.terminateExecution`, which no `catch` sees. Termination hits whatever JavaScript runs next,
 * so it is used only when main does not answer, and every termination is given a message that does
 * nothing (`nudge`) to hit, in case main went idle meanwhile.
 */
import inspector from "node:inspector";
import type { ToMain } from "../link/messages.ts";
import { WORD_INTERRUPTED } from "../link/messages.ts";

/** Main answers within a fraction of a millisecond when it is idle. */
const ANSWER_MS = 4;
const NUDGE_MS = 1;
/** Longer than main's own patience with the end of a cell (kernel.ts). */
const AGAIN_MS = 25;

export class Interrupter {
  readonly #words: Int32Array;
  readonly #post: (message: ToMain) => void;
  #session: inspector.Session | null = null;
  /** What stands at a breakpoint is let go first: nothing else would reach it. */
  beforeInterrupt: () => void = () => undefined;
  #attempts = 0;
  #interrupting: number | null = null;

  constructor(words: Int32Array, post: (message: ToMain) => void) {
    this.#words = words;
    this.#post = post;
  }

  /**
   * Resolves when the cell has ended. Once is not always enough: the cell's own `finally` may loop, and
   * a termination may hit the very message that was to end it.
   */
  async interrupt(cell: number, isRunning: () => boolean): Promise<void> {
    if (this.#interrupting === cell) return; // the loop below is at it
    this.#interrupting = cell;
    this.beforeInterrupt();
    while (isRunning()) {
      const seen = Atomics.load(this.#words, WORD_INTERRUPTED);
      this.#post({ type: "interrupt", cell, attempt: ++this.#attempts });
      if (await this.#answered(seen)) await pause(AGAIN_MS);
      else if (isRunning()) await this.terminate();
    }
    this.#interrupting = null;
  }

  /** Ends the JavaScript that main runs now, if any. */
  async terminate(): Promise<void> {
    if (!this.#session) {
      this.#session = new inspector.Session();
      this.#session.connectToMainThread();
    }
    const session = this.#session;
    const nudge = setInterval(() => this.#post({ type: "nudge" }), NUDGE_MS);
    try {
      // An error says that a termination is under way already: its end is what is wanted.
      await new Promise<void>((resolve) => {
        session.post("Runtime.terminateExecution", () => resolve());
      });
    } finally {
      clearInterval(nudge);
    }
  }

  /** Whether main takes interrupts: an answer to any attempt says that it is not stuck in JavaScript. */
  async #answered(seen: number): Promise<boolean> {
    await Atomics.waitAsync(this.#words, WORD_INTERRUPTED, seen, ANSWER_MS).value;
    return Atomics.load(this.#words, WORD_INTERRUPTED) !== seen;
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
