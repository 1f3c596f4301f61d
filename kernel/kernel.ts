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
import { failHard } from "./link/log.ts";
import type { Output } from "./output.ts";
import { bundleOf } from "./results.ts";

/** After an interrupt the cell's own `finally` blocks and disposals get this long; then it ends without them. */
const GRACE_MS = 10;

interface Running {
  cell: Cell;
  startedAt: number;
  cpu: NodeJS.CpuUsage;
  isEnding: boolean;
}

interface Reply {
  cell: number;
  content: Content;
  metadata: Record<string, Json>;
}

export class Kernel {
  readonly #output: Output;
  readonly #host: KernelHost;
  readonly #evaluator: Evaluator;
  readonly #sources: CellSources;
  #running: Running | null = null;
  #lastReply: Reply | null = null;

  constructor(parts: {
    output: Output;
    host: KernelHost;
    evaluator: Evaluator;
    sources: CellSources;
  }) {
    this.#output = parts.output;
    this.#host = parts.host;
    this.#evaluator = parts.evaluator;
    this.#sources = parts.sources;
  }

  async execute(request: ExecuteRequest): Promise<void> {
    const cell = new Cell(request);
    const running: Running = {
      cell,
      startedAt: performance.now(),
      cpu: process.cpuUsage(),
      isEnding: false,
    };
    this.#running = running;
    await this.#end(running, await this.#evaluator.evaluate(cell));
  }

  interruptRunning(): void {
    if (this.#running) this.interrupt(this.#running.cell.id);
  }

  interrupt(id: number): void {
    const running = this.#running;
    // Asked although the cell has ended: a termination may have hit its reply. The worker takes the first.
    if (!running && this.#lastReply?.cell === id) this.#send(this.#lastReply);
    if (running?.cell.id !== id) return;
    running.cell.interrupt();
    // Code that was terminated does not come to its own end; code in an await does, unless its `finally` hangs.
    const interrupted = { error: new Interrupted() };
    const grace = running.cell.waitingAt === null ? 0 : GRACE_MS;
    setTimeout(() => failHard(this.#end(running, interrupted)), grace);
    setTimeout(() => {
      if (this.#running === running) this.#reply(running, interrupted, {});
    }, grace + GRACE_MS);
  }

  /** Disposals, result, hooks and reply, in this order; once, whoever comes first. */
  async #end(running: Running, evaluated: Outcome): Promise<void> {
    if (running.isEnding || this.#running !== running) return;
    running.isEnding = true;
    const { cell } = running;
    let outcome = await runAs(cell, () => cell.disposeAll(evaluated));
    if (outcome && cell.interrupted) outcome = { error: new Interrupted() };
    // Before the hooks: a failed check must not hide the table it is about.
    outcome ??= await this.#showResult(running);
    const isInterrupt = outcome?.error instanceof Interrupted;
    const status = outcome ? (isInterrupt ? "interrupted" : "error") : "ok";
    const fromHooks = await runAs(cell, () => this.#host.endCell({ status }));
    outcome ??= fromHooks;
    const expressions = outcome ? {} : await this.#userExpressions(cell);
    if (this.#running === running) this.#reply(running, outcome, expressions);
  }

  /** A value whose display throws makes the cell fail: it has not shown what it was to show. */
  async #showResult(running: Running): Promise<Outcome> {
    const { cell } = running;
    const { silent, count } = cell.request;
    if (silent || !cell.result || cell.result.value === undefined) return null;
    const { value } = cell.result;
    try {
      const data = await runAs(cell, () => bundleOf(value));
      if (Object.keys(data).length === 0) return null; // shown already: the value of `display(…)`
      const content = { execution_count: count, data, metadata: {} };
      if (this.#running === running) this.#output.send("execute_result", content, {}, cell.id);
      return null;
    } catch (error) {
      return { error };
    }
  }

  #reply(running: Running, outcome: Outcome, expressions: Content): void {
    const { cell } = running;
    const report = outcome ? reportError(outcome.error, cell, this.#sources) : null;
    const reply: Reply = {
      cell: cell.id,
      content: report
        ? { status: "error", ...withoutPlace(report), user_expressions: {}, payload: [] }
        : { status: "ok", user_expressions: expressions, payload: [] },
      metadata: { steplab: measurements(running, report) },
    };
    this.#running = null;
    this.#lastReply = reply;
    if (report && !cell.request.silent)
      this.#output.send("error", withoutPlace(report), {}, cell.id);
    this.#send(reply);
  }

  #send({ cell, content, metadata }: Reply): void {
    this.#output.send("execute_reply", content, metadata, cell);
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
