/** A stage without a kernel: the host that a kernel would install, its cells ended by hand. What kernels do is tested with real ones. */
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Contract } from "../../core/contract.ts";
import { digestOfFile, type ArtifactDigest } from "../../core/digest.ts";
import type { CheckFact, Fact, MetricFact, OutputFact } from "../../core/fact.ts";
import {
  HOST_SYMBOL,
  type Bindings,
  type CellEnd,
  type Host,
  type InputBinding,
  type MimeBundle,
} from "../../core/host.ts";

const scope = globalThis as Record<symbol, unknown>; // symbols are not in the type of globalThis

export interface StageHostOptions {
  mode?: Bindings["mode"] | "unbound" | "declare";
  /** Files (or folders) bound to inputs, by name. */
  inputs?: Record<string, { path: string; kind?: InputBinding["kind"]; mediaType?: string }>;
  projectRoot?: string;
}

export class StageHost implements Host, Disposable {
  readonly version = 1;
  readonly steplab = "0.0.0";
  readonly notebookUrl: string;
  readonly random = Math.random;
  readonly root = mkdtempSync(join(tmpdir(), "steplab-stage-"));
  readonly facts: Fact[] = [];
  readonly shown: MimeBundle[] = [];
  readonly declared: Contract = { parameters: {}, inputs: {}, outputs: {} };
  readonly declare?: (part: Partial<Contract>) => void;
  bindings: Bindings | null = null;
  cell: { id: string | null; count: number } = { id: "cell-1", count: 1 };
  readonly #cellEnd: ((end: CellEnd) => void | Promise<void>)[] = [];
  readonly #settle: (() => void | Promise<void>)[] = [];

  constructor(options: StageHostOptions = {}) {
    const { mode = "headless", inputs = {}, projectRoot = this.root } = options;
    this.notebookUrl = `file://${projectRoot}/notebooks/stage.ipynb`;
    if (mode === "declare") this.declare = (part) => void Object.assign(this.declared, part);
    else if (mode !== "unbound") this.bind(this.#bindingsFor(mode, inputs, projectRoot));
    scope[HOST_SYMBOL] = this;
  }

  [Symbol.dispose](): void {
    if (scope[HOST_SYMBOL] === this) delete scope[HOST_SYMBOL];
    rmSync(this.root, { recursive: true, force: true });
  }

  bind(bindings: Bindings): void {
    this.bindings = bindings;
  }
  display(bundle: MimeBundle): void {
    this.shown.push(bundle);
  }
  clearOutput(): void {}
  emit(fact: Fact): void {
    this.facts.push(fact);
  }
  protect(): void {}
  prompt(): string {
    throw new Error("nobody answers here");
  }
  onCellEnd(hook: (end: CellEnd) => void | Promise<void>): void {
    this.#cellEnd.push(hook);
  }
  onSettle(hook: () => void | Promise<void>): void {
    this.#settle.push(hook);
  }

  /** What the kernel does when a cell's evaluation is done. */
  async endCell(nextId = `cell-${this.cell.count + 1}`): Promise<void> {
    for (const hook of this.#cellEnd) await hook({ status: "ok" });
    this.cell = { id: nextId, count: this.cell.count + 1 };
  }
  async settle(): Promise<void> {
    for (const hook of this.#settle) await hook();
  }

  get checks(): CheckFact[] {
    return this.facts.filter((fact) => fact.fact === "check");
  }
  get metrics(): MetricFact[] {
    return this.facts.filter((fact) => fact.fact === "metric");
  }
  output(name: string): OutputFact {
    const found = this.facts.find((fact) => fact.fact === "output" && fact.name === name);
    if (found?.fact !== "output") throw new Error(`no output "${name}" was written`);
    return found;
  }
  /** Absolute path of a staged output. */
  staged(name: string): string {
    return join(this.bindings?.staging ?? "", this.output(name).staged ?? "");
  }
  get texts(): string[] {
    return this.shown.map(({ "text/plain": text }) => (typeof text === "string" ? text : ""));
  }

  #bindingsFor(
    mode: Bindings["mode"],
    inputs: NonNullable<StageHostOptions["inputs"]>,
    projectRoot: string,
  ): Bindings {
    const staging = join(this.root, "staging");
    mkdirSync(staging, { recursive: true });
    return {
      version: 1,
      mode,
      run: "2026-11-21T010203Z-6f3a",
      stage: "process",
      seed: "a".repeat(64),
      inputs: Object.fromEntries(
        Object.entries(inputs).map(([name, input]) => [name, bindingOf(name, input)]),
      ),
      staging,
      scratch: join(this.root, "scratch"),
      projectRoot,
      notebook: join(projectRoot, "notebooks/stage.ipynb"),
    };
  }
}

function bindingOf(
  name: string,
  {
    path,
    kind = "table",
    mediaType = "",
  }: { path: string; kind?: InputBinding["kind"]; mediaType?: string },
): InputBinding {
  const isFolder = kind === "folder" || kind === "model";
  const { digest, bytes } = isFolder
    ? { digest: `sha256:${"0".repeat(64)}` as ArtifactDigest, bytes: 0 } // folders have no bytes of their own
    : digestOfFile(path);
  return { kind, path, digest, bytes, mediaType, source: { stage: "before", output: name } };
}
