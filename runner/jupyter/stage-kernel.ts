/**
 * A kernel as an attempt at a stage sees it, whoever made it and wherever it runs: steplab's own beside the runner
 * (`KernelClient`), one of another make (`ForeignKernel`), one that sees other files (`MirroredKernel`).
 */
import type { Fact } from "../../core/fact.ts";
import { HOST_VERSION, type Bindings } from "../../core/host.ts";
import type { Json } from "../../core/json.ts";
import type { KernelFacts } from "../../lineage/record.ts";
import type { KernelExit, KernelProcessOptions } from "./kernel-process.ts";

/** What a cell says while it runs: type and content of a message on the kernel's iopub channel. */
export interface KernelOutput {
  type: string;
  content: Record<string, unknown>;
}

/** What the kernel answered; `metadata.steplab` is our kernel's own measure of the cell. */
export interface ExecuteResult {
  status: "ok" | "error" | "aborted";
  error: { name: string; message: string; traceback: string[] } | null;
  wallMs: number | null;
  cpuMs: number | null;
  peakRssBytes: number | null;
  errorAt: { line: number | null; column: number | null; cell: number | null } | null;
}

/** A cell to be executed. */
export interface CellCode {
  number: number;
  id: string;
  source: string;
}

export interface StageKernel {
  /** Null where it is not on this machine for sure. */
  readonly pid: number | null;
  /** Resolves when the process has ended or is lost, whoever ended it; never rejects. */
  readonly exited: Promise<KernelExit>;
  /** For the record: null of steplab's own kernel on this machine. */
  readonly facts: KernelFacts | null;
  set onLog(onLog: KernelProcessOptions["onLog"]);
  /** The notebook has read this environment variable as a secret. */
  protect(secret: string): void;
  /** Loads what every stage imports first, while nobody waits for it. */
  preload?(): Promise<void>;
  /** @throws StepLabError `kernel/not-started` */
  ready(): Promise<void>;
  /**
   * Gives the kernel all that its stage needs. Facts come in order with the outputs of their cell.
   * @param code what the stage is made of, relative to the project's root: its notebook first, then its modules
   */
  bind(
    bindings: Bindings,
    onFact: (fact: Fact) => void,
    code: readonly string[],
  ): Promise<ExecuteResult>;
  /** Rejects with `KernelDied` when the process ends before the reply. */
  runCell(cell: CellCode, onOutput: (output: KernelOutput) => void): Promise<ExecuteResult>;
  /** After the last cell: what the stage still owes. */
  settle(): Promise<ExecuteResult>;
  /**
   * At the stage's end, however it came: what it has staged lies in the staging folder afterwards, if that is wanted.
   * @throws StepLabError `server/…`
   */
  collect?(isWanted: boolean): Promise<void>;
  /** Ends the running cell; its reply says so. */
  interrupt(): Promise<void>;
  kill(): void;
  /** Asks the kernel to end; kills it when it does not within `graceMs`. */
  close(graceMs?: number): Promise<void>;
}

/** Code by which the runner calls the kernel's host, which is under one global symbol (`core/host.ts`). */
export function hostCall(method: string, ...given: Json[]): string {
  const words = given.map((each) => JSON.stringify(each)).join(", ");
  // `any`: the code is a cell, in which nothing is known of the host. tslab takes no `await` of what its compiler knows nothing about.
  return `await Promise.resolve((globalThis as any)[Symbol.for("steplab.host/${HOST_VERSION}")].${method}(${words}))`;
}
