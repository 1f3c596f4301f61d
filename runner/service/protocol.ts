/**
 * What a front end asks the service of a project, and what it is told: the data of the comm `steplab.project`.
 *
 * A front end opens the comm in a kernel that was started somewhere in the project, and sends `Request`s; each is
 * answered by one `Reply` with the same `id`, not necessarily in order. `Push`es come unasked. All paths are relative
 * to the project's root, with forward slashes, unless said otherwise; lines and columns count from 1. Only types: the
 * extension of JupyterLab, a package of its own, is compiled against this file.
 */
import type { Diagnostic } from "../../core/diagnostic.ts";
import type { Json } from "../../core/json.ts";
import type { Shape } from "../../core/shape.ts";
import type { RunEvent } from "../../lineage/event.ts";
import type { ModuleChange } from "../../lineage/query/diff/code.ts";
import type { CellChange } from "../../lineage/query/diff/notebook.ts";
import type { ValueChange } from "../../lineage/query/diff/value.ts";
import type { RunBrief } from "../../lineage/query/brief.ts";
import type { RunUnderWay } from "../../lineage/query/under-way.ts";
import type { RunId, RunRecord } from "../../lineage/record.ts";
import type { StageStatus } from "../../lineage/status.ts";
import type { NotebookShape } from "../../pipeline/lint/notebook-shape.ts";

/** Changes when an older front end could not go on. */
export type ProtocolVersion = 1;

/** Question to arguments and answer. */
export interface Questions {
  /** Asked first. */
  hello: { asks: { version: ProtocolVersion }; answer: Hello };
  /**
   * Unsaved texts, as they would be saved: from now on they stand for the files. Null: the file's own text again.
   * A front end's texts are forgotten when it closes its comm.
   */
  edit: { asks: { texts: Record<string, string | null> }; answer: Record<string, never> };
  /** Judges the project with all unsaved texts. Runs no user code but declarations that are saved. */
  lint: { asks: Record<string, never>; answer: Judgement };
  /** The graph, how fresh each stage is, and what ran last. */
  pipeline: { asks: { document?: string }; answer: PipelineView };
  /** Starts a run in a process of its own, which goes on when front end and kernel end. Answered once it has an id. */
  run: { asks: RunRequest; answer: { run: RunId } };
  /** As Ctrl-C in a terminal would: the archive is written first. */
  cancel: { asks: { run: RunId }; answer: Record<string, never> };
  /** Pushes the run's events: all so far, then each as it is written, until its end. Of a run that has ended too. */
  follow: { asks: { run: RunId }; answer: Record<string, never> };
  unfollow: { asks: { run: RunId }; answer: Record<string, never> };
  runs: { asks: { limit: number; branch?: string; stage?: string; metric?: string }; answer: Runs };
  record: { asks: { run: RunId }; answer: RunView };
  /** What changed in what made a stage of a run: the archived code and parameters, against those that are saved now. */
  since: { asks: { run: RunId; stage: string }; answer: SinceView };
  /** Lays a stage of a run out as a live notebook, beside the archive. A run that was restored before is as it was left. */
  restore: { asks: { run: RunId; stage: string; fresh?: boolean }; answer: RestoredView };
  templates: { asks: Record<string, never>; answer: { templates: TemplateView[] } };
  /** Writes a stage's notebook and its section of the document. Overwrites nothing. */
  new: { asks: NewStage; answer: NewStageWritten };
  /** What the inputs of a notebook's stages would be bound to now. */
  inputs: { asks: { notebook: string }; answer: { inputs: InputView[] } };
}

export type Question = keyof Questions;

export type Request = {
  [Q in Question]: { id: number; ask: Q } & Questions[Q]["asks"];
}[Question];

export type Answer = Questions[Question]["answer"];

export type Reply = { id: number | null } & ({ answer: Answer } | { error: Failure });

export interface Failure {
  /** A stable code (docs/codes.md). */
  code: string;
  message: string;
  hint?: string;
  diagnostics?: Diagnostic[];
}

export type Push =
  /** Files of the project were saved, made or removed; or runs began, ended or went away. */
  | { push: "changed"; files: string[]; runs: boolean }
  | { push: "events"; run: RunId; events: RunEvent[] }
  /** A followed run has ended and its record can be read; without a `run-ended` event before when its owner died. */
  | { push: "ended"; run: RunId };

export interface Hello {
  version: ProtocolVersion;
  /** steplab's own. */
  steplab: string;
  /** Absolute, of the service's machine: for people to read. A front end knows its server's path of the folder itself. */
  root: string;
  document: string;
}

export interface Judgement {
  diagnostics: Diagnostic[];
  /** By path: stages' notebooks, and others that name a template. */
  notebooks: Record<string, ServedNotebook>;
}

/** A notebook as its template sees it, and the stages that it serves, in the order of the graph. */
export interface ServedNotebook extends NotebookShape {
  stages: string[];
}

export interface PipelineView {
  document: string;
  /** Null when the document cannot be read: then `diagnostics` says why. */
  pipeline: string | null;
  /** Whether it can run as it is saved. */
  lints: boolean;
  /** In the order of the graph. Also there when the project does not lint, as long as the document can be read. */
  stages: StageView[];
  /** Errors and warnings; information is left to `lint`. */
  diagnostics: Diagnostic[];
  /** Names of the profiles that the front matter knows. */
  profiles: string[];
  /** Runs that go on at this moment, in whatever process. */
  running: RunUnderWay[];
  /** The newest run of this pipeline that has ended. */
  last: RunBrief | null;
}

export interface StageView {
  name: string;
  title: string;
  notebook: string;
  template: string | null;
  /** Stages that it reads, and stages that it only waits for. */
  reads: string[];
  after: string[];
  /** Null when the project does not lint. `waits`: a stage before it must run first, so nobody knows yet. */
  state: "fresh" | "stale" | "waits" | null;
  reason: string;
  parameters: ParameterView[];
  /** Its last execution: cached results count as the execution that made them. Null: never. */
  last: StageResult | null;
}

export interface ParameterView {
  name: string;
  shape: Shape;
  /** What the document or the default gives; absent where a value must be given. */
  value?: Json;
  /** Whether the document says it, or it is the schema's default. */
  from: "document" | "default" | "nobody";
}

export interface StageResult {
  run: RunId;
  status: StageStatus;
  endedAt: string | null;
  /** First line of the error, or the checks that failed; null when it succeeded. */
  message: string | null;
  /** The executed notebook, relative to the project. */
  executed: string | null;
  metrics: MetricView[];
}

export interface MetricView {
  name: string;
  value: number;
  goal: "min" | "max";
  unit: string | null;
}

export interface RunRequest {
  document?: string;
  from?: string[];
  to?: string[];
  only?: string[];
  force?: boolean;
  profile?: string;
  /** By `stage.name`. */
  params?: Record<string, Json>;
}

export interface Runs {
  runs: RunBrief[];
  more: boolean;
}

export interface RunView {
  record: RunRecord;
  /** The run's folder, relative to the project. */
  folder: string;
  /** By stage: whether the project would make the same again. `unknown`: it does not lint, or a stage before must run first. */
  since: Record<string, Since>;
}

export type Since = "same" | "changed" | "gone" | "unknown";

export interface SinceView {
  verdict: Since;
  /** Null where there is nothing to compare: the stage was not executed, or its notebook is not there. */
  cells: CellChange[] | null;
  modules: ModuleChange[];
  params: ValueChange[];
}

export interface RestoredView {
  /** Relative to the project. */
  notebook: string;
  /** Id of the cell that it failed in; null where it did not. */
  at: string | null;
  /** What is not as it was, in words. */
  differs: string[];
}

export interface TemplateView {
  name: string;
  title: string;
  describes: string;
  /** Of the project's own `templates/`. */
  own: boolean;
}

export interface NewStage {
  name: string;
  template: string;
  after: string[];
  title?: string;
  /** What it reads besides: a file or folder, relative to the project. */
  file?: string;
}

export interface NewStageWritten {
  notebook: string;
  /** Null for a notebook that is in no chain (explore). */
  document: string | null;
  /** Input to what it is wired to; null: still to wire. */
  inputs: Record<string, string | null>;
  /** Of a file of rows: what was read off it, for a person. */
  read: string | null;
}

export interface InputView {
  name: string;
  /** As PIPELINE.md or the notebook itself wires it. */
  wire: string | null;
  /** What it would be bound to now; null: never made. */
  newest: { run: RunId; endedAt: string; branch: string | null } | null;
  /** Why what it is bound to is not what a run would give it: the stage that makes it is stale. Null: it is up to date, or nobody knows. */
  stale: string | null;
}
