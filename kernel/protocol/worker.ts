/**
 * The worker thread: sockets and protocol.
 *
 * It answers while user code computes on the main thread, and it alone talks to clients. What a cell
 * produces comes in through the ring, in the order the cell made it.
 */
import { randomUUID } from "node:crypto";
import { setTimeout as after } from "node:timers/promises";
import { parentPort, workerData } from "node:worker_threads";
import { decodeFrames } from "../../core/wire/frames.ts";
import { messageOf, StepLabError } from "../../core/error.ts";
import { INTERNAL_ERROR, logTrouble, TEMPORARY_FAILURE } from "../link/log.ts";
import type { ToMain, WorkerData } from "../link/messages.ts";
import { WORD_EXIT, WORD_STDIN } from "../link/messages.ts";
import { RingReader } from "../link/ring.ts";
import { TypesService } from "../types/service.ts";
import { Answers } from "./answers.ts";
import { Comms } from "./comms.ts";
import { DebugLink } from "./debug-link.ts";
import { Executions } from "./executions.ts";
import { textIn } from "./fields.ts";
import { Interrupter } from "./interrupt.ts";
import { watchParent } from "./lease.ts";
import { MemoryLimit } from "./memory.ts";
import { forwardOutputs } from "./outputs.ts";
import { answerRequest } from "./requests.ts";
import type { KernelParts } from "./requests.ts";
import { SigintWatch } from "./sigint.ts";
import type { Request } from "./wire.ts";
import { Wire } from "./wire.ts";

if (!parentPort) throw new Error("kernel/protocol/worker.ts runs as a worker thread only");
const main = parentPort;
const data = workerData as WorkerData; // handed over by kernel/main.ts
const words = new Int32Array(data.words);
const post = (message: ToMain): void => main.postMessage(message);

const wire = new Wire(data.connection, randomUUID());
const ring = new RingReader(data.ring);
const interrupter = new Interrupter(words, post);
const sigint = new SigintWatch(() => executions.interrupt());
const types = new TypesService(data.notebook);
const executions = new Executions(wire, interrupter, (message) => {
  if (!message.silent) types.ran(message.cellId, message.code);
  // Who may be asked for input is a person; runners say that they are none.
  if (message.allowStdin) types.warmUp(() => executions.isBusy);
  const prepared = debug.cellStarts(message);
  if (prepared === null) post(message);
  else own(prepared.then(() => post(message)));
  sigint.cellStarted(() => executions.isBusy);
});
const debug = new DebugLink({
  publish: (event) => wire.publish("debug_event", {}, event),
  codeOf: (cell) => executions.codeOf(cell),
});
interrupter.beforeInterrupt = () => debug.release();
const answers = new Answers(post);
const comms = new Comms(wire, types);
const memory = new MemoryLimit((fact) => {
  if (!executions.isBusy) return;
  comms.tellFact(executions.parentOf(0), Buffer.from(JSON.stringify(fact)));
  executions.interrupt();
});
const { version } = data;
const parts: KernelParts = {
  wire,
  executions,
  comms,
  answers,
  memory,
  types,
  debug,
  version,
  shutDown,
  closeForExit,
};
let ending = false;
/** A client that listens to nothing is answered after this: once, at the kernel's start. */
const SUBSCRIBER_MS = 250;

await wire.bind().catch(refuseToStart);
wire.publish("status", {}, { execution_state: "starting" });
const subscriber = Promise.withResolvers<void>();
own(welcome());
// Jupyter Server asks, and waits for the `busy` of it on iopub: sent before it listens there, it comes again in half a second.
const heard = Promise.race([subscriber.promise, after(SUBSCRIBER_MS, undefined, { ref: false })]);
own(heard.then(() => receive(wire.shell, "shell")));
own(heard.then(() => receive(wire.control, "control")));
own(receiveInput());
own(beat());
own(forwardOutputs(ring, parts));
watchParent(shutDown);

/** Ports are given by whoever starts a kernel, and another program may take one first. */
async function refuseToStart(error: unknown): Promise<never> {
  const { address = "", code, message } = error as Error & { address?: string; code?: string }; // ZeroMQ's errors have them
  const isTaken = code === "EADDRINUSE";
  const advice = isTaken ? " Start it again, with other ports." : "";
  logTrouble(`cannot listen at ${address}: ${message}.${advice}`);
  await closeForExit();
  process.exit(isTaken ? TEMPORARY_FAILURE : INTERNAL_ERROR); // of this thread: main follows
}

/** Promises that live as long as the thread: a failure in one of them is a bug, and ends the kernel with its reason. */
function own(task: Promise<void>): void {
  task.catch((error: unknown) => {
    if (!ending) throw error;
  });
}

async function receive(socket: typeof wire.shell, channel: "shell" | "control"): Promise<void> {
  for await (const frames of socket) {
    const request = decode(frames);
    if (request) answerRequest(parts, request, channel);
  }
}

function decode(frames: Buffer[]): Request | null {
  try {
    return decodeFrames(frames, wire.key);
  } catch (error) {
    if (!(error instanceof StepLabError)) throw error;
    // No answer: whoever cannot sign learns nothing. The process's own log tells the owner.
    logTrouble(`message refused: ${messageOf(error)}`);
    return null;
  }
}

async function receiveInput(): Promise<void> {
  for await (const frames of wire.stdin) {
    const request = decode(frames);
    if (request?.message.header.msg_type === "input_reply") {
      data.stdin.postMessage(textIn(request.message.content, "value"));
      Atomics.add(words, WORD_STDIN, 1);
      Atomics.notify(words, WORD_STDIN);
    }
  }
}

async function beat(): Promise<void> {
  for await (const frames of wire.heartbeat) await wire.heartbeat.send(frames);
}

/** JEP 65: tells each new subscriber that its subscription stands, so that clients need not poll. */
async function welcome(): Promise<void> {
  for await (const [frame] of wire.iopub) {
    if (frame?.[0] !== 1) continue; // 0: unsubscribed
    subscriber.resolve();
    const topic = frame.subarray(1);
    wire.publish("iopub_welcome", {}, { subscription: topic.toString() }, { topic });
  }
}

/** How long an orderly end may take before the process is killed: a client must never wait for a stuck kernel. */
const END_MS = 2000;

function shutDown(): void {
  if (ending) return;
  ending = true;
  setTimeout(() => process.kill(process.pid, "SIGKILL"), END_MS);
  debug.release();
  post({ type: "exit" });
  if (executions.isBusy) {
    own(interrupter.terminate().then(() => post({ type: "exit" }))); // the first message may have been hit
  }
}

async function closeForExit(): Promise<void> {
  ending = true;
  comms.close();
  await Promise.all([wire.close(), types.close()]);
  ring.close();
  Atomics.store(words, WORD_EXIT, 1);
  Atomics.notify(words, WORD_EXIT);
}
