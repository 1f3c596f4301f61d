/** Two runs of an archive compared: what the records tell, then the code and notebooks they lead to. Reads, never writes. */
import { StepLabError } from "../../../core/error.ts";
import { readNotebook, type Notebook } from "../../../core/notebook/index.ts";
import type { Digest } from "../../../core/digest.ts";
import { archiveOf } from "../../archive.ts";
import type { RunId, RunRecord, StageRecord } from "../../record.ts";
import { ObjectStore } from "../../store/objects.ts";
import { recordOf } from "../runs.ts";
import { moduleChanges, type ModuleChange } from "./code.ts";
import { diffNotebooks, type CellChange, type NotebookChange } from "./notebook.ts";
import { diffRunFacts, headOf, type RunFacts, type RunHead } from "./run.ts";
import { diffStage, isNothing, type StageFacts } from "./stage.ts";

/** What differs between two runs; what is equal is left out. */
export interface RunDiff extends RunFacts {
  before: RunHead;
  after: RunHead;
  /** Nothing differs that was compared; how long it took is no difference. */
  equal: boolean;
  /** Stages that differ, in the order of the later run, those it no longer has at the end. */
  stages: StageDiff[];
  /** Names of those that do not. */
  same: string[];
}

export interface StageDiff {
  stage: string;
  /** Whether both runs have the stage. */
  presence: "both" | "added" | "removed";
  /** Null when the stage is in one run only, or its records do not differ. */
  facts: StageFacts | null;
  /** Null when the code is the same, or the stage is in one run only. */
  code: CodeDiff | null;
  /** Cells with their outputs; null unless asked for, and when there is nothing to compare. */
  notebook: NotebookChange | null;
}

export interface CodeDiff {
  /** Null when the notebooks differ and their texts were not archived (a kernel that never started). */
  cells: CellChange[] | null;
  modules: ModuleChange[];
}

export interface CompareOptions {
  /** Only this stage. */
  stage?: string;
  /** Compare the executed notebooks with their outputs too. */
  notebooks?: boolean;
  /** Unchanged lines around a change; 3 unless told. */
  context?: number;
}

/** @throws StepLabError `archive/unknown-run`, `run/unknown-stage`, `archive/unreadable-record` */
export function compareRuns(
  projectRoot: string,
  before: RunId,
  after: RunId,
  options: CompareOptions = {},
): RunDiff {
  const [earlier, later] = [recordOf(projectRoot, before), recordOf(projectRoot, after)];
  return compareRecords(earlier, later, new ObjectStore(archiveOf(projectRoot)), options);
}

/** The same for records in hand; `store` has what they lead to. */
export function compareRecords(
  before: RunRecord,
  after: RunRecord,
  store: ObjectStore,
  options: CompareOptions = {},
): RunDiff {
  const names = stagesOf(before, after, options.stage);
  const stages: StageDiff[] = [];
  const same: string[] = [];
  for (const stage of names) {
    const diff = compareStage(stage, before.stages[stage], after.stages[stage], store, options);
    if (diff === null) same.push(stage);
    else stages.push(diff);
  }
  const facts = diffRunFacts(before, after);
  const equal = isNothing(facts) && stages.every(tookLongerOnly);
  return { before: headOf(before), after: headOf(after), ...facts, equal, stages, same };
}

function tookLongerOnly({ presence, facts, code, notebook }: StageDiff): boolean {
  return (
    presence === "both" && code === null && notebook === null && isNothing({ ...facts, time: null })
  );
}

function stagesOf(before: RunRecord, after: RunRecord, only: string | undefined): string[] {
  const names = [...new Set([...Object.keys(after.stages), ...Object.keys(before.stages)])];
  if (only === undefined) return names;
  if (names.includes(only)) return [only];
  throw new StepLabError("run/unknown-stage", `Neither run has a stage "${only}".`, {
    hint: `They have: ${names.join(", ")}.`,
  });
}

function compareStage(
  stage: string,
  before: StageRecord | undefined,
  after: StageRecord | undefined,
  store: ObjectStore,
  options: CompareOptions,
): StageDiff | null {
  if (before === undefined || after === undefined) {
    const presence = before === undefined ? "added" : "removed";
    return { stage, presence, facts: null, code: null, notebook: null };
  }
  const facts = diffStage(before, after);
  const notebooks = new Notebooks(store);
  const code = compareCode(before, after, store, notebooks, options);
  const notebook =
    options.notebooks === true ? compareNotebooks(before, after, notebooks, options) : null;
  if (facts === null && code === null && notebook === null) return null;
  return { stage, presence: "both", facts, code, notebook };
}

function compareCode(
  before: StageRecord,
  after: StageRecord,
  store: ObjectStore,
  notebooks: Notebooks,
  options: CompareOptions,
): CodeDiff | null {
  const modules =
    before.modules === undefined || after.modules === undefined
      ? [] // nothing ran, or an older record: there is nothing to compare with
      : moduleChanges(
          before.modules,
          after.modules,
          (digest) => textOf(store, digest),
          options.context,
        );
  const cells =
    before.notebook.source === after.notebook.source
      ? []
      : cellChanges(before, after, notebooks, options);
  if (modules.length === 0 && cells?.length === 0) return null;
  return { cells, modules };
}

function cellChanges(
  before: StageRecord,
  after: StageRecord,
  notebooks: Notebooks,
  { context }: CompareOptions,
): CellChange[] | null {
  const [earlier, later] = [notebooks.of(before), notebooks.of(after)];
  if (earlier === null || later === null) return null;
  const options = { outputs: false, ...(context !== undefined && { context }) };
  return diffNotebooks(earlier, later, options).cells;
}

function compareNotebooks(
  before: StageRecord,
  after: StageRecord,
  notebooks: Notebooks,
  { context }: CompareOptions,
): NotebookChange | null {
  if (before.notebook.executed === after.notebook.executed) return null;
  const [earlier, later] = [notebooks.of(before), notebooks.of(after)];
  if (earlier === null || later === null) return null;
  const options = { outputs: true, ...(context !== undefined && { context }) };
  const change = diffNotebooks(earlier, later, options);
  return change.cells.length === 0 ? null : change;
}

/** Executed notebooks, each read once; null for one that was not archived or is no longer in the store. */
class Notebooks {
  readonly #store: ObjectStore;
  readonly #read = new Map<Digest, Notebook | null>();

  constructor(store: ObjectStore) {
    this.#store = store;
  }

  of({ notebook: { executed } }: StageRecord): Notebook | null {
    if (executed === null) return null;
    const known = this.#read.get(executed);
    if (known !== undefined) return known;
    const text = textOf(this.#store, executed);
    const notebook = text === null ? null : readNotebook(text, executed).notebook;
    this.#read.set(executed, notebook);
    return notebook;
  }
}

/** @throws StepLabError `store/damaged`: a diff of damaged bytes would be a wrong answer */
function textOf(store: ObjectStore, digest: Digest): string | null {
  return store.has(digest) ? store.readBytes(digest).toString("utf8") : null;
}
