/**
 * The kernel's process: `node --no-force-async-hooks-checks kernel/main.ts <connection-file>`.
 *
 * This thread runs user code; the worker (kernel/protocol) speaks the protocol. The flag: without it
 * Node aborts when an interrupt terminates code in a timer.
 */
import { inspect } from "node:util";
import { MessageChannel, Worker } from "node:worker_threads";
import { StepLabError } from "../core/error.ts";
import type { ConnectionInfo } from "../core/wire/connection-file.ts";
import { ownVersion } from "../core/own-sources.ts";
import { readConnectionFile } from "../core/wire/connection-file.ts";
import { INTERNAL_ERROR, logTrouble } from "./link/log.ts";
import type { WorkerData } from "./link/messages.ts";
import { WORDS } from "./link/messages.ts";
import { newRingMemory } from "./link/ring.ts";
import { initialNotebookUrl } from "./notebook-url.ts";

const [, , connectionFile] = process.argv;
if (connectionFile === undefined) {
  logTrouble("usage: node --no-force-async-hooks-checks kernel/boot.js <connection-file>");
  process.exit(2);
}

/** Wrong usage: there is nobody to talk to yet but whoever started the process. */
function connectionOf(path: string): ConnectionInfo {
  try {
    return readConnectionFile(path);
  } catch (error) {
    if (!(error instanceof StepLabError)) throw error;
    logTrouble(error.message);
    process.exit(2);
  }
}

const stdin = new MessageChannel();
const data: WorkerData = {
  connection: connectionOf(connectionFile),
  ring: newRingMemory(),
  words: new SharedArrayBuffer(WORDS * 4),
  stdin: stdin.port2,
  notebook: initialNotebookUrl(process.env),
  version: ownVersion(),
};
// The worker first: it binds and answers kernel_info while this thread loads the compiler.
const worker = new Worker(new URL("./boot.js", import.meta.url), {
  name: "steplab-protocol",
  workerData: data,
  transferList: [stdin.port2],
});
worker.on("error", (error) => {
  logTrouble(`the protocol thread failed: ${inspect(error)}`);
  process.exit(INTERNAL_ERROR);
});
worker.on("exit", (code) => process.exit(code));
const { start } = await import("./start.ts");
start(worker, data, stdin.port1);
