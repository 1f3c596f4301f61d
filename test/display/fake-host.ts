/** A host that keeps what it is told: what a notebook would show, without a kernel. Kernel behaviour is tested with real ones. */
import type { Fact } from "../../core/fact.ts";
import {
  HOST_SYMBOL,
  type Bindings,
  type CellEnd,
  type DisplayOptions,
  type Host,
  type MimeBundle,
} from "../../core/host.ts";

export interface Shown {
  bundle: MimeBundle;
  options: DisplayOptions;
}

export class FakeHost implements Host, Disposable {
  readonly version = 1;
  readonly steplab = "0.0.0";
  readonly notebookUrl = "file:///notebook.ipynb";
  readonly random = Math.random;
  bindings: Bindings | null = null;
  cell: { id: string | null; count: number } = { id: null, count: 1 };
  readonly shown: Shown[] = [];
  readonly facts: Fact[] = [];
  readonly #hooks: ((end: CellEnd) => void | Promise<void>)[] = [];

  constructor() {
    scope[HOST_SYMBOL] = this;
  }

  [Symbol.dispose](): void {
    delete scope[HOST_SYMBOL];
  }

  bind(bindings: Bindings): void {
    this.bindings = bindings;
  }
  display(bundle: MimeBundle, options: DisplayOptions = {}): void {
    this.shown.push({ bundle, options });
  }
  clearOutput(): void {}
  emit(fact: Fact): void {
    this.facts.push(fact);
  }
  protect(): void {}
  prompt(): string {
    throw new Error("nobody answers");
  }
  onCellEnd(hook: (end: CellEnd) => void | Promise<void>): void {
    this.#hooks.push(hook);
  }
  onSettle(): void {}
  async settle(): Promise<void> {}

  async endCell(): Promise<void> {
    for (const hook of this.#hooks) await hook({ status: "ok" });
    this.cell = { ...this.cell, count: this.cell.count + 1 };
  }

  /** What stands in the notebook: updates applied to what they replace. */
  outputs(): MimeBundle[] {
    const places = new Map<string, MimeBundle>();
    for (const { bundle, options } of this.shown) places.set(options.displayId ?? "", bundle);
    return [...places.values()];
  }

  html(): string {
    return this.outputs()
      .map((bundle) => textOf(bundle, "text/html"))
      .join("\n");
  }
}

const scope = globalThis as Record<symbol, unknown>; // symbols are not in the type of globalThis

export function textOf(bundle: MimeBundle | undefined, type: string): string {
  const text = bundle?.[type];
  if (typeof text !== "string") throw new Error(`nothing was shown as ${type}`);
  return text;
}
