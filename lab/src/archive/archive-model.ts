/** What the list of runs knows: the newest runs as briefs, and the records of those that were opened. */
import type { IDisposable } from "@lumino/disposable";
import { Signal, type ISignal } from "@lumino/signaling";
import type { RunBrief } from "../../../lineage/query/brief.ts";
import type { RunId } from "../../../lineage/record.ts";
import type { Push, RunView } from "../../../runner/service/protocol.ts";
import type { Project } from "../project/project.ts";

/** Runs shown at first; each "more" shows as many again. */
const PAGE = 30;

export class ArchiveModel implements IDisposable {
  readonly project: Project;
  readonly #changed = new Signal<this, void>(this);
  readonly #records = new Map<RunId, RunView>();
  #runs: RunBrief[] | null = null;
  #more = false;
  #limit = PAGE;
  #trouble: string | null = null;
  #disposed = false;

  constructor(project: Project) {
    this.project = project;
    project.pushed.connect(this.#onPush);
    project.stateChanged.connect(this.#onState);
    void this.refresh();
  }

  get changed(): ISignal<this, void> {
    return this.#changed;
  }

  /** Newest first; null until the first answer. */
  get runs(): readonly RunBrief[] | null {
    return this.#runs;
  }

  get hasMore(): boolean {
    return this.#more;
  }

  get trouble(): string | null {
    return this.#trouble;
  }

  get isDisposed(): boolean {
    return this.#disposed;
  }

  /** Undefined until it was asked for and answered. */
  recordOf(run: RunId): RunView | undefined {
    return this.#records.get(run);
  }

  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    Signal.clearData(this);
    this.project.pushed.disconnect(this.#onPush);
    this.project.stateChanged.disconnect(this.#onState);
  }

  async refresh(): Promise<void> {
    await this.#ask(async () => {
      const { runs, more } = await this.project.ask("runs", { limit: this.#limit });
      this.#runs = runs;
      this.#more = more;
    });
  }

  async showMore(): Promise<void> {
    this.#limit += PAGE;
    await this.refresh();
  }

  async open(run: RunId): Promise<void> {
    await this.#ask(async () => {
      this.#records.set(run, await this.project.ask("record", { run }));
    });
  }

  async #ask(question: () => Promise<void>): Promise<void> {
    try {
      await question();
      this.#trouble = null;
    } catch (error) {
      this.#trouble = error instanceof Error ? error.message : String(error);
    }
    if (!this.#disposed) this.#changed.emit();
  }

  readonly #onPush = (_project: Project, push: Push): void => {
    if (push.push === "ended" || (push.push === "changed" && push.runs)) void this.refresh();
    // What a run would make again is another matter after every save.
    if (push.push === "changed" && push.files.length > 0) this.#records.clear();
  };

  readonly #onState = (): void => {
    if (this.project.state === "connected") void this.refresh();
  };
}
