/**
 * A kernel as the runner sees it: ready, execute, interrupt, dead. The protocol is @jupyterlab/services'
 * KernelConnection, so that a kernel behind a Jupyter Server is driven by the same code.
 */
import type { Kernel, KernelMessage } from "@jupyterlab/services";
import type { JSONObject } from "@lumino/coreutils";
import { StepLabError } from "../../core/error.ts";
import type { Fact } from "../../core/fact.ts";
import { FACTS_TARGET } from "../../core/host.ts";
import { KernelProcess, type KernelExit, type KernelProcessOptions } from "./kernel-process.ts";
import { connectTo, quietServices } from "./connection.ts";

export interface ExecuteOptions {
  /** No output counter, no history: bindings and settling are not cells. */
  silent?: boolean;
  metadata?: JSONObject;
  onOutput?: (message: KernelMessage.IIOPubMessage) => void;
}

/** What the kernel answered; `metadata.steplab` is our kernel's own measure of the cell. */
export interface ExecuteResult {
  status: "ok" | "error" | "aborted";
  error: { name: string; message: string; traceback: string[] } | null;
  wallMs: number | null;
  cpuMs: number | null;
  peakRssBytes: number | null;
  errorAt: { line: number | null; column: number | null; cell: number | null } | null;
}

const READY_TIMEOUT_MS = 60_000;
const ASK_AGAIN_MS = 1_000;

/** What carries a kernel: a process of our own (`KernelProcess`), or one of a Jupyter Server (`ServerKernels`). */
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
export class KernelClient implements AsyncDisposable {
  readonly #process: KernelBody;
  readonly #connection: Kernel.IKernelConnection;
  /** Set by `close`: the exit that follows is ours, not a death. */
  #closing = false;
  /** Resolves when the process ends, whoever ended it. */
  readonly exited: Promise<KernelExit>;

  constructor(process: KernelBody, connection: Kernel.IKernelConnection) {
    this.#process = process;
    this.#connection = connection;
    this.exited = process.exited;
    void process.exited.then(() => {
      if (!this.#connection.isDisposed) this.#connection.dispose();
    });
  }

  static async start(options: KernelProcessOptions): Promise<KernelClient> {
    quietServices();
    const process = await KernelProcess.spawn(options);
    return new KernelClient(process, connectTo(process.connection));
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
    throw new StepLabError(
      "kernel/not-started",
      `The kernel ended before it was ready (${describeExit(outcome)}).`,
      {
        hint:
          outcome.stderr === ""
            ? "Run `npm install` again; a native package may be missing."
            : lastLines(outcome.stderr),
      },
    );
  }

  /** Facts go to whoever opens this comm; they arrive in order with the outputs of their cell. */
  openFacts(onFact: (fact: Fact) => void): void {
    const comm = this.#connection.createComm(FACTS_TARGET);
    comm.onMsg = (message) => onFact(message.content.data as unknown as Fact); // the kernel passes on what stage/ emitted
    comm.open();
  }

  /** Rejects with `KernelDied` when the process ends before the reply. */
  async execute(code: string, options: ExecuteOptions = {}): Promise<ExecuteResult> {
    const future = this.#connection.requestExecute(
      {
        code,
        silent: options.silent ?? false,
        store_history: !options.silent,
        allow_stdin: false,
        stop_on_error: true,
      },
      true,
      options.metadata,
    );
    if (options.onOutput !== undefined) future.onIOPub = options.onOutput;
    const outcome = await Promise.race([
      future.done.then(resultOf),
      this.exited.then((exit) => new KernelDied(exit)),
    ]);
    if (outcome instanceof KernelDied) {
      future.done.catch(() => undefined); // cancelled by its disposal
      throw outcome;
    }
    return outcome;
  }

  /** Ends the running cell; its reply says so. State is kept. */
  async interrupt(): Promise<void> {
    await this.#connection.interrupt().catch(() => undefined); // out of reach: whoever asks kills it next
  }

  kill(): void {
    this.#closing = true;
    this.#process.kill("SIGKILL");
  }

  get closing(): boolean {
    return this.#closing;
  }

  /** Asks the kernel to end; kills it when it does not within `graceMs`. */
  async close(graceMs = 1000): Promise<void> {
    this.#closing = true;
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

function lastLines(text: string): string {
  return text.trimEnd().split("\n").slice(-5).join("\n");
}

function resultOf(reply: KernelMessage.IExecuteReplyMsg): ExecuteResult {
  const measured = measureOf(reply.metadata);
  const content = reply.content;
  const error =
    content.status === "error"
      ? { name: content.ename, message: content.evalue, traceback: content.traceback }
      : null;
  const status = content.status === "ok" ? "ok" : content.status === "error" ? "error" : "aborted";
  return { status, error, ...measured };
}

/** Other kernels send no measures: nulls, not guesses. */
function measureOf(metadata: JSONObject): Omit<ExecuteResult, "status" | "error"> {
  const steplab = metadata["steplab"];
  const own =
    typeof steplab === "object" && steplab !== null && !Array.isArray(steplab) ? steplab : {};
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

function numberOr(value: unknown): number | null {
  return typeof value === "number" ? value : null;
}
