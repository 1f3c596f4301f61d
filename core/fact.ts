/**
 * What a running notebook tells whoever runs it, one fact a message, over the `steplab.facts` comm.
 * The runner journals facts and makes the record of them; JupyterLab shows them.
 */
import type { Place } from "./diagnostic.ts";
import type { ArtifactDigest } from "./digest.ts";
import type { Json } from "./json.ts";
import type { Columns } from "./shape.ts";

export type Fact =
  | CheckFact
  | OutputFact
  | MetricFact
  | NoteFact
  | ProgressFact
  | ReadFact
  | SecretFact
  | MemoryFact;

export interface CheckFact {
  fact: "check";
  name: string;
  /** `warned`: it did not hold, and its severity is "warn". */
  status: "passed" | "failed" | "warned";
  severity: "error" | "warn";
  rule?: string;
  value?: Json;
  rows?: {
    failed: number;
    total: number;
    /** At most ten, as JSON, with their row number from 1 under `row`, cut to the columns of `show`. */
    first: { row: number; values: Record<string, Json> }[];
    /** The offending rows (cut to `show`) as a staged Parquet file, relative to staging; published even when the stage fails. */
    staged?: string;
  };
}

export interface OutputFact {
  fact: "output";
  name: string;
  kind: "table" | "json" | "file" | "folder" | "model";
  mediaType: string;
  /** Relative to staging; absent when the value is an input passed on unchanged. */
  staged?: string;
  /** Set when an input was passed on: the same artifact. */
  digest?: ArtifactDigest;
  /** Columns of a table, shape of a JSON value, signature of a model; `{}` where there is none. */
  schema: Json;
  summary: TableSummary | Record<string, Json>;
  /** False when something made the bytes depend on more than code, inputs, parameters and seed (several threads). */
  reproducible?: boolean;
}

export interface MetricFact {
  fact: "metric";
  name: string;
  value: number;
  /** Set for a point of a series (`log`); the metric's value is the last one. */
  step?: number;
}

export interface NoteFact {
  fact: "note";
  /** Stable within the stage run: `finding-1`, `decision-2`. */
  id: string;
  kind: "finding" | "assumption" | "decision";
  text: string;
  tags: string[];
  /** Digests of the inputs the note was made on. */
  on: { input: string; digest: ArtifactDigest }[];
  /** assumption: whether it held. */
  holds?: boolean;
  /** decision */
  because?: string[];
  sets?: Record<string, Json>;
  instead?: string[];
}

export interface ProgressFact {
  fact: "progress";
  /** Bars of one stage run are told apart by it. */
  id: string;
  label: string;
  done: number;
  total: number | null;
}

/** The notebook read a secret: by its name the runner keeps it out of what the kernel's process itself writes. */
export interface SecretFact {
  fact: "secret";
  name: string;
}

/**
 * Something that the notebook's code read past its inputs: the key does not know it, so a result may be taken for
 * current that is not. Told again, whole, when more of it is seen.
 */
export interface ReadFact {
  fact: "read";
  kind: "file" | "folder" | "environment" | "address";
  /**
   * A file or folder: relative to the project's root, outside of it the base name alone. A variable: its name, never its
   * value. An address: without user, password and what looks like a secret.
   */
  name: string;
  /** The file or folder lies outside the project. */
  outside?: true;
  /** `looked-at`: only whether it exists, its size or times were asked for. */
  how: "read" | "looked-at";
  /** The package that read it, where the project's own code did not do so itself. */
  package?: string;
  /** Where the project's code did it, or called what did: the first few places. Empty where the stack no longer knew. */
  places: ReadPlace[];
  /** How often it was seen, at least. */
  count: number;
  /** A folder: the files in it that were told one by one before they were too many. */
  replaces?: string[];
}

export interface ReadPlace {
  at: Place;
  /** The text of the line. */
  source?: string;
}

/** The kernel's process came near its stage's memory limit, and its cell was interrupted. */
export interface MemoryFact {
  fact: "memory";
  rssBytes: number;
  limitBytes: number;
}

/** What is known of a written table without reading it again: review, diff and monitoring read this. */
export interface TableSummary {
  rows: number;
  columns: Record<string, ColumnSummary>;
}

export interface ColumnSummary {
  nulls: number;
  /** Numbers, and ISO 8601 strings for dates and timestamps. */
  min?: number | string;
  max?: number | string;
  mean?: number;
  /** Exact up to a limit of the implementation, else approximate. */
  distinct?: number;
  /** Of a sample of the rows: equal-width bins of numbers between min and max, or the most frequent values of text. */
  histogram?:
    | { from: number; to: number; counts: number[] }
    | { values: string[]; counts: number[] };
}

export type { Columns };
