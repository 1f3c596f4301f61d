/**
 * Where kernel and notebook module meet: one object under one versioned global symbol.
 *
 * The kernel installs a `Host` before any user code; the module a notebook imports as "steplab" finds
 * it with `findHost()`. Neither imports the other, so an installed "steplab" and the kernel that runs
 * the notebook may come from different copies: the version in the symbol decides whether they fit.
 * Without a kernel (a plain script, a unit test) `findHost()` is undefined and the module prints.
 */
import type { Contract } from "./contract.ts";
import type { ArtifactDigest } from "./digest.ts";
import type { Fact } from "./fact.ts";
import type { Json } from "./json.ts";

/** Raised when kernel and notebook module no longer fit each other's older ones. */
export const HOST_VERSION = 1;
/** Where the host of this version stands on `globalThis`. */
export const HOST_SYMBOL = Symbol.for(`steplab.host/${HOST_VERSION}`);
/** Every kernel also says its version here, so that a mismatch can name both. */
export const HOST_VERSION_SYMBOL = Symbol.for("steplab.host");

export type MimeBundle = Record<string, Json>;

export interface DisplayOptions {
  metadata?: Record<string, Json>;
  /** With an id, a later call with `update` replaces what was shown. */
  displayId?: string;
  update?: boolean;
  /** Binary parts are base64 strings in the bundle, as Jupyter wants them. */
}

/** Where an input's value lies and where it came from; made by the runner, or by the interactive binder. */
export interface InputBinding {
  kind: "table" | "json" | "file" | "folder" | "model";
  /** Absolute path of the stored object (a folder artifact: of its unpacked, read-only folder). */
  path: string;
  /**
   * Of a folder that is not unpacked yet: absolute path of its manifest in the store, just hashed and found right.
   * Its files are read where they lie, each checked as it is read; who wants them at `path` unpacks them there.
   */
  manifest?: string;
  digest: ArtifactDigest;
  bytes: number;
  mediaType: string;
  source: InputSource;
}

/** The record's `source` of an input (DESIGN 8). Paths of data outside the project are base names. */
export type InputSource =
  | { stage: string; output: string }
  | { path: string }
  | { url: string; etag: string | null }
  | { run: string; stage: string; output: string };

/** All that a stage needs from outside, given by a silent execute before the first cell. */
export interface Bindings {
  version: typeof HOST_VERSION;
  /** `test`: runStage. `interactive`: JupyterLab; outputs go to scratch and nothing is archived. */
  mode: "headless" | "interactive" | "test";
  run: string | null;
  stage: string;
  /** 64 lowercase hex digits: SHA-256 of the pipeline's seed and the stage's name; null leaves Math.random unseeded. */
  seed: string | null;
  inputs: Record<string, InputBinding>;
  /** Absolute. Written outputs are staged here as files (or folders) until the stage succeeded. */
  staging: string;
  /** Absolute. Free for temporary files of the stage; removed afterwards. */
  scratch: string;
  /** Resident memory that the kernel's process may have; absent: as much as there is. */
  memoryBytes?: number;
  /** Absolute; also the working directory. */
  projectRoot: string;
  /** Absolute path of the source notebook: imports resolve from it. A warm kernel learns it only here. */
  notebook: string;
}

/** How a cell ended, as the hooks see it. */
export interface CellEnd {
  status: "ok" | "error" | "interrupted";
}

export interface Host {
  readonly version: typeof HOST_VERSION;
  /** The kernel's own package version, for messages. */
  readonly steplab: string;
  /** Null until bound; the same object for the life of the kernel afterwards. */
  readonly bindings: Bindings | null;
  /** file: URL of the notebook's folder entry (the notebook itself), which imports resolve from. */
  readonly notebookUrl: string;
  /** Called by the silent execute. Seeds `random` and makes `bindings` visible. */
  bind(bindings: Bindings): void;
  display(bundle: MimeBundle, options?: DisplayOptions): void;
  clearOutput(wait?: boolean): void;
  /** Tells whoever runs the notebook a fact (a check's result, an output written); ordered with outputs. Dropped when nobody listens. */
  emit(fact: Fact): void;
  /** From here on, nothing that leaves the kernel holds this value: `[secret <name>]` stands in its place. */
  protect(name: string, value: string): void;
  /** Blocks until the person answered. Throws a StepLabError where no one can (headless). */
  prompt(text: string, options?: { password?: boolean }): string;
  /**
   * Runs after every cell's evaluation, before its reply, in order of registration; what it throws
   * becomes the cell's error (unless the cell has one already). Un-awaited writes and failed checks end cells here.
   */
  onCellEnd(hook: (end: CellEnd) => void | Promise<void>): void;
  /** Runs once when the runner settles the kernel before calling the stage succeeded. */
  onSettle(hook: () => void | Promise<void>): void;
  /** Called by the runner (silent execute) after the last cell: runs the settle hooks, then throws for an unhandled rejection. */
  settle(): Promise<void>;
  /** Set in declare mode only: told each declaration's part of the contract as the cell makes it. */
  readonly declare?: (part: Partial<Contract>) => void;
  /** The uniform [0, 1) generator behind `Math.random`; re-seeded by `bind`. */
  readonly random: () => number;
  /** The cell being executed: its nbformat id where the front end sends one (`cellId` metadata), and the execution count. */
  readonly cell: { id: string | null; count: number };
}

/** The kernel's host, or undefined outside a kernel. Throws when a kernel of another host version is there. */
export function findHost(): Host | undefined {
  const scope = globalThis as Record<symbol, unknown>; // symbols are not in the type of globalThis
  const host = scope[HOST_SYMBOL] as Host | undefined; // installed by the kernel alone
  const other = scope[HOST_VERSION_SYMBOL] as number | undefined; // as above
  if (host === undefined && other !== undefined) {
    throw new Error(
      `This notebook imports a "steplab" that speaks host version ${HOST_VERSION}, and its kernel speaks version ${other}. ` +
        `Install the kernel again with the project's own command: npx steplab kernel install`,
    );
  }
  return host;
}

/** The comm target a runner opens to be told facts. Nobody opened it: facts are dropped. */
export const FACTS_TARGET = "steplab.facts";
