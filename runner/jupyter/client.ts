/**
 * A kernel as the runner sees it: ready, execute, interrupt, dead. The protocol is @jupyterlab/services'
 * KernelConnection, so that a kernel behind a Jupyter Server is driven by the same code.
 */
import { setTimeout as after } from "node:timers/promises";
import type { Kernel, KernelMessage } from "@jupyterlab/services";
import type { JSONObject } from "@lumino/coreutils";
import { StepLabError } from "../../core/error.ts";
import type { Fact } from "../../core/fact.ts";
import { FACTS_TARGET, type Bindings } from "../../core/host.ts";
import type { Json } from "../../core/json.ts";
import { ADDRESS_TAKEN } from "../../core/wire/tcp-connection.ts";
import type { KernelFacts } from "../../lineage/record.ts";
import { KernelProcess, type KernelExit, type KernelProcessOptions } from "./kernel-process.ts";
import { connectTo, quietServices } from "./connection.ts";
import {
  hostCall,
  type CellCode,
  type ExecuteResult,
  type KernelOutput,
  type StageKernel,
} from "./stage-kernel.ts";

export interface ExecuteOptions {
  /** No output counter, no history: bindings and settling are not cells. */
  silent?: boolean;
  metadata?: JSONObject;
  onOutput?: (output: KernelOutput) => void;
  /**
   * For kernels that lose messages: how long after one of the two the other is waited for, the reply and the `idle` that
   * ends a cell's outputs. Which one did not come is in the result.
   */
  patienceMs?: number;
  /** Outputs that come after the cell's end are taken until this is disposed. */
  late?: DisposableStack;
}

/** The reply as it came. */
export interface Executed extends ExecuteResult {
  /** What a kernel that loses messages did not send. */
  missing: "idle" | "reply" | null;
  /** Of messages that our kernel sent for the request, how many did not come: lost on the way. */
  lost: number;
}

/** An execution under way. */
interface Request {
  /** Messages of its cell so far, by the session that sent them; its `idle` is not among them. */
  came: Map<string, number>;
  onOutput: ((output: KernelOutput) => void) | undefined;
  onIdle: () => void;
}

const READY_TIMEOUT_MS = 60_000;
const ASK_AGAIN_MS = 1_000;
/** A kernel has bound its ports within this time; one that is silent for longer is its stage's affair, which can be cancelled. */
const BINDING_MS = 5_000;
/** How often a kernel is started whose ports another program takes first. */
const TRIES = 3;

/** What carries a kernel: a process of our own (`KernelProcess`), or one of a Jupyter Server (`ServerKernel`). */
export interface KernelBody {
  /** Null where it is not on this machine for sure. */
  readonly pid: number | null;
  /** Resolves when it has ended or is lost; never rejects. */
  readonly exited: Promise<KernelExit>;
  onLog: KernelProcessOptions["onLog"];
  protect(secret: string): void;
  kill(signal?: NodeJS.Signals): void;
}

/** A started kernel. Its process is watched: nothing that is asked of a dead one waits for ever. */
export class KernelClient implements StageKernel, AsyncDisposable {
  readonly #process: KernelBody;
  readonly #connection: Kernel.IKernelConnection;
  /** Executions whose messages are still taken, by their id. */
  readonly #requests = new Map<string, Request>();
  /** Resolves when the process ends, whoever ended it. */
  readonly exited: Promise<KernelExit>;
  #exit: KernelExit | null = null;

  readonly facts: KernelFacts | null;

  constructor(
    process: KernelBody,
    connection: Kernel.IKernelConnection,
    facts: KernelFacts | null = null,
  ) {
    this.#process = process;
    this.#connection = connection;
    this.facts = facts;
    this.exited = process.exited;
    void process.exited.then((exit) => {
      this.#exit = exit;
      if (!this.#connection.isDisposed) this.#connection.dispose();
    });
    // As they come: services hands an update to the cell that first showed the display, and drops it when that has ended.
    connection.anyMessage.connect((_, { msg, direction }) => {
      if (direction === "recv" && msg.channel === "iopub")
        this.#hear(msg as KernelMessage.IIOPubMessage);
    });
  }

  #hear({ header, parent_header: parent, content }: KernelMessage.IIOPubMessage): void {
    const request = "msg_id" in parent ? this.#requests.get(parent.msg_id) : undefined;
    if (request === undefined) return;
    const output = { type: header.msg_type, content: content as Record<string, unknown> }; // checked by services' validateMessage
    if (output.type === "status" && output.content["execution_state"] === "idle") request.onIdle();
    else request.came.set(header.session, (request.came.get(header.session) ?? 0) + 1);
    request.onOutput?.(output);
  }

  static async start(options: KernelProcessOptions): Promise<KernelClient> {
    quietServices();
    for (let tries = 1; ; tries++) {
      const process = await KernelProcess.spawn(options);
      const patient = options.command !== undefined;
      const client = new KernelClient(process, connectTo(process.connection, { patient }));
      // Of files nobody takes one away. Of a port, another program may: then it is tried again.
      if (process.connection.transport === "ipc" || tries === TRIES) return client;
      const ready = client.ready().catch(() => undefined); // whoever takes it asks again, and is told
      await Promise.race([ready, after(BINDING_MS, undefined, { ref: false })]);
      if (!ADDRESS_TAKEN.test(client.#exit?.stderr ?? "")) return client;
    }
  }

  get pid(): number | null {
    return this.#process.pid;
  }

  set onLog(onLog: KernelProcessOptions["onLog"]) {
    this.#process.onLog = onLog;
  }

  /** See `KernelProcess.protect`. */
  protect(secret: string): void {
    this.#process.protect(secret);
  }

  /** @throws StepLabError `kernel/not-started` when the process ends first, or stays silent for a minute. */
  async ready(): Promise<void> {
    using timers = new DisposableStack();
    const silent = new Promise<"silent">((resolve) => {
      const limit = setTimeout(() => resolve("silent"), READY_TIMEOUT_MS);
      timers.defer(() => clearTimeout(limit));
    });
    // Asked again while it is silent: services asks once, and a reply lost then would be waited for in vain.
    const again = setInterval(() => {
      if (!this.#connection.isDisposed)
        void this.#connection.requestKernelInfo().catch(() => undefined);
    }, ASK_AGAIN_MS);
    timers.defer(() => clearInterval(again));
    const ready = this.#connection.info.then(() => "ready" as const);
    const outcome = await Promise.race([ready, this.exited, silent]);
    if (outcome === "ready") return;
    if (outcome === "silent") {
      throw new StepLabError("kernel/not-started", "The kernel did not answer within a minute.", {
        hint: "Is the machine overloaded? Run again with fewer stages at once: --jobs 1",
      });
    }
    throw notStarted(outcome);
  }

  /** 75 ms that a warm kernel has behind it. A project without steplab finds out in its own cell. */
  async preload(): Promise<void> {
    await this.execute(`await import("steplab").then(() => undefined, () => undefined);`, {
      silent: true,
    });
  }

  async bind(bindings: Bindings, onFact: (fact: Fact) => void): Promise<ExecuteResult> {
    if (this.#connection.isDisposed) throw new KernelDied(await this.exited);
    const comm = this.#connection.createComm(FACTS_TARGET);
    comm.onMsg = (message) => onFact(message.content.data as unknown as Fact); // the kernel passes on what stage/ emitted
    comm.open();
    const given = bindings as unknown as Json; // JSON, as core/host.ts defines it
    return await this.execute(hostCall("bind", given), { silent: true });
  }

  async runCell(
    { number, id, source }: CellCode,
    onOutput: (output: KernelOutput) => void,
  ): Promise<ExecuteResult> {
    const metadata = { cellId: id, steplab: { cell: number } };
    return whole(await this.execute(source, { metadata, onOutput }), `cell ${number}`);
  }

  async settle(): Promise<ExecuteResult> {
    const settled = await this.execute(hostCall("settle"), { silent: true });
    return whole(settled, "the stage's end");
  }

  /** Rejects with `KernelDied` when the process ends before the reply. */
  async execute(code: string, options: ExecuteOptions = {}): Promise<Executed> {
    const { silent = false, late, onOutput, patienceMs } = options;
    if (this.#connection.isDisposed || this.#connection.status === "dead")
      throw new KernelDied(await this.exited);
    const future = this.#connection.requestExecute(
      {
        code,
        silent,
        store_history: !silent,
        allow_stdin: false,
        stop_on_error: true,
      },
      true,
      options.metadata,
    );
    const { msg_id: id } = future.msg.header;
    // By who sent them: a server that drops messages says so in one of its own.
    const came = new Map<string, number>();
    using stops = new DisposableStack();
    const half = Promise.withResolvers<Executed>();
    const after = (result: () => Executed): void => {
      if (patienceMs === undefined) return;
      const timer = setTimeout(() => half.resolve(result()), patienceMs);
      stops.defer(() => clearTimeout(timer));
    };
    future.onReply = (reply) => after(() => ({ ...resultOf(reply, came), missing: "idle" }));
    this.#requests.set(id, { came, onOutput, onIdle: () => after(() => NO_REPLY) });
    (late ?? stops).defer(() => this.#requests.delete(id));
    const outcome = await Promise.race([
      future.done.then((reply) => resultOf(reply, came)),
      this.exited.then((exit) => new KernelDied(exit)),
      half.promise,
    ]);
    if (outcome instanceof KernelDied || outcome.missing !== null) {
      future.done.catch(() => undefined); // cancelled by its disposal
      if (!future.isDisposed) future.dispose();
    }
    if (outcome instanceof KernelDied) throw outcome;
    return outcome;
  }

  /** Ends the running cell; its reply says so. State is kept. */
  async interrupt(): Promise<void> {
    await this.#connection.interrupt().catch(() => undefined); // out of reach: whoever asks kills it next
  }

  kill(): void {
    this.#process.kill("SIGKILL");
  }

  /** Asks the kernel to end; kills it when it does not within `graceMs`. */
  async close(graceMs = 1000): Promise<void> {
    const timer = setTimeout(() => this.#process.kill("SIGKILL"), graceMs);
    void this.#connection.shutdown().catch(() => undefined); // already dead: what we want
    await this.exited;
    clearTimeout(timer);
    this.#connection.dispose();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}

/** A kernel ended before any code of a stage was run in it. */
export function notStarted(exit: KernelExit): StepLabError {
  const elsewhere = "Run again; the stages that have succeeded are cached.";
  const here = "Run `npm install` again; a native package may be missing.";
  return new StepLabError(
    "kernel/not-started",
    `The kernel ended before it was ready (${describeExit(exit)}).`,
    {
      hint:
        exit.stderr !== "" ? lastLines(exit.stderr) : exit.lost === undefined ? here : elsewhere,
    },
  );
}

/** The kernel's process ended while something was asked of it. */
export class KernelDied extends Error {
  readonly exit: KernelExit;

  constructor(exit: KernelExit) {
    super(`The kernel died (${describeExit(exit)}).`);
    this.name = "KernelDied";
    this.exit = exit;
  }
}

/** `signal SIGKILL`, `exit code 3` */
export function describeExit(exit: KernelExit): string {
  if (exit.lost !== undefined) return exit.lost;
  if (exit.signal !== null) return `signal ${exit.signal}`;
  return exit.exitCode === null ? "it could not be started" : `exit code ${exit.exitCode}`;
}

/** Of what a process wrote before it ended; where an error came from tells less than which it was. */
function lastLines(text: string): string {
  const lines = text.split("\n").filter((line) => line.trim() !== "" && !/^\s+at /.test(line));
  return lines.slice(-5).join("\n");
}

function resultOf(
  reply: KernelMessage.IExecuteReplyMsg,
  came: ReadonlyMap<string, number>,
): Executed {
  const measured = measureOf(reply.metadata);
  const content = reply.content;
  // Other kernels leave members out.
  const error =
    content.status === "error" && typeof content.ename === "string"
      ? { name: content.ename, message: content.evalue, traceback: content.traceback }
      : null;
  const status = content.status === "ok" ? "ok" : content.status === "error" ? "error" : "aborted";
  const { messages } = ownMeasures(reply.metadata);
  const lost = typeof messages === "number" ? messages - (came.get(reply.header.session) ?? 0) : 0;
  return { status, error, missing: null, lost, ...measured };
}

/** What came of a cell only in part may lack outputs, and facts: a stage must not go on as if it were whole. */
function whole(executed: Executed, what: string): ExecuteResult {
  if (executed.lost <= 0 || executed.status !== "ok") return executed;
  const message =
    `${executed.lost.toLocaleString("en-US")} of the kernel's messages for ${what} were lost on their way here, ` +
    "and with them outputs or results. A Jupyter Server drops what is printed faster than its limits " +
    "(ZMQChannelsWebsocketConnection.iopub_data_rate_limit and iopub_msg_rate_limit); a connection that breaks loses messages too.";
  return { ...executed, status: "error", error: { name: "OutputLost", message, traceback: [] } };
}

const NO_REPLY: Executed = {
  status: "error",
  error: {
    name: "ReplyLost",
    message: "The kernel was done with the cell and did not say how it ended.",
    traceback: [],
  },
  missing: "reply",
  lost: 0,
  ...measureOf({}),
};

/** Other kernels send no measures: nulls, not guesses. */
function measureOf(metadata: JSONObject): Omit<ExecuteResult, "status" | "error"> {
  const own = ownMeasures(metadata);
  const at = own["error"];
  const place = typeof at === "object" && at !== null && !Array.isArray(at) ? at : null;
  return {
    wallMs: numberOr(own["wallMs"]),
    cpuMs: numberOr(own["cpuMs"]),
    peakRssBytes: numberOr(own["peakRssBytes"]),
    errorAt: place && {
      line: numberOr(place["line"]),
      column: numberOr(place["column"]),
      cell: numberOr(place["cell"]),
    },
  };
}

function ownMeasures(metadata: JSONObject): JSONObject {
  const own = metadata["steplab"];
  return typeof own === "object" && own !== null && !Array.isArray(own) ? own : {};
}

function numberOr(value: unknown): number | null {
  return typeof value === "number" ? value : null;
}
