/** One stage from bound inputs to its record: bindings, the attempt, publishing, its folder in the run. */
import { readFileSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Contract } from "../../core/contract.ts";
import { artifactDigest, type StageKey } from "../../core/digest.ts";
import { StepLabError } from "../../core/error.ts";
import { HOST_VERSION, type Bindings, type InputBinding } from "../../core/host.ts";
import {
  readNotebook,
  withCells,
  writeNotebook,
  type Notebook,
} from "../../core/notebook/index.ts";
import type { NewEvent } from "../../lineage/journal.ts";
import { ensureFolder, writeFailed } from "../../lineage/store/files.ts";
import { FOLDER_MEDIA_TYPE, type ObjectStore } from "../../lineage/store/objects.ts";
import type { OutputRecord, RunId, StageRecord } from "../../lineage/record.ts";
import type { StageStatus } from "../../lineage/status.ts";
import type { Stage } from "../../pipeline/pipeline.ts";
import type { KernelLease } from "../jupyter/pool.ts";
import { placeArtifact } from "../place.ts";
import { writeStageFolder } from "../stage-markdown.ts";
import { kernelNameOf, templateOf } from "./executed-notebook.ts";
import { withoutPaths } from "../without-paths.ts";
import { bindInput } from "./bindings.ts";
import { attemptStage, type AttemptResult } from "./attempt.ts";
import { CellLog } from "./cell-log.ts";
import { outsideError } from "./outside-error.ts";
import { gather, publish, unwritten, type Told } from "./publish.ts";

/** An input as the plan knows it: which artifact, and where it came from. */
export interface BoundInput extends Omit<InputBinding, "path"> {
  folder: boolean;
  /** Of a table that a stage wrote; null where nobody has counted. */
  rows: number | null;
}

export interface StageRunRequest {
  projectRoot: string;
  run: RunId;
  /** Absolute folder of the run, and the stage's folder in it. */
  runFolder: string;
  folder: string;
  scratch: string;
  stage: Stage;
  /** The stage as it stands in the record while it has not run: its place and parameters. */
  planned: StageRecord;
  contract: Contract;
  /** The project modules it imports, as they were stored. */
  modules: NonNullable<StageRecord["modules"]>;
  inputs: Record<string, BoundInput>;
  key: StageKey | null;
  seed: string;
  mode: Bindings["mode"];
  store: ObjectStore;
  /** Given when one is wanted, so that a warm one can be taken; by the name of the notebook's kernelspec, and its folder. */
  kernel: (name: string, folder: string) => Promise<KernelLease>;
  signal: AbortSignal;
  tell: (event: NewEvent) => void;
  now: () => number;
}

/** What trying again can mend. A failed check is a verdict on the data, and what a person ended stays ended. */
const RETRIED: ReadonlySet<StageStatus> = new Set(["failed", "timed-out", "killed"]);
/** Before the second attempt; doubled before each further one, for services that must recover. */
const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 60_000;

/** Runs a stage in a kernel and archives it. What goes wrong is in the record; only bugs of ours are thrown. */
export async function runStage(request: StageRunRequest): Promise<StageRecord> {
  const { stage, runFolder, folder } = request;
  const notebookPath = join(request.projectRoot, stage.notebook);
  const source = readFileSync(notebookPath);
  const { notebook } = readNotebook(source.toString("utf8"), stage.notebook);
  if (notebook === null) throw new Error(`${stage.notebook} was judged and is now unreadable`);
  writeStageFolder(join(runFolder, folder), stage);
  const startedAt = request.now();
  const base: StageRecord = {
    ...request.planned,
    status: "failed",
    executedIn: request.run,
    key: request.key,
    template: templateOf(notebook),
    notebook: { source: artifactDigest(source), executed: null, path: null },
    modules: request.modules,
    inputs: Object.fromEntries(
      Object.entries(request.inputs).map(([name, input]) => [
        name,
        { source: input.source, digest: input.digest, bytes: input.bytes },
      ]),
    ),
  };
  try {
    return await executeStage(request, base, notebook, notebookPath);
  } catch (error) {
    if (!(error instanceof StepLabError)) throw error;
    // The kernel never started, an input is damaged, the disk is full: the stage failed, and its record says why.
    const status = request.signal.aborted ? "cancelled" : "failed";
    return {
      ...base,
      status,
      attempts: [...base.attempts, attemptOf(status, startedAt, request.now())],
      error: outsideError(error, request.projectRoot),
    };
  } finally {
    // What fills disks goes at once, whatever happened; the log of cells stays until the run has its record.
    for (const name of ["staging", "tmp", "inputs"])
      rmSync(join(request.scratch, name), { recursive: true, force: true });
  }
}

async function executeStage(
  request: StageRunRequest,
  base: StageRecord,
  notebook: Notebook,
  notebookPath: string,
): Promise<StageRecord> {
  const { folder } = request;
  const bindings = makeBindings(request, notebookPath);
  const { attempt, told, judged } = await runAttempts(request, base, notebook, bindings);
  const record: StageRecord = {
    ...base,
    status: judged.status,
    ...(attempt.kernel !== null && { kernel: attempt.kernel }),
    reproducible: told.notReproducible.length === 0,
    ...(told.notReproducible.length > 0 && { notReproducible: told.notReproducible }),
    ...(told.reads.length > 0 && { undeclaredReads: told.reads }),
    checks: told.checks,
    metrics: told.metrics,
    notes: told.notes,
    attempts: [...base.attempts, attemptOf(judged.status, attempt.startedAt, attempt.endedAt)],
    cells: attempt.cells,
    error: judged.error,
  };
  const path = `${folder}/${request.stage.name}.ipynb`;
  try {
    if (judged.status === "succeeded")
      record.outputs = publishOutputs(request, told, bindings.inputs, bindings.staging);
    const executed = archiveNotebook(request, attempt, judged.status, path);
    record.notebook = { ...base.notebook, executed, path };
    if (record.error !== null) record.error = { ...record.error, notebook: path };
    return record;
  } catch (error) {
    if (!(error instanceof StepLabError)) throw error;
    // It ran, and the archive could not take what it made: what is known of it is kept.
    return {
      ...record,
      status: "failed",
      outputs: {},
      attempts: [...base.attempts, attemptOf("failed", attempt.startedAt, attempt.endedAt)],
      // What could not be written first is nearer to the cause than what followed.
      error: judged.error?.name.startsWith("archive/")
        ? judged.error
        : outsideError(error, request.projectRoot),
    };
  }
}

/** An attempt, what it told, and whether that makes a success. */
interface Attempted {
  attempt: AttemptResult;
  told: Told;
  judged: Judgement;
}

/** Whole attempts, each in a kernel of its own, until one succeeds or `retries` are used up. Earlier ones go into `base.attempts`. */
async function runAttempts(
  request: StageRunRequest,
  base: StageRecord,
  notebook: Notebook,
  bindings: Bindings,
): Promise<Attempted> {
  const { stage, contract, store, folder, signal } = request;
  for (let number = 1; ; number++) {
    const attempt = await runAttempt(request, { ...base }, notebook, bindings, number);
    const told = gather(attempt.facts, contract, bindings.staging, store);
    const judged = attempt.status === "succeeded" ? complete(attempt, told, contract) : attempt;
    if (number > stage.retries || !RETRIED.has(judged.status) || signal.aborted)
      return { attempt, told, judged };
    const path = `${folder}/attempt-${number}.ipynb`;
    const executed = archiveNotebook(request, attempt, judged.status, path);
    const message = judged.error?.message ?? "";
    base.attempts = [
      ...base.attempts,
      {
        ...attemptOf(judged.status, attempt.startedAt, attempt.endedAt),
        failed: { message, notebook: { executed, path } },
      },
    ];
    const pauseMs = Math.min(FIRST_PAUSE_MS * 2 ** (number - 1), LONGEST_PAUSE_MS);
    request.tell({
      type: "attempt-ended",
      stage: stage.name,
      attempt: number,
      status: judged.status,
      message,
      pauseMs,
    });
    await pause(pauseMs, signal);
    for (const left of [bindings.staging, bindings.scratch]) {
      rmSync(left, { recursive: true, force: true });
      ensureFolder(left);
    }
  }
}

/** Ended early by Ctrl-C: the next attempt then says that it was cancelled. */
function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const end = (): void => {
      clearTimeout(timer);
      signal.removeEventListener("abort", end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal.addEventListener("abort", end, { once: true });
  });
}

async function runAttempt(
  request: StageRunRequest,
  planned: StageRecord,
  notebook: Notebook,
  bindings: Bindings,
  number: number,
): Promise<AttemptResult> {
  const { stage, contract, runFolder, folder, projectRoot } = request;
  using lease = await request.kernel(kernelNameOf(notebook), dirname(bindings.notebook));
  const { kernel } = lease;
  kernel.onLog = (stream, text) =>
    request.tell({
      type: "stage-logged",
      stage: stage.name,
      stream,
      text: withoutPaths(text, projectRoot),
    });
  return await attemptStage({
    stage: stage.name,
    planned,
    attempt: number,
    notebook,
    params: Object.keys(contract.parameters).length === 0 ? null : request.planned.params,
    bindings,
    code: [stage.notebook, ...Object.keys(request.modules)],
    timeoutMs: stage.timeoutMs,
    signal: request.signal,
    kernel,
    tell: request.tell,
    log: new CellLog(request.scratch),
    spillPath: (cell, stream) => join(runFolder, folder, `cell-${cell}.${stream}.txt`),
    now: request.now,
  });
}

/** Into the store, then into the stage's folder. @throws StepLabError `archive/…` */
function publishOutputs(
  request: StageRunRequest,
  told: Told,
  inputs: Record<string, InputBinding>,
  staging: string,
): Record<string, OutputRecord> {
  const { store, contract, runFolder, folder } = request;
  const outputs = publish(told, contract, inputs, staging, store, folder);
  for (const { digest, bytes, mediaType, path } of Object.values(outputs)) {
    const isFolder = mediaType === FOLDER_MEDIA_TYPE;
    placeArtifact(store, { digest, bytes, folder: isFolder }, join(runFolder, path), {
      linked: false,
    });
  }
  return outputs;
}

/** Folders of this attempt, and its inputs as verified paths: nothing reaches a kernel that was not hashed right before (a folder's files: as they are read). */
function makeBindings(request: StageRunRequest, notebook: string): Bindings {
  const { scratch, store } = request;
  const staging = join(scratch, "staging");
  const free = join(scratch, "tmp");
  for (const folder of [staging, free]) ensureFolder(folder);
  const inputs: Record<string, InputBinding> = {};
  for (const [name, { folder, rows: _rows, ...input }] of Object.entries(request.inputs))
    inputs[name] = bindInput(input, folder, store, join(scratch, "inputs", name));
  return {
    version: HOST_VERSION,
    mode: request.mode,
    run: request.run,
    stage: request.stage.name,
    seed: request.seed,
    inputs,
    staging,
    scratch: free,
    ...(request.stage.resources.memoryBytes !== null && {
      memoryBytes: request.stage.resources.memoryBytes,
    }),
    projectRoot: request.projectRoot,
    notebook,
  };
}

type Judgement = Pick<AttemptResult, "status" | "error">;

/** A stage that ran to its end and did not write what it declares has not succeeded. */
function complete(attempt: AttemptResult, told: Told, contract: Contract): Judgement {
  const missing = unwritten(told, contract);
  if (missing.length === 0) return attempt;
  const names = missing.map((name) => `"${name}"`).join(", ");
  return {
    status: "failed",
    error: {
      name: "OutputNotWritten",
      message: `The notebook ran to its end without writing ${missing.length === 1 ? "its output" : "its outputs"} ${names}.`,
      cell: null,
      notebook: null,
      process: null,
      traceback: [],
    },
  };
}

function archiveNotebook(
  request: StageRunRequest,
  attempt: AttemptResult,
  status: StageStatus,
  path: string,
): ReturnType<typeof artifactDigest> {
  const { store, runFolder } = request;
  const marked = withRunMetadata(attempt.executed, request, attempt, status, path);
  const stored = store.putBytes(writeNotebook(marked));
  store.sync();
  try {
    placeArtifact(store, { ...stored, folder: false }, join(runFolder, path), { linked: false });
  } catch (error) {
    throw writeFailed(join(runFolder, path), error);
  }
  return stored.digest;
}

/** papermill's metadata, so that its readers understand our archives, and ours beside it. */
function withRunMetadata(
  notebook: Notebook,
  request: StageRunRequest,
  attempt: AttemptResult,
  status: StageStatus,
  path: string,
): Notebook {
  const failed = status !== "succeeded";
  const metadata: Notebook["metadata"] = {
    ...notebook.metadata,
    steplab: {
      ...notebook.metadata.steplab,
      run: request.run,
      stage: request.stage.name,
      status,
      key: request.key,
    },
    papermill: {
      input_path: request.stage.notebook,
      output_path: path,
      parameters: request.planned.params,
      environment_variables: {},
      start_time: new Date(attempt.startedAt).toISOString(),
      end_time: new Date(attempt.endedAt).toISOString(),
      duration: (attempt.endedAt - attempt.startedAt) / 1000,
      exception: failed ? true : null,
      version: null,
    },
  };
  return { ...withCells(notebook, notebook.cells), metadata };
}

function attemptOf(
  status: StageStatus,
  startedAt: number,
  endedAt: number,
): StageRecord["attempts"][number] {
  return {
    status,
    startedAt: new Date(startedAt).toISOString(),
    endedAt: new Date(endedAt).toISOString(),
  };
}
