/** The kernel's side of core/host.ts: what the module "steplab" finds in a notebook. */
import { createRandom } from "../core/random.ts";
import type { Fact } from "../core/fact.ts";
import type { Bindings, CellEnd, DisplayOptions, Host, MimeBundle } from "../core/host.ts";
import { HOST_SYMBOL, HOST_VERSION, HOST_VERSION_SYMBOL } from "../core/host.ts";
import type { Content } from "../core/wire/message.ts";
import { currentCell } from "./evaluate/cell.ts";
import type { ProjectModules } from "./evaluate/modules.ts";
import type { Output } from "./output.ts";
import type { Prompter } from "./prompt.ts";
import { Unhandled } from "./unhandled.ts";
import type { ReadWatch } from "./watch/index.ts";

export class KernelHost implements Host {
  readonly version = HOST_VERSION;
  readonly steplab: string;
  readonly random: () => number;
  readonly #output: Output;
  readonly #modules: ProjectModules;
  readonly #prompter: Prompter;
  readonly #watch: ReadWatch;
  readonly #cellEndHooks: ((end: CellEnd) => void | Promise<void>)[] = [];
  readonly #settleHooks: (() => void | Promise<void>)[] = [];
  readonly #unhandled = new Unhandled();
  #bindings: Bindings | null = null;
  /** Unseeded until bound: JupyterLab's cells are as random as any JavaScript. */
  #draw: () => number = Math.random;

  constructor(
    steplab: string,
    parts: { output: Output; modules: ProjectModules; prompter: Prompter; watch: ReadWatch },
  ) {
    this.steplab = steplab;
    this.#output = parts.output;
    this.#modules = parts.modules;
    this.#prompter = parts.prompter;
    this.#watch = parts.watch;
    // One function for ever: libraries keep the Math.random they saw at their import (arquero does).
    this.random = () => this.#draw();
  }

  /** Before any user code. */
  install(): void {
    const scope = globalThis as Record<symbol, unknown>; // the meeting place of kernel and notebook module
    scope[HOST_SYMBOL] = this;
    scope[HOST_VERSION_SYMBOL] = HOST_VERSION;
    Math.random = this.random;
  }

  get bindings(): Bindings | null {
    return this.#bindings;
  }

  get notebookUrl(): string {
    return this.#modules.notebookUrl;
  }

  get cell(): { id: string | null; count: number } {
    const request = currentCell()?.request;
    return { id: request?.cellId ?? null, count: request?.count ?? 0 };
  }

  bind(bindings: Bindings): void {
    this.#bindings = Object.freeze(bindings);
    this.#modules.bind(bindings.notebook, bindings.projectRoot);
    process.chdir(bindings.projectRoot);
    if (bindings.memoryBytes !== undefined)
      this.#output.send("memory", { limitBytes: bindings.memoryBytes });
    if (bindings.seed !== null) this.#draw = createRandom(bindings.seed);
    if (bindings.mode === "headless") this.#watch.begin(bindings);
  }

  display(bundle: MimeBundle, options: DisplayOptions = {}): void {
    const { metadata = {}, displayId, update = false } = options;
    const transient = displayId === undefined ? {} : { display_id: displayId };
    const content: Content = { data: bundle, metadata, transient };
    this.#output.send(update ? "update_display_data" : "display_data", content);
  }

  clearOutput(wait = false): void {
    this.#output.send("clear_output", { wait });
  }

  emit(fact: Fact): void {
    this.#output.send("fact", { ...fact });
  }

  /** In the ring, so that the worker knows the secret before the first output that could hold it. */
  protect(name: string, value: string): void {
    this.#output.send("secret", { name, value });
  }

  prompt(text: string, options: { password?: boolean } = {}): string {
    return this.#prompter.ask(text, options.password === true);
  }

  onCellEnd(hook: (end: CellEnd) => void | Promise<void>): void {
    this.#cellEndHooks.push(hook);
  }

  onSettle(hook: () => void | Promise<void>): void {
    this.#settleHooks.push(hook);
  }

  async settle(): Promise<void> {
    for (const hook of this.#settleHooks) await hook();
    this.#tellReads();
    await this.#unhandled.demandNone();
  }

  /** @returns what the first hook threw that is not yet the cell's error */
  async endCell(end: CellEnd): Promise<{ error: unknown } | null> {
    let outcome: { error: unknown } | null = null;
    for (const hook of this.#cellEndHooks) {
      try {
        await hook(end);
      } catch (error) {
        outcome ??= { error };
      }
    }
    this.#tellReads();
    return outcome;
  }

  #tellReads(): void {
    for (const fact of this.#watch.take()) this.emit(fact);
  }

  /** An error that no cell awaits: `settle` fails for it. */
  rememberLoose(error: unknown): void {
    this.#unhandled.remember(error);
  }
}
