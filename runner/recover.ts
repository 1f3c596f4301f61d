/**
 * Runs whose owner died (kill -9, power loss) leave a journal and no record. The next command writes the
 * record from the journal: what had ended stands as it ended, what was under way is `interrupted`, with its
 * notebook as far as it ran.
 */
import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { ArtifactDigest } from "../core/digest.ts";
import { StepLabError } from "../core/error.ts";
import { readableJson } from "../core/json.ts";
import { writeNotebook, type Notebook } from "../core/notebook/index.ts";
import { JOURNAL_FILE, RECORD_FILE, archiveOf, stageFolder } from "../lineage/archive.ts";
import type { RunEvent, RunStarted } from "../lineage/event.ts";
import { readJournal } from "../lineage/journal.ts";
import { runFolder } from "../lineage/query/runs.ts";
import type { CellRecord, RunId, RunRecord, StageRecord } from "../lineage/record.ts";
import { ensureFolder, isErrno, writeFileAtomic } from "../lineage/store/files.ts";
import { ObjectStore } from "../lineage/store/objects.ts";
import { readCellLog } from "./execute/cell-log.ts";
import { isExecuted } from "./execute/executed-notebook.ts";
import { isOwned, markedRuns, unmarkRunning } from "../lineage/owner.ts";
import { placeArtifact } from "./place.ts";

/**
 * Gives runs whose process died their record, as `interrupted`: every command does so first. Runs still going on are
 * left alone.
 *
 * @returns ids of the runs that were given their record now
 */
export function recoverRuns(projectRoot: string): RunId[] {
  const archive = archiveOf(projectRoot);
  const recovered: RunId[] = [];
  for (const run of markedRuns(archive)) {
    if (isOwned(archive, run)) continue;
    try {
      if (recoverRun(projectRoot, run)) recovered.push(run);
      unmarkRunning(archive, run);
      rmSync(join(archive.scratch, run), { recursive: true, force: true });
    } catch (error) {
      // Only reading the archive must work where it may not be written, or on a full disk: a later command recovers the run.
      if (!(error instanceof StepLabError) && !isErrno(error, "EACCES", "EPERM", "EROFS"))
        throw error;
    }
  }
  return recovered;
}

/** False when there was nothing to recover: the run had ended, or died before its first line. */
function recoverRun(projectRoot: string, run: RunId): boolean {
  const folder = runFolder(projectRoot, run);
  if (!existsSync(folder) || existsSync(join(folder, RECORD_FILE))) return false;
  const events = existsSync(join(folder, JOURNAL_FILE)) ? readJournal(folder) : [];
  const started = events[0];
  if (started?.type !== "run-started") {
    rmSync(folder, { recursive: true, force: true }); // a copy of the document, and nothing that happened
    return false;
  }
  writeRecord(projectRoot, folder, started, events);
  return true;
}

function writeRecord(
  projectRoot: string,
  folder: string,
  started: RunStarted & { at: number },
  events: RunEvent[],
): void {
  const stages = Object.fromEntries(
    Object.entries(started.stages).map(([name, planned]) => [
      name,
      stageFrom(projectRoot, folder, started, events, name, planned),
    ]),
  );
  const { run, pipeline, document, seed, profile, git, environment } = started;
  const ended = events.findLast((event) => event.type === "run-ended"); // died between the journal's last line and the record
  const record: RunRecord = {
    steplab: 1,
    run,
    pipeline,
    document,
    status: ended?.type === "run-ended" ? ended.status : "interrupted",
    startedAt: new Date(started.at).toISOString(),
    endedAt: new Date(events.at(-1)?.at ?? started.at).toISOString(),
    seed,
    profile,
    git,
    environment,
    stages,
  };
  writeFileAtomic(join(folder, RECORD_FILE), readableJson(record), { durable: true });
}

function stageFrom(
  projectRoot: string,
  folder: string,
  started: RunStarted,
  events: RunEvent[],
  name: string,
  planned: StageRecord,
): StageRecord {
  const ended = events.findLast((event) => event.type === "stage-ended" && event.stage === name);
  if (ended?.type === "stage-ended") return ended.record;
  const begun = events.findLast((event) => event.type === "stage-started" && event.stage === name);
  if (begun?.type !== "stage-started")
    return { ...planned, reason: "the run was interrupted before its turn" };
  const last = events.at(-1)?.at ?? begun.at;
  const notebook = readCellLog(join(archiveOf(projectRoot).scratch, started.run, name));
  const cells = cellsFrom(events, name, notebook);
  const at = notebook?.cells.find(({ id }) =>
    cells.some((cell) => cell.id === id && cell.status === "interrupted"),
  );
  const executed =
    notebook && archiveNotebook(projectRoot, folder, started.run, name, planned, notebook, cells);
  return {
    ...begun.record,
    status: "interrupted",
    notebook: { ...begun.record.notebook, ...executed },
    ...toldFrom(events, name),
    cells,
    attempts: [
      {
        status: "interrupted",
        startedAt: new Date(begun.at).toISOString(),
        endedAt: new Date(last).toISOString(),
      },
    ],
    error: {
      name: "Interrupted",
      message: "The process that ran this stage died.",
      cell: at === undefined ? null : { number: at.number, id: at.id, line: null },
      notebook: executed?.path ?? null,
      process: null,
      traceback: [],
    },
  };
}

/** The cells as far as the journal tells: one begun and not ended was interrupted, one not begun never ran. */
function cellsFrom(events: RunEvent[], stage: string, notebook: Notebook | null): CellRecord[] {
  const cells = new Map<string, CellRecord>();
  const unmeasured = { wallMs: null, cpuMs: null, peakRssBytes: null };
  for (const { id, slot } of notebook?.cells.filter(isExecuted) ?? [])
    cells.set(id, { id, slot, status: "not-run", ...unmeasured });
  for (const event of events) {
    if (event.type === "cell-started" && event.stage === stage) {
      const { id, slot } = event.cell;
      cells.set(id, { id, slot, status: "interrupted", ...unmeasured });
    } else if (event.type === "cell-ended" && event.stage === stage) {
      const { id, slot } = event.cell;
      const { status, wallMs, cpuMs, peakRssBytes } = event;
      cells.set(id, { id, slot, status, wallMs, cpuMs, peakRssBytes });
    }
  }
  return [...cells.values()];
}

/** Checks and notes made before the death were made. Staged rows of failed checks are gone with the scratch folder. */
function toldFrom(events: RunEvent[], stage: string): Pick<StageRecord, "checks" | "notes"> {
  const checks: StageRecord["checks"] = [];
  const notes: StageRecord["notes"] = [];
  for (const event of events) {
    if (event.type !== "stage-told" || event.stage !== stage) continue;
    if (event.fact.fact === "check") {
      const { fact: _fact, rows, ...check } = event.fact;
      const { staged: _staged, ...kept } = rows ?? {};
      checks.push(rows === undefined ? check : { ...check, rows: kept as typeof rows }); // rows without their file
    } else if (event.fact.fact === "note") {
      const { fact: _fact, ...note } = event.fact;
      notes.push(note);
    }
  }
  return { checks, notes };
}

/** Stores the notebook as far as it ran and puts it into the run's folder. */
function archiveNotebook(
  projectRoot: string,
  folder: string,
  run: RunId,
  stage: string,
  planned: StageRecord,
  notebook: Notebook,
  records: CellRecord[],
): { executed: ArtifactDigest; path: string } {
  const status = new Map(records.map((cell) => [cell.id, cell.status]));
  const cells = notebook.cells.map((cell) => {
    const known = status.get(cell.id);
    if (known === undefined || cell.metadata.steplab?.["status"] !== undefined) return cell;
    return {
      ...cell,
      metadata: { ...cell.metadata, steplab: { ...cell.metadata.steplab, status: known } },
    };
  });
  const metadata = {
    ...notebook.metadata,
    steplab: { ...notebook.metadata.steplab, run, stage, status: "interrupted" },
  };
  const store = new ObjectStore(archiveOf(projectRoot));
  const stored = store.putBytes(writeNotebook({ ...notebook, cells, metadata }));
  store.sync();
  const place = stageFolder(planned.index, stage);
  const path = `${place}/${stage}.ipynb`;
  ensureFolder(join(folder, place));
  rmSync(join(folder, path), { force: true }); // a copy that the death cut short
  placeArtifact(store, { ...stored, folder: false }, join(folder, path), { linked: false });
  return { executed: stored.digest, path };
}
