/** The record: run.json, the single truth of a run, written last (DESIGN 8). */
import type { ArtifactDigest, Digest, StageKey } from "../core/digest.ts";
import type { ColumnSummary, NoteFact, ReadFact, TableSummary } from "../core/fact.ts";
import type { InputSource } from "../core/host.ts";
import type { Json } from "../core/json.ts";
import type { CellStatus, RunStatus, StageStatus } from "./status.ts";

/** A run's id, which is also the name of its folder in `runs/`: `2026-11-21T010203Z-6f3a`. */
export type RunId = string & { readonly run: unique symbol };

/** `run.json`: the one truth about a run, written last. */
export interface RunRecord {
  /** Version of this format. */
  steplab: 1;
  run: RunId;
  pipeline: string;
  /** The pipeline's document, relative to the project root. */
  document: string;
  status: RunStatus;
  /** ISO 8601, UTC, milliseconds. */
  startedAt: string;
  endedAt: string;
  seed: number;
  profile: string | null;
  git: GitFacts | null;
  environment: EnvironmentFacts;
  stages: Record<string, StageRecord>;
}

export interface GitFacts {
  commit: string | null;
  branch: string | null;
  tag: string | null;
  dirty: boolean;
  /** Digest of a stored list of the changed files: `{ files: [{ path, status, digest|null }], omitted }`. Null when clean. */
  changes: Digest | null;
  /** Why the repository could not be read, or not wholly; absent when it could. `dirty` is then true: nobody knows. */
  problem?: string;
}

export interface EnvironmentFacts {
  node: string;
  platform: string;
  /** Digest of package-lock.json; null where there is none. */
  lockfile: Digest | null;
  /** Name to version: what the stages' modules import, transitively as the lockfile says. */
  packages: Record<string, string>;
  steplab: string;
}

/** A stage in a run's record: how it ended, and all that it read and made. */
export interface StageRecord {
  /** Place in the order of the graph, from 1: the number in the folder's name. */
  index: number;
  status: StageStatus;
  /** The run whose results these are: this one, or for a cached stage the one that made them. */
  executedIn: RunId | null;
  key: StageKey | null;
  /** Why it ran, was taken as it was, or did not run: what `--explain` says. Null where nothing was decided. */
  reason: string | null;
  template: string;
  params: Record<string, Json>;
  /** Whether the same code, inputs, parameters and seed are sure to give the same again. */
  reproducible: boolean;
  /** Why not, in words. Absent when it is. */
  notReproducible?: string[];
  /** What its code read past its inputs. Absent when nothing was. */
  undeclaredReads?: UndeclaredRead[];
  /** What ran it; absent where that was steplab's own kernel beside the runner, or where nothing ran. */
  kernel?: KernelFacts;
  resumed: null;
  notebook: { source: Digest; executed: ArtifactDigest | null; path: string | null };
  /**
   * Project modules that the cells import, transitively, as they were: path from the project root to the stored bytes.
   * Null for one that was not kept (a password in an address). Absent where nothing ran, and in older records.
   */
  modules?: Record<string, ArtifactDigest | null>;
  inputs: Record<string, { source: InputSource; digest: ArtifactDigest; bytes: number }>;
  outputs: Record<string, OutputRecord>;
  checks: CheckRecord[];
  metrics: Record<string, MetricRecord>;
  notes: Omit<NoteFact, "fact">[];
  /** In their order; the last is the one that the rest of the record is about. */
  attempts: AttemptRecord[];
  cells: CellRecord[];
  error: StageError | null;
}

/** A kernel other than steplab's own on the runner's machine. */
export interface KernelFacts {
  /** As the notebook's kernelspec names it: `steplab`, `tslab`, `deno`. */
  name: string;
  /** Null where nobody says it. */
  version: string | null;
  /** Address of the Jupyter Server that carried it, without its token. */
  server?: string;
  /** How inputs and outputs came to such a server and back: a folder that both see, or its contents interface. */
  files?: "shared" | "contents";
  /** Messages of the protocol that the kernel owed and did not send: of which cell, and which. */
  lost?: { cell: number; message: "idle" | "reply" }[];
}

/** Something that a stage read and its key does not know. */
export type UndeclaredRead = Omit<ReadFact, "fact" | "replaces">;

export interface AttemptRecord {
  status: StageStatus;
  startedAt: string;
  endedAt: string;
  /** Why it was followed by another (`retries`), and its own executed notebook; absent of the last. */
  failed?: { message: string; notebook: { executed: ArtifactDigest; path: string } };
}

export interface OutputRecord {
  kind: "table" | "json" | "file" | "folder" | "model";
  digest: ArtifactDigest;
  bytes: number;
  mediaType: string;
  schema: Json;
  summary: TableSummary | Record<string, Json>;
  /** In the run's folder, relative to it. */
  path: string;
}

export interface CheckRecord {
  name: string;
  status: "passed" | "failed" | "warned";
  severity: "error" | "warn";
  rule?: string;
  value?: Json;
  rows?: {
    failed: number;
    total: number;
    first: { row: number; values: Record<string, Json> }[];
    artifact?: ArtifactDigest;
  };
}

export interface MetricRecord {
  value: number;
  goal: "min" | "max";
  unit: string | null;
  series: { step: number; value: number }[] | null;
}

export interface CellRecord {
  id: string;
  slot: string | null;
  status: CellStatus;
  wallMs: number | null;
  cpuMs: number | null;
  /** Highest resident memory of the kernel's process seen by the end of the cell. */
  peakRssBytes: number | null;
}

/** Why a stage did not succeed: what a person needs to find the place. */
export interface StageError {
  name: string;
  message: string;
  /** Number of the cell from 1, its id, and the line from 1, where a cell is to blame. */
  cell: { number: number; id: string; line: number | null } | null;
  /** Where the executed notebook lies, relative to the run's folder. */
  notebook: string | null;
  /** End of the kernel's standard error, exit code and signal, when its process died. */
  process: { exitCode: number | null; signal: string | null; stderr: string } | null;
  traceback: string[];
}

export type { ColumnSummary };
