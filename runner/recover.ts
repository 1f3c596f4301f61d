/**
 * Runs whose owner died (kill -9, power loss) leave a journal and no record. The next command writes the
 * record from the journal: what had ended stands as it ended, what was under way is `interrupted`, with its
 * notebook as far as it ran.
 */
import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { readableJson } from "../core/json.ts";
import { withCells, writeNotebook } from "../core/notebook/index.ts";
import { RECORD_FILE, archiveOf, stageFolder } from "../lineage/archive.ts";
import type { RunEvent, RunStarted } from "../lineage/event.ts";
import { readJournal } from "../lineage/journal.ts";
import { runFolder } from "../lineage/query/runs.ts";
import type { CellRecord, RunId, RunRecord, StageRecord } from "../lineage/record.ts";
import { ensureFolder, writeFileAtomic } from "../lineage/store/files.ts";
import { ObjectStore } from "../lineage/store/objects.ts";
import { readCellLog } from "./execute/cell-log.ts";
import { isAlive, markedRuns, unmarkRunning } from "./owner.ts";
import { placeArtifact } from "./place.ts";

/** Ids of the runs that were given their record now. Runs still going on are left alone. */
export function recoverRuns(projectRoot: string): RunId[] {
  const archive = archiveOf(projectRoot);
  const recovered: RunId[] = [];
  for (const run of markedRuns(archive)) {
    const folder = runFolder(projectRoot, run);
    if (!existsSync(folder) || existsSync(join(folder, RECORD_FILE))) {
      unmarkRunning(archive, run); // it ended, or died before it had a folder
      continue;
    }
    const events = existsSync(join(folder, "events.jsonl")) ? readJournal(folder) : [];
    const started = events[0];
    if (started === undefined || started.type !== "run-started") {
      if (isOld(run)) unmarkRunning(archive, run); // died before its first line: there is nothing to tell
      continue;
    }
    if (isAlive(started.owner)) continue;
    writeRecord(projectRoot, folder, started, events);
    unmarkRunning(archive, run);
    rmSync(join(archive.scratch, run), { recursive: true, force: true });
    recovered.push(run);
  }
  return recovered;
}

/** A run between its folder and its first line is a moment old; one of an hour ago is not coming back. */
function isOld(run: RunId): boolean {
  const iso = `${run.slice(0, 13)}:${run.slice(13, 15)}:${run.slice(15, 18)}`;
  return Date.now() - Date.parse(iso) > 60 * 60 * 1000;
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
  const record: RunRecord = {
    steplab: 1,
    run,
    pipeline,
    document,
    status: "interrupted",
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
  if (begun === undefined) return planned;
  const last = events.at(-1)?.at ?? begun.at;
  const cell = events.findLast((event) => event.type === "cell-started" && event.stage === name);
  return {
    ...planned,
    status: "interrupted",
    executedIn: started.run,
    notebook: {
      ...planned.notebook,
      ...recoverNotebook(projectRoot, folder, started.run, name, planned),
    },
    cells: cellsFrom(events, name),
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
      cell:
        cell?.type === "cell-started"
          ? { number: cell.cell.number, id: cell.cell.id, line: null }
          : null,
      notebook: null,
      process: null,
      traceback: [],
    },
  };
}

/** The cells as far as the journal tells: one begun and not ended was interrupted. */
function cellsFrom(events: RunEvent[], stage: string): CellRecord[] {
  const cells = new Map<string, CellRecord>();
  for (const event of events) {
    if (event.type === "cell-started" && event.stage === stage) {
      cells.set(event.cell.id, {
        id: event.cell.id,
        slot: event.cell.slot,
        status: "interrupted",
        wallMs: null,
        cpuMs: null,
        peakRssBytes: null,
      });
    } else if (event.type === "cell-ended" && event.stage === stage) {
      const { status, wallMs, cpuMs, peakRssBytes } = event;
      cells.set(event.cell.id, {
        id: event.cell.id,
        slot: event.cell.slot,
        status,
        wallMs,
        cpuMs,
        peakRssBytes,
      });
    }
  }
  return [...cells.values()];
}

function recoverNotebook(
  projectRoot: string,
  folder: string,
  run: RunId,
  stage: string,
  planned: StageRecord,
): Partial<StageRecord["notebook"]> {
  const archive = archiveOf(projectRoot);
  const notebook = readCellLog(join(archive.scratch, run, stage));
  if (notebook === null) return {};
  const metadata = {
    ...notebook.metadata,
    steplab: { ...notebook.metadata.steplab, run, stage, status: "interrupted" },
  };
  const store = new ObjectStore(archive);
  const stored = store.putBytes(
    writeNotebook({ ...withCells(notebook, notebook.cells), metadata }),
  );
  store.sync();
  const place = stageFolder(planned.index, stage);
  const path = `${place}/${stage}.ipynb`;
  ensureFolder(join(folder, place));
  placeArtifact(store, { ...stored, folder: false }, join(folder, path), { linked: false });
  return { executed: stored.digest, path };
}
