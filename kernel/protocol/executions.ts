/** Cells in the order they were asked for: one runs on main, the others wait here. */
import type { Content, ParentHeader } from "../../core/wire/message.ts";
import type { ExecuteRequest } from "../link/messages.ts";
import { textIn, textsIn } from "./fields.ts";
import { History } from "./history.ts";
import type { Interrupter } from "./interrupt.ts";
import type { Request, Wire } from "./wire.ts";

/** Headers kept for output that comes after its cell has ended (timers). */
const REMEMBERED_CELLS = 10_000;

/** After an error: requests that follow each other this closely were sent without knowing of it. */
const QUIET_MS = 4;

interface Execution {
  request: Request;
  execute: ExecuteRequest;
  storeHistory: boolean;
  stopOnError: boolean;
  /** Main has sent its reply, which waits to be handed on. */
  hasEnded: boolean;
}

export class Executions {
  readonly history = new History();
  readonly #wire: Wire;
  readonly #interrupter: Interrupter;
  readonly #post: (message: ExecuteRequest) => void;
  readonly #waiting: Execution[] = [];
  readonly #requests = new Map<number, Request>();
  #running: Execution | null = null;
  #count = 0;
  #cells = 0;

  constructor(wire: Wire, interrupter: Interrupter, post: (message: ExecuteRequest) => void) {
    this.#wire = wire;
    this.#interrupter = interrupter;
    this.#post = post;
  }

  get isBusy(): boolean {
    return this.#running !== null;
  }

  add(request: Request): void {
    const { content, metadata } = request.message;
    const silent = content["silent"] === true;
    const steplab = metadata["steplab"] as { cell?: unknown } | undefined; // checked where used
    this.#waiting.push({
      request,
      storeHistory: !silent && content["store_history"] !== false,
      stopOnError: content["stop_on_error"] !== false,
      hasEnded: false,
      execute: {
        type: "execute",
        cell: 0, // numbered when it starts
        count: 0,
        code: textIn(content, "code"),
        silent,
        cellId: typeof metadata["cellId"] === "string" ? metadata["cellId"] : null,
        number: typeof steplab?.cell === "number" ? steplab.cell : null,
        allowStdin: content["allow_stdin"] === true,
        userExpressions: textsIn(content, "user_expressions"),
      },
    });
    this.#next();
  }

  /** Ends the running cell; the ones behind it are aborted as after any error. */
  interrupt(): void {
    const running = this.#running;
    if (!running) return;
    const isRunning = (): boolean => this.#running === running && !running.hasEnded;
    const done = this.#interrupter.interrupt(running.execute.cell, isRunning);
    done.catch((error: unknown) => {
      throw error; // the worker's own failure: it ends the kernel with its reason
    });
  }

  /** The request a cell came from, also long after it ended. */
  requestOf(cell: number): Request | undefined {
    return this.#requests.get(cell);
  }

  codeOf(cell: number): string | undefined {
    const request = this.#requests.get(cell);
    return request && textIn(request.message.content, "code");
  }

  parentOf(cell: number): ParentHeader {
    return this.#requests.get(cell)?.message.header ?? {};
  }

  setOutput(cell: number, text: string): void {
    if (this.#running?.execute.cell === cell && this.#running.storeHistory)
      this.history.setOutput(this.#running.execute.count, text);
  }

  /** Main has ended a cell and everything it printed is published. */
  async finish(cell: number, metadata: Record<string, unknown>, content: Content): Promise<void> {
    const done = this.#running;
    if (done?.execute.cell !== cell || done.hasEnded) return;
    done.hasEnded = true;
    const failed = content["status"] === "error" && done.stopOnError;
    // Requests sent before this reply could be known must be aborted with it: let the socket hand them over.
    if (failed) await this.#arrivals();
    this.#running = null;
    this.#reply(done.request, { ...content, execution_count: done.execute.count }, metadata);
    if (failed) {
      for (const { request } of this.#waiting.splice(0)) {
        this.#publishStatus(request, "busy");
        // Without a count, as ipykernel does it: JupyterLab would number a cell that never ran.
        this.#reply(request, { status: "aborted" }, {});
      }
    }
    this.#next();
  }

  #next(): void {
    if (this.#running) return;
    const next = this.#waiting.shift();
    if (!next) return;
    this.#running = next;
    const { execute, request } = next;
    execute.cell = ++this.#cells;
    if (next.storeHistory) this.history.add(++this.#count, execute.code);
    execute.count = this.#count;
    this.#remember(execute.cell, request);
    this.#wire.beginCount(request.message.header);
    this.#publishStatus(request, "busy");
    if (!execute.silent) {
      const content = { code: execute.code, execution_count: execute.count };
      this.#wire.publish("execute_input", request.message.header, content);
    }
    this.#post(execute);
  }

  /** Until the clients have been silent for a moment: "run all" sends one request after the other. */
  async #arrivals(): Promise<void> {
    for (let before = -1; before !== this.#waiting.length;) {
      before = this.#waiting.length;
      await new Promise((resolve) => setTimeout(resolve, QUIET_MS));
    }
  }

  #reply(request: Request, content: Content, metadata: Record<string, unknown>): void {
    const { identities, message } = request;
    const { shell } = this.#wire;
    const messages = this.#wire.endCount(message.header);
    const own = metadata["steplab"] as object | undefined; // main's measures
    const counted =
      messages === undefined ? metadata : { ...metadata, steplab: { ...own, messages } };
    this.#wire.send(shell, identities, message.header, "execute_reply", content, counted);
    this.#publishStatus(request, "idle");
  }

  #publishStatus(request: Request, state: "busy" | "idle"): void {
    this.#wire.publish("status", request.message.header, { execution_state: state });
  }

  #remember(cell: number, request: Request): void {
    this.#requests.set(cell, request);
    this.#requests.delete(cell - REMEMBERED_CELLS);
  }
}
