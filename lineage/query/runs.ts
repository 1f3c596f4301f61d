/** Reading the archive: the runs, one run, the newest artifact of an output. Nothing here writes. */
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { StepLabError, messageOf } from "../../core/error.ts";
import { isJsonObject } from "../../core/json.ts";
import { JOURNAL_FILE, RECORD_FILE, archiveOf, isRunId } from "../archive.ts";
import type { RunId, RunRecord } from "../record.ts";
import { missingMember } from "./record-spine.ts";

/** Ids of all runs with a folder, oldest first; their names sort by time. */
export function listRuns(projectRoot: string): RunId[] {
  const { root } = archiveOf(projectRoot);
  if (!existsSync(root)) return [];
  return readdirSync(root).filter(isRunId).sort();
}

/** Absolute folder of a run, there or not. */
export function runFolder(projectRoot: string, run: RunId): string {
  return join(archiveOf(projectRoot).root, run);
}

/**
 * Null while a run has no record: it is still going on, or its owner died and nobody recovered it yet.
 *
 * @throws StepLabError `archive/unreadable-record`, `archive/unknown-version`
 */
export function readRecord(projectRoot: string, run: RunId): RunRecord | null {
  const path = join(runFolder(projectRoot, run), RECORD_FILE);
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch {
    return null;
  }
  const record = recordIn(text, run);
  return { ...record, stages: inOrder(record.stages) };
}

function recordIn(text: string, run: RunId): RunRecord {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw unreadable(run, `is not valid JSON: ${messageOf(error)}`, error);
  }
  if (!isJsonObject(value)) throw unreadable(run, "is not an object.");
  if (value["steplab"] !== 1) {
    throw new StepLabError(
      "archive/unknown-version",
      `Run ${run} was recorded in format ${String(value["steplab"])}; this steplab reads format 1.`,
      {
        hint: "Read it with the steplab that wrote it, or a newer one.",
      },
    );
  }
  const missing = missingMember(value);
  if (missing !== null)
    throw unreadable(run, `is damaged: "${missing}" is missing, or not of its form.`);
  if (value["run"] !== run) throw unreadable(run, `is that of run ${String(value["run"])}.`);
  return value as unknown as RunRecord; // what readers rely on is there; `steplab verify` checks the whole schema
}

function unreadable(run: RunId, what: string, cause?: unknown): StepLabError {
  return new StepLabError("archive/unreadable-record", `The record of run ${run} ${what}`, {
    hint: `Look at runs/${run}/${RECORD_FILE}; the journal beside it (events.jsonl) still tells the run.`,
    cause,
  });
}

/** The record of a run that has one. @throws StepLabError `archive/unknown-run` while it is still going on */
export function recordOf(projectRoot: string, run: RunId): RunRecord {
  const record = readRecord(projectRoot, run);
  if (record !== null) return record;
  throw new StepLabError(
    "archive/unknown-run",
    `Run ${run} has no record yet: it is still going on.`,
    { hint: `Follow its journal: runs/${run}/${JOURNAL_FILE}` },
  );
}

/** The file's keys are sorted; people read the stages in the order of the graph. */
function inOrder(stages: RunRecord["stages"]): RunRecord["stages"] {
  return Object.fromEntries(Object.entries(stages).sort(([, a], [, b]) => a.index - b.index));
}

/**
 * What a person types for a run: `last`, `last~2`, a whole id, or the beginning or end of one.
 * @throws StepLabError `archive/unknown-run`, naming the candidates.
 */
export function findRun(projectRoot: string, word: string): RunId {
  const runs = listRuns(projectRoot);
  const back = /^last(?:~(\d+))?$/.exec(word);
  if (back !== null) {
    const run = runs.at(-1 - Number(back[1] ?? 0));
    if (run !== undefined) return run;
    throw new StepLabError(
      "archive/unknown-run",
      runs.length === 0 ? "This project has no runs yet." : `There are only ${runs.length} runs.`,
      {
        hint:
          runs.length === 0 ? "Make the first: npx steplab run" : "npx steplab runs lists them.",
      },
    );
  }
  const found = runs.filter(
    (run) => run === word || run.startsWith(word) || run.endsWith(`-${word}`),
  );
  if (found.length === 1 && found[0] !== undefined) return found[0];
  if (found.length === 0) {
    throw new StepLabError("archive/unknown-run", `No run is called "${word}".`, {
      hint: "npx steplab runs lists them; `last` is the newest.",
    });
  }
  throw new StepLabError(
    "archive/unknown-run",
    `"${word}" fits ${found.length} runs: ${found.slice(-4).join(", ")}.`,
    { hint: "Type more of the id." },
  );
}

/** Whether a word names a run: for commands that take a run or something else in one place. */
export function isRunWord(projectRoot: string, word: string): boolean {
  if (/^last(~\d+)?$/.test(word)) return true;
  return listRuns(projectRoot).some((run) => run.startsWith(word) || run.endsWith(`-${word}`));
}

/**
 * Newest first: the records of finished runs, read one at a time so that a caller can stop early. One that cannot
 * be read is told and left out: a damaged run must not hide the others.
 */
export function* recordsBackwards(
  projectRoot: string,
  onUnreadable: (run: RunId, error: StepLabError) => void = () => undefined,
): Generator<RunRecord> {
  for (const run of listRuns(projectRoot).reverse()) {
    let record: RunRecord | null;
    try {
      record = readRecord(projectRoot, run);
    } catch (error) {
      if (!(error instanceof StepLabError)) throw error;
      onUnreadable(run, error);
      continue;
    }
    if (record !== null) yield record;
  }
}
