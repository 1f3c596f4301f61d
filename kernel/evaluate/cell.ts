/** One execution of a cell: what belongs to it while it runs, and what late callbacks of it still need. */
import { AsyncLocalStorage } from "node:async_hooks";
import type { ExecuteRequest } from "../link/messages.ts";

/** What ends a cell when a person (or a time limit) interrupts it. */
export class Interrupted extends Error {
  constructor() {
    super("The cell was interrupted; variables keep their values.");
    this.name = "Interrupted";
  }
}

interface Resource {
  dispose(): unknown;
}

export class Cell {
  readonly request: ExecuteRequest;
  /** How people find it: "cell 5" where the client numbers cells, else "In [3]". */
  readonly label: string;
  interrupted = false;
  /** The value of the last expression, when the cell ends with one. */
  result: { value: unknown } | null = null;
  /** Offset in the cell's JavaScript of the await that rejected: the only trace of the cell where V8 lost the chain. */
  failedAwait: { error: unknown; offset: number } | null = null;
  /** Offset of the top-level await that the cell sits in, and sat in when it was interrupted. */
  waitingAt: number | null = null;
  readonly #resources: Resource[] = [];
  #rejectWait: ((reason: Interrupted) => void) | null = null;

  constructor(request: ExecuteRequest) {
    this.request = request;
    this.label = request.number === null ? `In [${request.count}]` : `cell ${request.number}`;
  }

  get id(): number {
    return this.request.cell;
  }

  /** Rejects the top-level await that the cell sits in. */
  interrupt(): void {
    this.interrupted = true;
    this.#rejectWait?.(new Interrupted());
  }

  /** A top-level await: `promise`, or the interrupt if that comes first. */
  wait(promise: PromiseLike<unknown>, offset: number): Promise<unknown> {
    if (this.interrupted) throw new Interrupted();
    return new Promise((resolve, reject) => {
      this.#rejectWait = reject;
      this.waitingAt = offset;
      // `resolve` itself, and nothing else on that promise: through that, V8 finds the awaiting line.
      Promise.resolve(promise).then(resolve, (error: unknown) => {
        this.resumed();
        this.failedAwait = { error, offset };
        reject(error);
      });
    });
  }

  /** The top-level await is over. */
  resumed(): void {
    if (!this.interrupted) this.waitingAt = null;
  }

  /** Keeps a `using` resource until the cell ends. */
  use(dispose: () => unknown): void {
    this.#resources.push({ dispose });
  }

  /** Disposes in reverse order, also after an error, as a block would; returns the error the cell then has. */
  async disposeAll(error: { error: unknown } | null): Promise<{ error: unknown } | null> {
    let outcome = error;
    for (let resource = this.#resources.pop(); resource; resource = this.#resources.pop()) {
      try {
        await resource.dispose();
      } catch (thrown) {
        outcome = { error: outcome ? new SuppressedError(thrown, outcome.error) : thrown };
      }
    }
    return outcome;
  }
}

const cells = new AsyncLocalStorage<Cell>();
let latest: Cell | null = null;

/** Runs `work` as part of `cell`: what it prints later, from timers, still belongs to the cell. */
export function runAs<T>(cell: Cell, work: () => T): T {
  latest = cell;
  return cells.run(cell, work);
}

/** The cell that the running code belongs to; code that lost its context counts to the newest cell. */
export function currentCell(): Cell | null {
  return cells.getStore() ?? latest;
}
