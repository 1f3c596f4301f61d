/**
 * The briefs of all runs, kept in one file so that a search through 10,000 runs does not read 10,000 records.
 *
 * A cache and nothing more: a line counts only while the record it was made of has the size and time it had
 * then; what is missing or changed is read from the record and appended. Whoever deletes the file, or a part
 * of it, makes the next search slow and no answer wrong. Several processes may append at once: a line is one
 * write, and a torn or doubled one does no harm.
 */
import { appendFileSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { StepLabError } from "../../core/error.ts";
import { archiveOf, RECORD_FILE, type Archive } from "../archive.ts";
import type { RunId, RunRecord } from "../record.ts";
import { ensureFolder, keepCache, writeFailed } from "../store/files.ts";
import { briefOf, type RunBrief } from "./brief.ts";
import { appendExecutions, executionsOf, type Execution } from "./execution.ts";
import { listRuns, readRecord, recordsBackwards, runFolder } from "./runs.ts";

/** In the file's name: raised when a brief gains or loses a member, so that older ones are made again. */
const VERSION = 1;

interface Line {
  run: RunId;
  /** Size and time of the record that the brief was made of. */
  stamp: string;
  /** Parsed when wanted: who looks for the newest twenty of something reads few of them. */
  brief: string;
}

/** Told of a record that cannot be read: it is left out, because a damaged run must not hide the others. */
export type OnUnreadable = (run: RunId, error: StepLabError) => void;

/** Briefs of all recorded runs, newest first, one at a time: a caller that stops early pays for what it took. */
export function* readBriefs(
  projectRoot: string,
  onUnreadable: OnUnreadable = () => undefined,
): Generator<RunBrief> {
  const archive = archiveOf(projectRoot);
  const known = readLines(archive);
  const fresh: Line[] = [];
  const executions: Execution[] = [];
  try {
    for (const run of listRuns(projectRoot).reverse()) {
      const stamp = stampOf(projectRoot, run);
      if (stamp === null) continue; // still going on
      const kept = known.get(run);
      const brief = kept?.stamp === stamp ? parsed(kept.brief) : null;
      if (brief !== null) {
        yield brief;
        continue;
      }
      const record = readOrTell(projectRoot, run, onUnreadable);
      if (record === null) continue;
      const made = briefOf(record);
      fresh.push({ run, stamp, brief: JSON.stringify(made) });
      executions.push(...ownExecutions(record)); // read once, for both indexes
      yield made;
    }
  } finally {
    if (fresh.length > 0)
      keepCache(() => {
        append(archive, fresh);
        appendExecutions(archive, executions);
      });
  }
}

/** Called when a run has its record: searches then never fall behind by more than what failed. */
export function indexRun(projectRoot: string, record: RunRecord): void {
  const stamp = stampOf(projectRoot, record.run);
  if (stamp === null) return;
  const brief = JSON.stringify(briefOf(record));
  const archive = archiveOf(projectRoot);
  keepCache(() => {
    append(archive, [{ run: record.run, stamp, brief }]);
    appendExecutions(archive, ownExecutions(record));
  });
}

/** Up to here records are read one by one: who asks for the newest of something mostly finds it here. */
const READ_DIRECTLY = 20;

/**
 * Records whose brief fits, newest first, read one at a time so that a caller can stop early.
 * The newest are looked at directly; only who searches further pays for the briefs of all.
 */
export function* recordsWhere(
  projectRoot: string,
  fits: (brief: RunBrief) => boolean,
  onUnreadable: OnUnreadable = () => undefined,
): Generator<RunRecord> {
  let oldest: RunId | null = null;
  let looked = 0;
  for (const record of recordsBackwards(projectRoot, onUnreadable)) {
    if (fits(briefOf(record))) yield record;
    oldest = record.run;
    if (++looked === READ_DIRECTLY) break;
  }
  if (oldest === null || looked < READ_DIRECTLY) return;
  for (const brief of readBriefs(projectRoot)) {
    if (brief.run >= oldest || !fits(brief)) continue;
    const record = readOrTell(projectRoot, brief.run, onUnreadable);
    if (record !== null) yield record;
  }
}

function ownExecutions(record: RunRecord): Execution[] {
  return executionsOf(record).filter(({ run }) => run === record.run);
}

function readOrTell(projectRoot: string, run: RunId, tell: OnUnreadable): RunRecord | null {
  try {
    return readRecord(projectRoot, run);
  } catch (error) {
    if (!(error instanceof StepLabError)) throw error;
    tell(run, error);
    return null;
  }
}

/** Null while there is no record. */
function stampOf(projectRoot: string, run: RunId): string | null {
  const stat = statSync(join(runFolder(projectRoot, run), RECORD_FILE), { throwIfNoEntry: false });
  return stat === undefined ? null : `${stat.size}:${stat.mtimeMs}`;
}

/** Lines of runs that are no longer there do no harm; `steplab gc` removes the file with them. */
export function indexPath(archive: Archive): string {
  return join(archive.cache, `briefs-${VERSION}.tsv`);
}

function readLines(archive: Archive): Map<RunId, Line> {
  const lines = new Map<RunId, Line>();
  let text: string;
  try {
    text = readFileSync(indexPath(archive), "utf8");
  } catch {
    return lines;
  }
  for (const each of text.split("\n")) {
    const [run, stamp, brief] = each.split("\t");
    if (run === undefined || stamp === undefined || brief === undefined) continue;
    lines.set(run as RunId, { run: run as RunId, stamp, brief }); // only ever looked up by real ids
  }
  return lines;
}

/** Null when the line is torn: its run is read again. */
function parsed(brief: string): RunBrief | null {
  try {
    return JSON.parse(brief) as RunBrief; // written by `append` alone, in this version
  } catch {
    return null;
  }
}

function append(archive: Archive, lines: readonly Line[]): void {
  ensureFolder(archive.cache);
  const path = indexPath(archive);
  const text = lines.map(({ run, stamp, brief }) => `${run}\t${stamp}\t${brief}\n`).join("");
  try {
    // The line end in front closes what a writer that died left open.
    appendFileSync(path, `\n${text}`);
  } catch (error) {
    throw writeFailed(path, error);
  }
}
