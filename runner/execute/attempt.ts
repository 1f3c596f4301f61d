/**
 * One attempt at a stage: its notebook, cell by cell, in one kernel, to one true status.
 *
 * Whatever ends it (an error, a failed check, time, a person, a dead process), the executed notebook holds
 * what ran, cells that never ran say so, and the error names the cell and the line.
 */
import { StepLabError } from "../../core/error.ts";
import type { Json } from "../../core/json.ts";
import type { Fact } from "../../core/fact.ts";
import type { Bindings } from "../../core/host.ts";
import type { Cell, Notebook } from "../../core/notebook/index.ts";
import type { NewEvent } from "../../lineage/journal.ts";
import type { CellRecord, KernelFacts, StageError, StageRecord } from "../../lineage/record.ts";
import type { CellStatus } from "../../lineage/status.ts";
import { KernelDied } from "../jupyter/client.ts";
import type { ExecuteResult, StageKernel } from "../jupyter/stage-kernel.ts";
import {
  cellFailure,
  deathFailure,
  endedCellStatus,
  endedFailure,
  type AttemptStatus,
  type Ending,
  type Failure,
} from "./ending.ts";
import { cellTitle, executedCopy, isExecuted } from "./executed-notebook.ts";
import { FLOOD_BYTES, OutputCollector, type DisplayRegistry, type Spill } from "./outputs.ts";
import { outsideError } from "./outside-error.ts";
import { startTimeout } from "./timeout.ts";
import type { CellLog } from "./cell-log.ts";

export interface AttemptRequest {
  stage: string;
  /** What the journal keeps of the stage from its start on, for the case that nobody lives to write its end. */
  planned: StageRecord;
  attempt: number;
  notebook: Notebook;
  /** Resolved, JSON-encoded; null when the notebook declares no parameters. */
  params: Record<string, Json> | null;
  bindings: Bindings;
  /** What the stage is made of, relative to the project's root: its notebook, then its modules. */
  code: readonly string[];
  timeoutMs: number | null;
  /** Aborted by Ctrl-C. */
  signal: AbortSignal;
  kernel: StageKernel;
  tell: (event: NewEvent) => void;
  /** Keeps what ran on disk while it runs: a runner that is killed loses nothing. */
  log: CellLog;
  /** Where text too long for a notebook goes, by cell id and stream. */
  spillPath: (cell: string, stream: "stdout" | "stderr") => string;
  now: () => number;
}

export interface AttemptResult {
  status: AttemptStatus;
  executed: Notebook;
  cells: CellRecord[];
  facts: Fact[];
  /** What ran it, where that was not steplab's own kernel beside the runner. */
  kernel: KernelFacts | null;
  error: StageError | null;
  spills: { cell: string; spill: Spill }[];
  startedAt: number;
  endedAt: number;
}

/** After an interrupt the cell has this long to end (files to close, `finally` blocks); then the process is killed. */
const GRACE_MS = 5_000;

/** Runs the notebook in the kernel given, which it neither starts nor ends. Whatever happens to the notebook is in the result. */
export async function attemptStage(request: AttemptRequest): Promise<AttemptResult> {
  const attempt = new Attempt(request);
  using _stop = attempt.watchForEnd();
  return await attempt.run();
}

class Attempt {
  readonly #request: AttemptRequest;
  readonly #executed: Notebook;
  readonly #cells: Cell[];
  readonly #records: CellRecord[] = [];
  readonly #facts: Fact[] = [];
  readonly #spills: AttemptResult["spills"] = [];
  readonly #displays: DisplayRegistry = new Map();
  readonly #startedAt: number;
  /** Why the attempt is being ended from outside, once it is. */
  #ending: Ending | null = null;
  #graceTimer: NodeJS.Timeout | undefined;
  #diedIn: Cell | null = null;

  constructor(request: AttemptRequest) {
    this.#request = request;
    this.#startedAt = request.now();
    this.#executed = executedCopy(request.notebook, request.params);
    this.#cells = this.#executed.cells.filter(isExecuted);
    request.log.begin(this.#executed);
  }

  /** Time and Ctrl-C end an attempt the same way: interrupt, wait a little, kill. */
  watchForEnd(): Disposable {
    const { signal, timeoutMs } = this.#request;
    const onAbort = (): void => this.#end({ why: "cancelled" });
    if (signal.aborted) onAbort();
    signal.addEventListener("abort", onAbort, { once: true });
    const timeout =
      timeoutMs === null
        ? undefined
        : startTimeout(timeoutMs, () => this.#end({ why: "timed-out", timeoutMs }));
    return {
      [Symbol.dispose]: () => {
        timeout?.[Symbol.dispose]();
        clearTimeout(this.#graceTimer);
        signal.removeEventListener("abort", onAbort);
      },
    };
  }

  async run(): Promise<AttemptResult> {
    const { kernel, stage, attempt, tell } = this.#request;
    tell({
      type: "stage-started",
      stage,
      attempt,
      kernelPid: kernel.pid,
      cells: this.#cells.length,
      record: this.#request.planned,
    });
    try {
      const failure =
        (await this.#bind()) ??
        (await this.#runCells()) ??
        (await this.#settle()) ??
        this.#ended(null);
      const lost = await this.#collect();
      return this.#result(failure ?? lost ?? { status: "succeeded", error: null });
    } catch (error) {
      if (!(error instanceof KernelDied)) throw error;
      const { projectRoot } = this.#request.bindings;
      return this.#result(deathFailure(error.exit, this.#diedIn, this.#ending, projectRoot));
    }
  }

  #end(ending: Ending): void {
    if (this.#ending !== null) return;
    this.#ending = ending;
    void this.#request.kernel.interrupt();
    this.#graceTimer = setTimeout(() => this.#request.kernel.kill(), GRACE_MS);
  }

  /**
   * For what messages of the kernel call: an error thrown there would be lost in services' message loop. A full
   * disk ends the attempt instead of dropping its words in silence.
   */
  #whileWritable(take: () => void): void {
    if (this.#ending?.why === "unwritable") return;
    try {
      take();
    } catch (error) {
      if (!(error instanceof StepLabError)) throw error;
      this.#end({ why: "unwritable", error });
    }
  }

  async #bind(): Promise<Failure | null> {
    const { kernel, bindings, code } = this.#request;
    await kernel.ready();
    const onFact = (fact: Fact): void => this.#whileWritable(() => this.#takeFact(fact));
    const reply = await kernel.bind(bindings, onFact, code);
    return reply.status === "ok" ? null : this.#failureOf(reply, null);
  }

  async #runCells(): Promise<Failure | null> {
    for (const cell of this.#cells) {
      const failure = this.#ended(null) ?? (await this.#runCell(cell));
      if (failure !== null) return failure;
    }
    return null;
  }

  async #runCell(cell: Cell): Promise<Failure | null> {
    const { kernel, stage, attempt, tell, log, now, spillPath } = this.#request;
    const place = { number: cell.number, id: cell.id, slot: cell.slot };
    const collector = new OutputCollector(this.#displays, (stream) => spillPath(cell.id, stream));
    cell.outputs = collector.outputs;
    const startedAt = now();
    tell({ type: "cell-started", stage, attempt, cell: place, title: cellTitle(cell) });
    const ended = (status: CellStatus, measured: ExecuteResult | null): void => {
      this.#whileWritable(() => collector.finish());
      for (const spill of collector.spills) this.#spills.push({ cell: cell.id, spill });
      const record: CellRecord = {
        id: cell.id,
        slot: cell.slot,
        status,
        wallMs: measured?.wallMs ?? now() - startedAt,
        cpuMs: measured?.cpuMs ?? null,
        peakRssBytes: measured?.peakRssBytes ?? null,
      };
      this.#records.push(record);
      markCell(cell, status, startedAt, now());
      this.#whileWritable(() => log.cell(cell));
      tell({
        type: "cell-ended",
        stage,
        attempt,
        cell: place,
        status,
        wallMs: record.wallMs,
        cpuMs: record.cpuMs,
        peakRssBytes: record.peakRssBytes,
      });
    };
    let reply: ExecuteResult;
    try {
      reply = await kernel.runCell(cell, (output) =>
        this.#whileWritable(() => {
          if (output.type === "execute_input")
            cell.executionCount = output.content["execution_count"] as number; // the message's type says so
          collector.take(output);
          log.running(cell);
          if (collector.streamBytes > FLOOD_BYTES) this.#end({ why: "flooded" });
        }),
      );
    } catch (error) {
      if (error instanceof KernelDied) {
        ended(this.#ending === null ? "error" : endedCellStatus(this.#ending), null);
        this.#diedIn = cell;
      }
      throw error;
    }
    if (reply.status === "ok") {
      ended("ok", reply);
      return null;
    }
    ended(this.#ending === null ? "error" : endedCellStatus(this.#ending), reply);
    return this.#failureOf(reply, cell);
  }

  async #settle(): Promise<Failure | null> {
    const ended = this.#ended(null);
    if (ended !== null) return ended;
    const reply = await this.#request.kernel.settle();
    return reply.status === "ok" ? null : this.#failureOf(reply, null);
  }

  #takeFact(fact: Fact): void {
    this.#facts.push(fact);
    if (fact.fact === "secret") {
      this.#request.kernel.protect(fact.name);
      return; // nothing for the journal
    }
    if (fact.fact === "memory") {
      this.#end({ why: "out-of-memory", ...fact });
      return; // the stage's error says it
    }
    const { stage, attempt, tell } = this.#request;
    // The journal keeps what a view shows; an output's schema and summary are in the record.
    const told =
      fact.fact === "output"
        ? ({ fact: "output", name: fact.name, kind: fact.kind } as const)
        : fact;
    tell({ type: "stage-told", stage, attempt, fact: told });
  }

  /** What cannot be brought here was not made. */
  async #collect(): Promise<Failure | null> {
    // The cell has answered: what is brought here now takes the time that it takes.
    clearTimeout(this.#graceTimer);
    try {
      await this.#request.kernel.collect?.(this.#ending === null);
      return null;
    } catch (error) {
      if (!(error instanceof StepLabError)) throw error;
      const { projectRoot } = this.#request.bindings;
      return { status: "failed", error: outsideError(error, projectRoot) };
    }
  }

  /** Whatever ended the attempt: a cell without a record of its own has not run. */
  #markNeverRan(): void {
    for (const cell of this.#cells) {
      if (this.#records.some((record) => record.id === cell.id)) continue;
      this.#records.push({
        id: cell.id,
        slot: cell.slot,
        status: "not-run",
        wallMs: null,
        cpuMs: null,
        peakRssBytes: null,
      });
      markCell(cell, "not-run", null, null);
    }
  }

  /** The reply's own error; or, when the attempt is being ended from outside, that. */
  #failureOf(reply: ExecuteResult, cell: Cell | null): Failure {
    return this.#ended(cell) ?? cellFailure(reply, cell, this.#cells, this.#facts);
  }

  #ended(cell: Cell | null): Failure | null {
    const { projectRoot } = this.#request.bindings;
    return this.#ending === null ? null : endedFailure(this.#ending, cell, projectRoot);
  }

  #result(outcome: Failure | { status: AttemptResult["status"]; error: null }): AttemptResult {
    this.#markNeverRan();
    return {
      ...outcome,
      executed: this.#executed,
      cells: this.#records,
      facts: this.#facts,
      kernel: this.#request.kernel.facts,
      spills: this.#spills,
      startedAt: this.#startedAt,
      endedAt: this.#request.now(),
    };
  }
}

/** Per cell, what papermill writes (so that its readers show our archives) and our own truer status. */
function markCell(
  cell: Cell,
  status: CellStatus,
  startedAt: number | null,
  endedAt: number | null,
): void {
  const iso = (at: number | null): string | null =>
    at === null ? null : new Date(at).toISOString();
  cell.metadata = {
    ...cell.metadata,
    papermill: {
      status: status === "ok" ? "completed" : status === "not-run" ? "pending" : "failed",
      exception: status === "ok" || status === "not-run" ? null : true,
      start_time: iso(startedAt),
      end_time: iso(endedAt),
      duration: startedAt === null || endedAt === null ? null : (endedAt - startedAt) / 1000,
    },
    steplab: { ...cell.metadata.steplab, status },
  };
}
