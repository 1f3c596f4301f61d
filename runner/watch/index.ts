/**
 * `steplab watch` without a terminal: on every save the project is judged, and the stages that the save changed
 * are run and archived.
 *
 * A save while a run goes on cancels it only when it changes a stage that the run has begun with; what succeeded
 * before stays cached, so that beginning again costs the cells that would have been thrown away anyhow. Any other
 * save waits for the run's end. A stage that failed is not tried again before something it depends on changes.
 */
import { dirname, resolve } from "node:path";
import { StepLabError } from "../../core/error.ts";
import type { StageKey } from "../../core/digest.ts";
import type { RunEvent } from "../../lineage/event.ts";
import { lastMetrics } from "../../lineage/query/metric-changes.ts";
import { selectStages } from "../../pipeline/graph.ts";
import { openLint, type LintSession } from "../../pipeline/lint/session.ts";
import type { Lint } from "../judge.ts";
import type { Judged, RunOptions } from "../options.ts";
import { RUN_DEFAULTS } from "../options.ts";
import { outlook, type Outlook } from "../outlook.ts";
import { run } from "../run.ts";
import type { WatchEvent } from "./event.ts";
import { FileWatch } from "./file-watch.ts";

/** What a watch runs on a save, and whom it tells. */
export interface WatchOptions extends Omit<
  RunOptions,
  "force" | "signal" | "onEvent" | "onJudged"
> {
  /** Judge on every save, run nothing. */
  lintOnly: boolean;
  onEvent: (event: WatchEvent) => void;
}

/** Why a turn begins. */
type Cause = { kind: "start" | "again" | "force" } | { kind: "changed"; files: string[] };

/**
 * Watches a project until it is disposed.
 *
 *     await using watching = openWatch({ projectRoot, onEvent: (event) => console.log(event.type) });
 *     await watching.ended;
 */
export function openWatch(
  options: Partial<WatchOptions> & Pick<WatchOptions, "projectRoot" | "onEvent">,
): Watch {
  const { signal: _signal, onJudged: _onJudged, ...defaults } = RUN_DEFAULTS;
  return new Watch({ ...defaults, lintOnly: false, ...options });
}

/** A watch under way; disposing it ends it, a run under way is cancelled and archived. */
export class Watch implements AsyncDisposable {
  readonly #options: WatchOptions;
  readonly #files: FileWatch;
  /** Keeps the compiler and what it has read from save to save. */
  readonly #lint: LintSession;
  /** Keys that a run of this watch has tried, by stage: trying them again would end as it did. */
  readonly #tried = new Map<string, StageKey>();
  readonly #closing = new AbortController();
  #pending: Cause | null = { kind: "start" };
  #wake: () => void = () => undefined;
  #running: { controller: AbortController; keys: Map<string, StageKey> } | null = null;
  #reconsidering: Promise<void> = Promise.resolve();
  /** Settles when the watch ends; rejects with what was no fault of the project (a full disk, a bug). */
  readonly ended: Promise<void>;

  constructor(options: WatchOptions) {
    this.#options = options;
    this.#files = new FileWatch(
      options.projectRoot,
      (files) => this.#onFiles(files),
      (error) => options.onEvent({ type: "failed", error }),
    );
    this.#lint = openLint(options.projectRoot);
    this.ended = this.#loop();
  }

  /** Runs what is stale, tried before or not; with `force` the selected stages although nothing changed. */
  again({ force = false } = {}): void {
    this.#want({ kind: force ? "force" : "again" });
  }

  /** Cancels the run under way, if there is one, and waits until it is archived. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort();
    this.#running?.controller.abort();
    this.#wake();
    await this.ended.catch(() => undefined); // told to whoever awaits it
  }

  async #loop(): Promise<void> {
    try {
      while (!this.#closing.signal.aborted) {
        const cause = this.#pending;
        if (cause === null) {
          this.#options.onEvent({ type: "waiting" });
          await new Promise<void>((resolve) => (this.#wake = resolve));
          continue;
        }
        this.#pending = null;
        await this.#turn(cause);
      }
    } finally {
      this.#files[Symbol.dispose]();
      await this.#reconsidering;
      await this.#lint[Symbol.asyncDispose]();
    }
  }

  async #turn(cause: Cause): Promise<void> {
    if (cause.kind === "changed") this.#options.onEvent({ type: "changed", files: cause.files });
    const view = await this.#judge();
    if (view === null || this.#options.lintOnly || this.#closing.signal.aborted) return;
    this.#watchSources(view.judged);
    const selected = this.#selected(view);
    const stale = view.stages.filter(
      ({ stage, state }) => state === "stale" && selected.has(stage),
    );
    const isNew = stale.some(({ stage, key }) => key === null || this.#tried.get(stage) !== key);
    const mustRun = cause.kind === "force" || (cause.kind === "changed" ? isNew : stale.length > 0);
    if (mustRun) await this.#run({ force: cause.kind === "force" });
    else this.#options.onEvent({ type: "unaffected" });
  }

  /** Null when nothing can run; why is told. */
  async #judge(): Promise<Outlook | null> {
    const { onEvent } = this.#options;
    try {
      const view = await this.#outlook();
      const { pipeline, diagnostics } = view.judged;
      const stages = pipeline.stages.length;
      onEvent({ type: "linted", pipeline: pipeline.name, stages, diagnostics });
      return view;
    } catch (error) {
      if (!(error instanceof StepLabError)) throw error;
      if (error.code === "lint/errors")
        onEvent({ type: "linted", pipeline: null, stages: 0, diagnostics: error.diagnostics });
      else onEvent({ type: "failed", error });
      return null;
    }
  }

  async #outlook(): Promise<Outlook> {
    const { projectRoot, document, overrides, inputs, seed } = this.#options;
    const lint: Lint = (_root, options) => this.#lint.lint(options);
    return await outlook(projectRoot, document, overrides, { inputs, seed, lint });
  }

  #selected({ judged }: Outlook): ReadonlySet<string> {
    const selection = selectStages(judged.pipeline, this.#options.select);
    return selection.ok ? selection.stages : new Set(judged.order); // the run says what is wrong
  }

  async #run({ force }: { force: boolean }): Promise<void> {
    const { lintOnly: _lintOnly, onEvent, projectRoot, ...options } = this.#options;
    const controller = new AbortController();
    this.#running = { controller, keys: new Map() };
    try {
      const record = await run({
        ...options,
        projectRoot,
        force,
        signal: AbortSignal.any([controller.signal, this.#closing.signal]),
        onEvent: (event) => this.#onRunEvent(event),
      });
      const metrics = lastMetrics(projectRoot, record.pipeline);
      onEvent({
        type: "ran",
        record,
        metrics: metrics.filter((each) => each.run === record.run),
      });
    } catch (error) {
      // What keeps a run from beginning is mended by the next save; a full disk is not.
      if (!(error instanceof StepLabError) || error.code.startsWith("archive/")) throw error;
      onEvent({ type: "failed", error });
    } finally {
      this.#running = null;
      await this.#reconsidering;
    }
  }

  #onRunEvent(event: RunEvent): void {
    if (event.type === "stage-planned" && event.key !== null) {
      this.#running?.keys.set(event.stage, event.key);
      if (event.decision === "run") this.#tried.set(event.stage, event.key);
    }
    // It did not come to its end: nobody knows how it would have ended.
    if (event.type === "stage-ended" && event.status === "cancelled")
      this.#tried.delete(event.stage);
    this.#options.onEvent({ type: "run", event });
  }

  #onFiles(files: string[]): void {
    const before = this.#pending?.kind === "changed" ? this.#pending.files : [];
    this.#want({ kind: "changed", files: [...new Set([...before, ...files])].sort() });
    if (this.#running !== null)
      this.#reconsidering = this.#reconsidering.then(() => this.#reconsider());
  }

  #want(cause: Cause): void {
    // What a person asked for goes before what a save asks for.
    const isAsked = this.#pending?.kind === "again" || this.#pending?.kind === "force";
    if (!(isAsked && cause.kind === "changed")) this.#pending = cause;
    this.#wake();
  }

  /** Whether the run under way still does what it would do now. A project that does not lint at this moment says nothing about it. */
  async #reconsider(): Promise<void> {
    const running = this.#running;
    if (running === null || running.controller.signal.aborted) return;
    let view: Outlook;
    try {
      view = await this.#outlook();
    } catch {
      return; // the turn after the run's end tells why
    }
    const changed = view.stages.filter(({ stage, key }) => {
      const begun = running.keys.get(stage);
      return begun !== undefined && key !== null && key !== begun;
    });
    if (changed.length === 0 || this.#running !== running) return;
    this.#options.onEvent({ type: "superseded", stages: changed.map(({ stage }) => stage) });
    running.controller.abort();
  }

  /** Data may lie outside the project, where no save would be seen. */
  #watchSources({ pipeline }: Judged): void {
    const { projectRoot, inputs } = this.#options;
    for (const path of Object.values(inputs)) this.#files.add(dirname(path));
    for (const stage of pipeline.stages)
      for (const wire of Object.values(stage.inputs))
        if (wire.kind === "path") this.#files.add(dirname(resolve(projectRoot, wire.path)));
  }
}
