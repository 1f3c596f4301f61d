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

export function watchSigint(onSigint: () => void): void {
  const worker = new Worker(WAITER, {
    eval: true,
    name: "steplab-sigint",
    resourceLimits: { maxOldGenerationSizeMb: 8, maxYoungGenerationSizeMb: 1, stackSizeMb: 1 },
  });
  worker.on("message", onSigint);
  worker.on("error", (error) => {
    logTrouble(`SIGINT is not watched: ${String(error)}`);
  });
  worker.unref();
}
