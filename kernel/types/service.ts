/**
 * The types' thread as the protocol's thread sees it: started by the first question or shortly before, started again once when it
 * dies, and never waited for long. The compiler is synchronous; on a thread of its own it keeps nobody waiting:
 * interrupts and kernel_info are answered while it opens.
 */
import { Worker } from "node:worker_threads";
import { logTrouble } from "../link/log.ts";
import type { AnswerTo, FromTypes, Question, ToTypes, TypesThreadData } from "./questions.ts";

/** The first answer waits for the compiler to open: half a second, several on a busy machine. */
const PATIENCE_MS = 10_000;
/** So long after a cell of somebody's who types; one who runs cell after cell has the processor alone. */
const WARM_UP_MS = 500;
/** Threads started in all. */
const STARTS = 2;

interface Waiting {
  settle(answer: unknown): void;
}

export class TypesService {
  readonly #notebook: string;
  /** What ran, for the thread when it starts; by cell, so that a long session holds no history. */
  readonly #ran = new Map<string, { id: string | null; code: string }>();
  readonly #waiting = new Map<number, Waiting>();
  #worker: Worker | null = null;
  #compiler: number | null = null;
  #starts = 0;
  #last = 0;
  #warmUp: NodeJS.Timeout | null = null;

  /** @param notebook file URL */
  constructor(notebook: string) {
    this.#notebook = notebook;
  }

  /** A cell is about to be executed. Headless runs never ask, so this only remembers. */
  ran(id: string | null, code: string): void {
    const key = id ?? `code ${code}`;
    this.#ran.delete(key);
    this.#ran.set(key, { id, code });
    this.#worker?.postMessage({ type: "ran", id, code } satisfies ToTypes);
  }

  /**
   * Somebody is typing into this notebook, who will ask: the compiler opens when the kernel is idle. Front ends wait
   * for the first answer no longer than for others (JupyterLab: a second), so it would be lost.
   */
  warmUp(isBusy: () => boolean): void {
    if (this.#worker !== null || this.#starts > 0) return;
    clearTimeout(this.#warmUp ?? undefined);
    this.#warmUp = setTimeout(() => {
      if (isBusy()) this.warmUp(isBusy);
      else if (this.#worker === null) void this.ask({ about: "complete", code: "", offset: 0 });
    }, WARM_UP_MS).unref();
  }

  /** Null when types cannot answer, or not in time. */
  async ask<Q extends Question>(question: Q): Promise<AnswerTo<Q> | null> {
    const worker = (this.#worker ??= this.#start());
    if (!worker) return null;
    const id = ++this.#last;
    return await new Promise((resolve) => {
      const timer = setTimeout(() => this.#settle(id, null), PATIENCE_MS);
      this.#waiting.set(id, {
        settle: (answer) => {
          clearTimeout(timer);
          resolve(answer as AnswerTo<Q> | null); // the thread answers a question by its kind
        },
      });
      worker.postMessage({ type: "ask", id, question } satisfies ToTypes);
    });
  }

  /** Ends compiler and thread, in this order: a thread that waits for the compiler cannot end, nor can the process. */
  async close(): Promise<void> {
    const worker = this.#worker;
    clearTimeout(this.#warmUp ?? undefined);
    this.#starts = STARTS;
    this.#gone(worker);
    await worker?.terminate();
  }

  #start(): Worker | null {
    if (this.#starts >= STARTS) return null;
    this.#starts++;
    const workerData: TypesThreadData = { entry: "types/thread", notebook: this.#notebook };
    const worker = new Worker(new URL("../boot.js", import.meta.url), {
      name: "steplab-types",
      workerData,
    });
    worker.unref();
    worker.on("message", (message: FromTypes) => {
      if ("compiler" in message) this.#compiler = message.compiler;
      else this.#settle(message.id, message.answer);
    });
    worker.on("error", (error) => logTrouble(`types are started again: ${String(error)}`));
    worker.on("exit", () => this.#gone(worker));
    for (const { id, code } of this.#ran.values())
      worker.postMessage({ type: "ran", id, code } satisfies ToTypes);
    return worker;
  }

  #gone(worker: Worker | null): void {
    if (this.#worker !== worker) return;
    this.#worker = null;
    this.#killCompiler();
    for (const id of this.#waiting.keys()) this.#settle(id, null);
  }

  #killCompiler(): void {
    if (this.#compiler === null) return;
    try {
      process.kill(this.#compiler, "SIGKILL");
    } catch {
      // gone already
    }
    this.#compiler = null;
  }

  #settle(id: number, answer: unknown): void {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    waiting?.settle(answer);
  }
}
