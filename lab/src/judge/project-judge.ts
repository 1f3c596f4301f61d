/**
 * What lint says of a project, kept true while people type: unsaved texts are handed to the service when typing
 * pauses, and the judgement of them is told to every view. One judgement is under way at a time.
 */
import { Signal, type ISignal } from "@lumino/signaling";
import type { Failure, Judgement } from "../../../runner/service/protocol.ts";
import { failureOf } from "../project/refusal.ts";
import type { Project } from "../project/project.ts";

const PAUSE_MS = 200;

/** A document that is open in the page. */
export interface OpenText {
  /** The project's path. */
  readonly path: string;
  /** Null while it is as it is saved. */
  unsaved(): string | null;
}

export class ProjectJudge {
  readonly project: Project;
  readonly #open = new Set<OpenText>();
  /** What the service was told, by path. */
  readonly #told = new Map<string, string>();
  readonly #judged = new Signal<this, Judgement>(this);
  readonly #waiting = new Set<() => void>();
  #judgement: Judgement | null = null;
  #failure: Failure | null = null;
  #timer: number | null = null;
  #isRunning = false;
  /** Counts what may change the judgement, and how much of that the last one knew. */
  #changes = 1;
  #known = 0;

  constructor(project: Project) {
    this.project = project;
    project.pushed.connect((_, push) => {
      if (push.push === "changed" && push.files.length > 0) this.touch();
    });
    project.stateChanged.connect((_, state) => {
      if (state === "connected" && this.#failure !== null) this.touch();
    });
  }

  /** The last one; null until there is one. */
  get judgement(): Judgement | null {
    return this.#judgement;
  }

  /** Why there was no newer one; null when there was. */
  get failure(): Failure | null {
    return this.#failure;
  }

  /** Also when nothing changed: views compare what they show. */
  get judged(): ISignal<this, Judgement> {
    return this.#judged;
  }

  /** From now on the document's unsaved text counts, until what is returned is called. */
  follow(text: OpenText): () => void {
    this.#open.add(text);
    this.touch(0);
    return () => {
      this.#open.delete(text);
      this.touch(0);
    };
  }

  /** Something changed: judges again after a pause. */
  touch(pauseMs = PAUSE_MS): void {
    this.#changes++;
    if (this.#timer !== null) window.clearTimeout(this.#timer);
    this.#timer = window.setTimeout(() => void this.#run(), pauseMs);
  }

  /** Resolves when everything until now is judged, could not be, or after `patienceMs`. */
  async settled(patienceMs: number): Promise<void> {
    const wanted = this.#changes;
    const end = Date.now() + patienceMs;
    void this.#run();
    while (this.#known < wanted && this.#isRunning && Date.now() < end)
      await new Promise<void>((resolve) => {
        this.#waiting.add(resolve);
        window.setTimeout(resolve, end - Date.now());
      });
  }

  async #run(): Promise<void> {
    if (this.#timer !== null) window.clearTimeout(this.#timer);
    this.#timer = null;
    if (this.#isRunning) return; // whoever runs sees what changed
    this.#isRunning = true;
    try {
      while (this.#known < this.#changes) await this.#judge();
    } catch (error) {
      this.#failure = failureOf(error); // the next change, or connection, tries again
    } finally {
      this.#isRunning = false;
      this.#wake();
    }
  }

  async #judge(): Promise<void> {
    const changes = this.#changes;
    const texts = this.#news();
    // Both are on their way at once: a server between costs a message some 40 ms, and they arrive in order.
    const told =
      Object.keys(texts).length > 0 ? this.project.ask("edit", { texts }) : Promise.resolve({});
    const [judgement] = await Promise.all([this.project.ask("lint", {}), told]);
    this.#failure = null;
    this.#known = changes;
    this.#judgement = { ...judgement, diagnostics: judgement.diagnostics.filter(isForPages) };
    this.#wake();
    this.#judged.emit(this.#judgement);
  }

  /** Texts that the service does not know yet, and null for those that it is to forget. */
  #news(): Record<string, string | null> {
    const unsaved = new Map<string, string>();
    for (const each of this.#open) {
      const text = each.unsaved();
      if (text !== null) unsaved.set(each.path, text);
    }
    const news: Record<string, string | null> = {};
    for (const path of this.#told.keys()) if (!unsaved.has(path)) news[path] = null;
    for (const [path, text] of unsaved) if (this.#told.get(path) !== text) news[path] = text;
    for (const [path, text] of Object.entries(news))
      if (text === null) this.#told.delete(path);
      else this.#told.set(path, text);
    return news;
  }

  #wake(): void {
    for (const resolve of this.#waiting) resolve();
    this.#waiting.clear();
  }
}

/** JupyterLab saves outputs, so that they are there tomorrow; whoever commits hears of them from the command line. */
function isForPages({ code }: Judgement["diagnostics"][number]): boolean {
  return code !== "structure/saved-outputs";
}
