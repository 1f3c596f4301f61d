/**
 * What the panel knows: the pipeline as its service sees it, and the run that goes on, followed event by event. It asks
 * again when files or runs change, also for runs of a terminal, and finds a running run again after a reload.
 */
import type { IDisposable } from "@lumino/disposable";
import { Signal, type ISignal } from "@lumino/signaling";
import type { RunId } from "../../../lineage/record.ts";
import type { PipelineView, Push, RunRequest } from "../../../runner/service/protocol.ts";
import type { Project } from "../project/project.ts";
import { failureOf } from "../project/refusal.ts";
import { withEvents, type RunProgress } from "./run-progress.ts";

/** Files change in bursts: a save touches several. */
const QUIET_MS = 150;

export interface Trouble {
  message: string;
  hint: string | null;
  /** Where lint refused the run: how many errors. */
  errors: number;
}

export class PipelineModel implements IDisposable {
  readonly project: Project;
  readonly #changed = new Signal<this, void>(this);
  #view: PipelineView | null = null;
  #run: RunProgress | null = null;
  #trouble: Trouble | null = null;
  #starting = false;
  #timer: number | undefined;
  #asking = false;
  #again = false;
  #followed: RunId | null = null;
  #disposed = false;

  constructor(project: Project) {
    this.project = project;
    project.pushed.connect(this.#onPush);
    project.stateChanged.connect(this.#onState);
    void this.refresh();
  }

  /** Something that a view shows is another one now. */
  get changed(): ISignal<this, void> {
    return this.#changed;
  }

  /** Null until the first answer. */
  get view(): PipelineView | null {
    return this.#view;
  }

  /** The run that goes on, or the one that ended last while this page watched; null before. */
  get run(): RunProgress | null {
    return this.#run;
  }

  get isRunning(): boolean {
    return this.#starting || (this.#run !== null && this.#run.status === null);
  }

  /** Between the click and the run's first event: lint comes first. */
  get isStarting(): boolean {
    return this.#starting;
  }

  /** Why a run could not be started, or the project could not be asked; null when all is well. */
  get trouble(): Trouble | null {
    return this.#trouble;
  }

  get isDisposed(): boolean {
    return this.#disposed;
  }

  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    window.clearTimeout(this.#timer);
    Signal.clearData(this);
    this.project.pushed.disconnect(this.#onPush);
    this.project.stateChanged.disconnect(this.#onState);
  }

  /** One question at a time; what changes in the meantime is asked for once more. */
  async refresh(): Promise<void> {
    if (this.#asking) {
      this.#again = true;
      return;
    }
    this.#asking = true;
    try {
      do {
        this.#again = false;
        this.#view = await this.project.ask("pipeline", {});
        if (!this.#starting) this.#trouble = null;
        await this.#followRunning();
        this.#emit();
      } while (this.#again && !this.#disposed);
    } catch (error) {
      this.#fail(error);
    } finally {
      this.#asking = false;
    }
  }

  /** Starts a run; what keeps it from beginning is `trouble`. */
  async start(request: RunRequest): Promise<void> {
    if (this.isRunning) return;
    this.#starting = true;
    this.#trouble = null;
    this.#emit();
    try {
      const { run } = await this.project.ask("run", request);
      await this.#follow(run);
    } catch (error) {
      this.#fail(error);
    } finally {
      this.#starting = false;
      this.#emit();
    }
  }

  async cancel(): Promise<void> {
    const run = this.#run?.run;
    if (run === undefined) return;
    try {
      await this.project.ask("cancel", { run: run as RunId } /* of a run-started event */);
    } catch (error) {
      this.#fail(error);
    }
  }

  async #followRunning(): Promise<void> {
    const running = this.#view?.running.at(-1)?.run;
    if (running !== undefined && running !== this.#run?.run) await this.#follow(running);
  }

  async #follow(run: RunId): Promise<void> {
    this.#run = null;
    this.#followed = run;
    await this.project.ask("follow", { run });
  }

  readonly #onPush = (_project: Project, push: Push): void => {
    if (push.push === "events") {
      if (push.run !== this.#followed) return;
      this.#run = withEvents(this.#run, push.events);
      this.#emit();
    } else if (push.push === "ended") {
      // Without a last event its owner died.
      if (push.run === this.#followed && this.#run !== null && this.#run.status === null)
        this.#run = { ...this.#run, status: "interrupted" };
      void this.refresh();
    } else this.#soon();
  };

  readonly #onState = (): void => {
    this.#emit();
    if (this.project.state === "connected") void this.refresh(); // it has missed what happened meanwhile
  };

  #soon(): void {
    window.clearTimeout(this.#timer);
    this.#timer = window.setTimeout(() => void this.refresh(), QUIET_MS);
  }

  #fail(error: unknown): void {
    const { message, hint = null, diagnostics = [] } = failureOf(error);
    const errors = diagnostics.filter(({ severity }) => severity === "error").length;
    this.#trouble = { message, hint, errors };
    this.#emit();
  }

  #emit(): void {
    if (!this.#disposed) this.#changed.emit();
  }
}
