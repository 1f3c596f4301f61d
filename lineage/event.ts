/**
 * The journal's events: one published union. Every live view, recovery and resume reads it; nothing else is
 * told about a run while it runs. `at` is milliseconds since the epoch, so that appending costs nothing.
 */
import type { ArtifactDigest, Digest, StageKey } from "../core/digest.ts";
import type { CheckFact, MetricFact, NoteFact, ProgressFact, ReadFact } from "../core/fact.ts";
import type { InputSource } from "../core/host.ts";
import type { Json } from "../core/json.ts";
import type { DiffHunk } from "../core/line-diff.ts";
import type { EnvironmentFacts, GitFacts, RunId, StageRecord } from "./record.ts";
import type { CellStatus, RunStatus, StageStatus } from "./status.ts";

/** One line of a run's journal: something that happened, and when (`at`, milliseconds since 1970). */
export type RunEvent = { at: number } & (
  | RunStarted
  | SourceFetched
  | StagePlanned
  | StageStarted
  | CellStarted
  | CellEnded
  | StageTold
  | StageLogged
  | AttemptEnded
  | StageEnded
  | RunEnded
);

/** First line of every journal: enough to write an `interrupted` record if the owner dies before any other. */
export interface RunStarted {
  type: "run-started";
  run: RunId;
  pipeline: string;
  document: string;
  seed: number;
  profile: string | null;
  /** The process that owns the run; with its start time, so that a reused pid is not taken for the owner. */
  owner: { pid: number; startedAt: string | null; host: string };
  git: GitFacts | null;
  environment: EnvironmentFacts;
  /** Every stage of the pipeline, as it will stand in the record if nothing more is heard of it. */
  stages: Record<string, StageRecord>;
}

export interface SourceFetched {
  type: "source-fetched";
  stage: string;
  input: string;
  source: InputSource;
  digest: ArtifactDigest;
  bytes: number;
}

export interface StagePlanned {
  type: "stage-planned";
  stage: string;
  decision: "run" | "cached" | "not-run";
  key: StageKey | null;
  /** Why: which part of the key changed, from what to what (`--explain`). */
  reason: string;
  /** The same in full, where it was asked for: code as a diff. */
  changes?: KeyChange[];
}

/** One difference between a key and the one before. */
export type KeyChange =
  | {
      part: "cell";
      change: ChangeKind;
      cell: { number: number; id: string; slot: string | null };
      hunks: DiffHunk[];
    }
  | {
      part: "module";
      change: ChangeKind;
      path: string;
      /** Null where the earlier text is not known. */
      hunks: DiffHunk[] | null;
    }
  /** The notebook's code as a whole: its earlier text is not known (null), or its cells only changed places (none). */
  | { part: "code"; hunks: DiffHunk[] | null }
  | { part: "input"; name: string; from: ChangedInput | null; to: ChangedInput | null }
  /** Null: it was not there, or is no longer. */
  | { part: "parameter" | "package" | "setting"; name: string; from: Json; to: Json };

type ChangeKind = "changed" | "added" | "removed";

/** What is known of an input without reading it. */
export interface InputFacts {
  bytes: number | null;
  /** Of a table that a stage wrote. */
  rows: number | null;
}

interface ChangedInput extends InputFacts {
  digest: Digest;
}

export interface StageStarted {
  type: "stage-started";
  stage: string;
  attempt: number;
  kernelPid: number | null;
  cells: number;
  /** The stage as it stands in the record if its owner dies now: what it was given, nothing of what it did. */
  record: StageRecord;
}

export interface CellStarted {
  type: "cell-started";
  stage: string;
  attempt: number;
  /** Number from 1 in the notebook, and its nbformat id. */
  cell: { number: number; id: string; slot: string | null };
  /** First line of the code, cut: what the live line shows. */
  title: string;
}

export interface CellEnded {
  type: "cell-ended";
  stage: string;
  attempt: number;
  cell: { number: number; id: string; slot: string | null };
  status: CellStatus;
  wallMs: number | null;
  cpuMs: number | null;
  peakRssBytes: number | null;
}

/** What the notebook told: the fact as it came. */
export interface StageTold {
  type: "stage-told";
  stage: string;
  attempt: number;
  fact:
    | CheckFact
    | MetricFact
    | NoteFact
    | ProgressFact
    | ReadFact
    | { fact: "output"; name: string; kind: string };
}

/** What the kernel's process wrote to its own standard streams (native code, crashes). */
export interface StageLogged {
  type: "stage-logged";
  stage: string;
  stream: "stdout" | "stderr";
  text: string;
}

/** An attempt that is followed by another (`retries`); the last one's end is `stage-ended`. */
export interface AttemptEnded {
  type: "attempt-ended";
  stage: string;
  attempt: number;
  status: StageStatus;
  /** Why it did not succeed. */
  message: string;
  /** Until the next one begins, milliseconds. */
  pauseMs: number;
}

export interface StageEnded {
  type: "stage-ended";
  stage: string;
  status: StageStatus;
  /** The stage as it will stand in the record: recovery needs nothing else. */
  record: StageRecord;
}

export interface RunEnded {
  type: "run-ended";
  status: RunStatus;
}

export type { Digest, Json };
