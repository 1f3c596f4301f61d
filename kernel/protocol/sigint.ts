/**
 * SIGINT as an interrupt, also while main computes.
 *
 * Node tells signals to the main thread's event loop alone, which a busy cell never reaches, and
 * gives worker threads no signals. `vm`'s `breakOnSigint` is the one public way to hear of SIGINT on
 * another thread: a small thread that does nothing but wait inside such a call.
 */
import { Worker } from "node:worker_threads";
import { logTrouble } from "../link/log.ts";

const WAITER = `
  const { parentPort } = require("node:worker_threads");
  const vm = require("node:vm");
  const word = new Int32Array(new SharedArrayBuffer(4));
  globalThis.wait = () => Atomics.wait(word, 0, 0);
  for (;;) {
    try {
      vm.runInThisContext("wait()", { breakOnSigint: true });
    } catch (error) {
      if (error.code !== "ERR_SCRIPT_EXECUTION_INTERRUPTED") throw error;
      parentPort.postMessage("SIGINT");
    }
  }`;

/** Quick cells never need the thread: 10 MB and 15 ms that a headless chain of them saves. */
const LONG_CELL_MS = 25;

export class SigintWatch {
  readonly #onSigint: () => void;
  #worker: Worker | null = null;

  constructor(onSigint: () => void) {
    this.#onSigint = onSigint;
  }

  /** Watches from the first cell on that runs for long; before, main hears the signal between two turns. */
  cellStarted(isRunning: () => boolean): void {
    if (this.#worker) return;
    setTimeout(() => {
      if (isRunning()) this.#worker ??= this.#start();
    }, LONG_CELL_MS).unref();
  }

  #start(): Worker {
    const worker = new Worker(WAITER, {
      eval: true,
      name: "steplab-sigint",
      resourceLimits: { maxOldGenerationSizeMb: 8, maxYoungGenerationSizeMb: 1, stackSizeMb: 1 },
    });
    worker.on("message", this.#onSigint);
    worker.on("error", (error) => logTrouble(`SIGINT is not watched: ${String(error)}`));
    worker.unref();
    return worker;
  }
}
