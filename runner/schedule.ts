/** The stages of one run in the order of the graph: decided as soon as their inputs are known, side by side where they may. */
import { totalmem } from "node:os";
import { join } from "node:path";
import type { Code } from "../core/codes.ts";
import { StepLabError } from "../core/error.ts";
import { stageFolder, type Archive } from "../lineage/archive.ts";
import type { Journal, NewEvent } from "../lineage/journal.ts";
import type { RunId, StageRecord } from "../lineage/record.ts";
import { keepCache } from "../lineage/store/files.ts";
import { FOLDER_MEDIA_TYPE, type ObjectStore } from "../lineage/store/objects.ts";
import { needsOf } from "../pipeline/graph.ts";
import type { Stage } from "../pipeline/pipeline.ts";
import type { BoundInput, StageRunRequest } from "./execute/stage-run.ts";
import { outsideError } from "./execute/outside-error.ts";
import { Inputs } from "./inputs.ts";
import type { Judged } from "./options.ts";
import type { KernelPool } from "./jupyter/pool.ts";
import { placeArtifact } from "./place.ts";
import type { Decision, Planner } from "./plan.ts";
import type { RunOptions } from "./options.ts";
import { writeStageFolder } from "./stage-markdown.ts";

/** Asked once: the system call took 17 of 500 ms of a run of a thousand stages. */
const MEMORY_BYTES = totalmem();

export interface ScheduleRequest {
  settings: RunOptions;
  archive: Archive;
  judged: Judged;
  selected: Set<string>;
  store: ObjectStore;
  planner: Planner;
  id: RunId;
  folder: string;
  journal: Journal;
  pool: KernelPool;
  /** Filled in as stages end: what becomes the record's `stages`. */
  stages: Record<string, StageRecord>;
  jobs: number;
}

/** Runs what was selected, and what that needs, once. */
export class Schedule {
  readonly #request: ScheduleRequest;
  readonly #inputs: Inputs;
  readonly #done = new Map<string, StageRecord>();
  /** Stages that were not begun, and the stages that are to blame. */
  readonly #left = new Map<string, string[]>();
  readonly #waiting: Stage[];
  readonly #running = new Map<string, Promise<void>>();
  readonly #pool: KernelPool;
  #cpus = 0;
  #memoryBytes = 0;
  /** What the archive could not take (a full disk): stages under way are ended, no further one is begun. */
  #failure: StepLabError | null = null;
  readonly #stop = new AbortController();
  /** Ctrl-C, or the archive's failure. */
  readonly #signal: AbortSignal;

  constructor(request: ScheduleRequest) {
    this.#request = request;
    const { settings, judged, store } = request;
    this.#signal = AbortSignal.any([settings.signal, this.#stop.signal]);
    this.#inputs = new Inputs(
      {
        projectRoot: settings.projectRoot,
        offline: settings.offline,
        store: "keep",
        signal: settings.signal,
        given: settings.inputs,
        onFetched: (stage, input, { source, digest, bytes }) =>
          this.#tell({ type: "source-fetched", stage, input, source, digest, bytes }),
      },
      store,
    );
    const byName = new Map(judged.pipeline.stages.map((stage) => [stage.name, stage]));
    const needed = neededStages(judged, request.selected);
    this.#waiting = judged.order
      .filter((name) => needed.has(name))
      .flatMap((name) => byName.get(name) ?? []);
    this.#pool = request.pool;
  }

  /** Returns what kept the archive from being written, if anything did. */
  async run(): Promise<StepLabError | null> {
    for (;;) {
      const next = this.#takeReady();
      if (next !== null) this.#begin(next);
      else if (this.#running.size > 0) await Promise.race(this.#running.values());
      else break;
    }
    keepCache(() => this.#inputs.save());
    return this.#failure;
  }

  /** Every line of the journal goes through here: one that cannot be written ends the run, from wherever it came. */
  #tell(event: NewEvent): void {
    try {
      this.#request.journal.append(event);
    } catch (error) {
      if (!(error instanceof StepLabError)) throw error;
      this.#fail(error);
    }
  }

  #fail(error: StepLabError): void {
    this.#failure ??= error;
    this.#stop.abort(error);
  }

  #begin(stage: Stage): void {
    this.#cpus += stage.resources.cpus;
    this.#memoryBytes += stage.resources.memoryBytes ?? 0;
    const work = this.#runOne(stage).finally(() => {
      this.#running.delete(stage.name);
      this.#cpus -= stage.resources.cpus;
      this.#memoryBytes -= stage.resources.memoryBytes ?? 0;
    });
    this.#running.set(stage.name, work);
  }

  /** The first stage whose needs are met and for which there is room; null when none is. */
  #takeReady(): Stage | null {
    // Without room nothing can begin; who is blocked is told when there is.
    if (this.#running.size >= this.#request.jobs && !this.#signal.aborted) return null;
    for (const [position, stage] of this.#waiting.entries()) {
      const needs = needsOf(stage);
      const blocked = needs.filter((name) => this.#isBlocked(name));
      if (blocked.length > 0 || this.#signal.aborted) {
        this.#waiting.splice(position, 1);
        this.#leave(stage, blocked);
        return this.#takeReady();
      }
      if (!needs.every((name) => this.#done.has(name))) continue;
      if (!this.#hasRoom(stage)) continue;
      this.#waiting.splice(position, 1);
      return stage;
    }
    return null;
  }

  /** A stage that asks for more than the machine has runs alone. */
  #hasRoom({ resources }: Stage): boolean {
    if (this.#running.size === 0) return true;
    return (
      this.#cpus + resources.cpus <= this.#request.jobs &&
      this.#memoryBytes + (resources.memoryBytes ?? 0) <= MEMORY_BYTES
    );
  }

  #isBlocked(name: string): boolean {
    const record = this.#done.get(name);
    return record !== undefined && record.status !== "succeeded" && record.status !== "cached";
  }

  /** A stage that is not begun, for the reason given: its record says only what would have run. */
  #leave(stage: Stage, blocked: string[]): void {
    // Named are the stages to mend, not those between that never ran either.
    const causes = new Set(blocked.flatMap((name) => this.#left.get(name) ?? [name]));
    this.#left.set(stage.name, [...causes]);
    const reason =
      causes.size > 0
        ? `needs ${[...causes].join(", ")}`
        : this.#failure === null
          ? "the run was cancelled"
          : "the archive cannot be written";
    this.#tell({
      type: "stage-planned",
      stage: stage.name,
      decision: "not-run",
      key: null,
      reason,
    });
    const record = this.#request.stages[stage.name];
    if (record !== undefined) this.#end(stage, { ...record, reason });
  }

  #end(stage: Stage, record: StageRecord): void {
    this.#request.stages[stage.name] = record;
    this.#done.set(stage.name, record);
    this.#tell({ type: "stage-ended", stage: stage.name, status: record.status, record });
  }

  async #runOne(stage: Stage): Promise<void> {
    let record: StageRecord;
    try {
      record = await this.#decideAndRun(stage);
    } catch (error) {
      if (!(error instanceof StepLabError)) throw error;
      record = this.#failed(stage, error);
    }
    const code = record.error?.name ?? "";
    if (code.startsWith("archive/"))
      this.#fail(new StepLabError(code as Code, record.error?.message ?? ""));
    this.#end(stage, record);
  }

  async #decideAndRun(stage: Stage): Promise<StageRecord> {
    const { judged, planner, selected, settings, id } = this.#request;
    const contract = judged.contracts[stage.name] ?? { parameters: {}, inputs: {}, outputs: {} };
    const inputs = await this.#inputs.bind(stage, contract.inputs, this.#done);
    const isSelected = selected.has(stage.name);
    // No two stages of a run have one key: the seed in it is made of the stage's name.
    const decision = planner.decide(stage, inputs, { force: settings.force && isSelected });
    if (decision.decision === "run" && !isSelected) {
      throw new StepLabError(
        "run/upstream-missing",
        `Stage "${stage.name}" is not selected and has no cached result (${decision.reason}).`,
        {
          hint: `Run it too: leave --from and --only out, or begin with --from ${stage.name}.`,
        },
      );
    }
    this.#tell({
      type: "stage-planned",
      stage: stage.name,
      decision: decision.decision,
      key: decision.key,
      reason: decision.reason,
      ...(settings.explain &&
        decision.decision === "run" && { changes: await planner.changes(stage, inputs, decision) }),
    });
    if (decision.decision === "cached") return this.#takeCached(stage, decision, inputs);
    const record = { ...(await this.#execute(stage, decision, inputs)), reason: decision.reason };
    keepCache(() => planner.remember(stage, decision.parts, inputs, record));
    // Code saved while the stage ran: nobody can say which of the two texts made these results, so no key leads to them.
    if (record.status === "succeeded" && planner.isCurrent(stage, inputs, decision.key))
      planner.succeeded({
        version: 1,
        key: decision.key,
        parts: decision.parts,
        record: { ...record, executedIn: id },
      });
    return record;
  }

  async #execute(
    stage: Stage,
    decision: Decision & { decision: "run" },
    inputs: Record<string, BoundInput>,
  ): Promise<StageRecord> {
    const { settings, judged, store, id, folder, archive, stages, planner, jobs } = this.#request;
    const { runStage } = await import("./execute/stage-run.ts");
    const planned = stages[stage.name];
    if (planned === undefined) throw new Error(`stage "${stage.name}" runs and was not planned`);
    const scratch = join(archive.scratch, id, stage.name);
    const request: StageRunRequest = {
      projectRoot: settings.projectRoot,
      run: id,
      runFolder: folder,
      folder: stageFolder(planned.index, stage.name),
      scratch,
      stage,
      planned,
      contract: judged.contracts[stage.name] ?? { parameters: {}, inputs: {}, outputs: {} },
      modules: planner.keepModules(decision.parts),
      inputs,
      key: decision.key,
      seed: planner.seedOf(stage),
      mode: "headless",
      store,
      kernel: async (name, folder) => {
        const taken = this.#pool.take(name, folder);
        this.#pool.warm(Math.min(jobs, this.#waiting.length));
        return await taken;
      },
      signal: this.#signal,
      tell: (event) => this.#tell(event),
      now: () => settings.effects.now(),
    };
    return await runStage(request);
  }

  /** A folder for a cached stage too: its description as it is now, the rest links to what its run left. */
  #takeCached(
    stage: Stage,
    decision: Decision & { decision: "cached" },
    inputs: Record<string, BoundInput>,
  ): StageRecord {
    const { store, folder: runFolder, stages } = this.#request;
    const made = decision.entry.record;
    const index = stages[stage.name]?.index ?? made.index;
    const folder = stageFolder(index, stage.name);
    writeStageFolder(join(runFolder, folder), stage);
    const path = made.notebook.executed === null ? null : `${folder}/${stage.name}.ipynb`;
    if (path !== null && made.notebook.executed !== null) {
      placeArtifact(
        store,
        { digest: made.notebook.executed, bytes: 0, folder: false },
        join(runFolder, path),
        { linked: true },
      );
    }
    const outputs = Object.fromEntries(
      Object.entries(made.outputs).map(([name, output]) => {
        const place = `${folder}/${output.path.split("/").at(-1)}`;
        const isFolder = output.mediaType === FOLDER_MEDIA_TYPE;
        placeArtifact(
          store,
          { digest: output.digest, bytes: output.bytes, folder: isFolder },
          join(runFolder, place),
          { linked: true },
        );
        return [name, { ...output, path: place }];
      }),
    );
    return {
      ...made,
      index,
      status: "cached",
      reason: decision.reason,
      notebook: { ...made.notebook, path },
      // The notebooks of attempts that failed before lie in the run that `executedIn` names.
      attempts: made.attempts.map(({ status, startedAt, endedAt }) => ({
        status,
        startedAt,
        endedAt,
      })),
      inputs: Object.fromEntries(
        Object.entries(inputs).map(([name, { source, digest, bytes }]) => [
          name,
          { source, digest, bytes },
        ]),
      ),
      outputs,
    };
  }

  /** What kept a stage from beginning: its inputs, or a result that is not there. */
  #failed(stage: Stage, error: StepLabError): StageRecord {
    const { stages, settings } = this.#request;
    const record = stages[stage.name];
    if (record === undefined) throw error;
    const wasNotAsked = error.code === "run/upstream-missing" || settings.signal.aborted;
    return {
      ...record,
      status: wasNotAsked ? "not-run" : "failed",
      error: outsideError(error, settings.projectRoot),
    };
  }
}

/** The selected stages and, for their inputs, all that they need. */
function neededStages(judged: Judged, selected: Set<string>): Set<string> {
  const byName = new Map(judged.pipeline.stages.map((stage) => [stage.name, stage]));
  const needed = new Set(selected);
  for (const name of needed) {
    const stage = byName.get(name);
    if (stage !== undefined) for (const need of needsOf(stage)) needed.add(need); // a Set iterates what is added to it
  }
  return needed;
}
