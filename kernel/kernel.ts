/** The main thread: runs cells one after the other and says how each ended. */
import { performance } from "node:perf_hooks";
import type { Json } from "../core/json.ts";
import type { Content } from "../core/wire/message.ts";
import { Cell, Interrupted, runAs } from "./evaluate/cell.ts";
import type { Evaluator, Outcome } from "./evaluate/evaluator.ts";
import type { CellSources } from "./evaluate/sources.ts";
import type { ErrorReport } from "./evaluate/traceback.ts";
import { reportError } from "./evaluate/traceback.ts";
import type { KernelHost } from "./host.ts";
import type { ExecuteRequest } from "./link/messages.ts";
import { WORD_INTERRUPTED } from "./link/messages.ts";
import type { Output } from "./output.ts";
import { bundleOf } from "./results.ts";

/** After an interrupt the cell's own `finally` blocks and disposals get this long; then it ends without them. */
const GRACE_MS = 10;

interface Running {
  cell: Cell;
  startedAt: number;
  cpu: NodeJS.CpuUsage;
}

export class Kernel {
  readonly #output: Output;
  readonly #host: KernelHost;
  readonly #evaluator: Evaluator;
  readonly #sources: CellSources;
  readonly #words: Int32Array;
  #running: Running | null = null;

  constructor(parts: {
    output: Output;
    host: KernelHost;
    evaluator: Evaluator;
    sources: CellSources;
    words: Int32Array;
  }) {
    this.#output = parts.output;
    this.#host = parts.host;
    this.#evaluator = parts.evaluator;
    this.#sources = parts.sources;
    this.#words = parts.words;
  }

  async execute(request: ExecuteRequest): Promise<void> {
    const cell = new Cell(request);
    const running = { cell, startedAt: performance.now(), cpu: process.cpuUsage() };
    this.#running = running;
    const outcome = await this.#run(cell);
    if (this.#running === running) await this.#finish(running, outcome);
  }

  /** The worker asks for the end of a cell; the answer, that it was taken, comes first. */
  interrupt(id: number): void {
    Atomics.store(this.#words, WORD_INTERRUPTED, id);
    Atomics.notify(this.#words, WORD_INTERRUPTED);
    const running = this.#running;
    if (running?.cell.id !== id) return;
    running.cell.interrupt();
    setTimeout(() => {
      // Nothing came of it: the code waits inside a module, or its continuation was terminated.
      if (this.#running === running) this.#reply(running, { error: new Interrupted() }, {});
    }, GRACE_MS);
  }

  async #run(cell: Cell): Promise<Outcome> {
    let outcome = await this.#evaluator.evaluate(cell);
    outcome = await runAs(cell, () => cell.disposeAll(outcome));
    if (outcome && cell.interrupted) outcome = { error: new Interrupted() };
    const status = outcome ? (isInterrupt(outcome.error) ? "interrupted" : "error") : "ok";
    const fromHooks = await runAs(cell, () => this.#host.endCell({ status }));
    return outcome ?? fromHooks;
  }

  async #finish(running: Running, outcome: Outcome): Promise<void> {
    const { cell } = running;
    if (outcome) {
      this.#reply(running, outcome, {});
      return;
    }
    try {
      const { silent, count } = cell.request;
      if (!silent && cell.result && cell.result.value !== undefined) {
        const { value } = cell.result;
        const data = await runAs(cell, () => bundleOf(value));
        const content = { execution_count: count, data, metadata: {} };
        const isShown = Object.keys(data).length > 0;
        if (isShown && this.#running === running)
          this.#output.send("execute_result", content, {}, cell.id);
      }
      const expressions = await this.#userExpressions(cell);
      if (this.#running === running) this.#reply(running, null, expressions);
    } catch (error) {
      // A value whose display throws: the cell has failed in showing it.
      if (this.#running === running) this.#reply(running, { error }, {});
    }
  }

  #reply(running: Running, outcome: Outcome, expressions: Content): void {
    this.#running = null;
    const { cell } = running;
    const report = outcome ? reportError(outcome.error, cell, this.#sources) : null;
    const metadata = { steplab: measurements(running, report) };
    if (!report) {
      const content = { status: "ok", user_expressions: expressions, payload: [] };
      this.#output.send("execute_reply", content, metadata, cell.id);
      return;
    }
    const { ename, evalue, traceback } = report;
    if (!cell.request.silent) this.#output.send("error", { ename, evalue, traceback }, {}, cell.id);
    const content = {
      status: "error",
      ename,
      evalue,
      traceback,
      user_expressions: {},
      payload: [],
    };
    this.#output.send("execute_reply", content, metadata, cell.id);
  }

  async #userExpressions(cell: Cell): Promise<Content> {
    const answers: Content = {};
    for (const [name, code] of Object.entries(cell.request.userExpressions)) {
      const part = new Cell({ ...cell.request, code });
      const outcome = await this.#evaluator.evaluate(part);
      answers[name] = outcome
        ? { status: "error", ...withoutPlace(reportError(outcome.error, part, this.#sources)) }
        : { status: "ok", data: await bundleOf(part.result?.value), metadata: {} };
    }
    return answers;
  }
}

function isInterrupt(error: unknown): boolean {
  return error instanceof Interrupted;
}

function withoutPlace({ ename, evalue, traceback }: ErrorReport): Content {
  return { ename, evalue, traceback };
}

/** For the runner's record: what the cell cost, and where in it an error stands. */
function measurements(running: Running, report: ErrorReport | null): Record<string, Json> {
  const cpu = process.cpuUsage(running.cpu);
  const place = report?.place;
  return {
    wallMs: round(performance.now() - running.startedAt),
    cpuMs: round((cpu.user + cpu.system) / 1000),
    peakRssBytes: process.resourceUsage().maxRSS * 1024, // libuv reports KiB everywhere
    ...(place && {
      error: { line: place.line, column: place.column, cell: running.cell.request.number },
    }),
  };
}

function round(ms: number): number {
  return Math.round(ms * 1000) / 1000;
}
