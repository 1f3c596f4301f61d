/** One run for a front end: its record, where it lies, and what of it the project would still make the same way. */
import { StepLabError } from "../../core/error.ts";
import { readRecord } from "../../lineage/query/runs.ts";
import type { RunId, StageRecord } from "../../lineage/record.ts";
import type { LintSession } from "../../pipeline/lint/session.ts";
import { knownPipeline, type KnownPipeline } from "./pipeline-view.ts";
import type { RunView } from "./protocol.ts";

/** @throws StepLabError `archive/unknown-run`, also for one that still goes on */
export async function viewRun(
  projectRoot: string,
  run: RunId,
  lint: LintSession,
): Promise<RunView> {
  const record = readRecord(projectRoot, run);
  if (record === null)
    throw new StepLabError("archive/unknown-run", `Run ${run} has no record (yet).`);
  const known = await knownPipeline(projectRoot, record.document, lint);
  const since = Object.entries(record.stages).map(([name, stage]) => [
    name,
    compared(name, stage, known),
  ]);
  return {
    record,
    folder: `runs/${run}`,
    since: Object.fromEntries(since) as RunView["since"], // by `compared`
  };
}

function compared(
  name: string,
  { key }: StageRecord,
  { pipeline, sound }: KnownPipeline,
): RunView["since"][string] {
  if (pipeline !== null && !pipeline.stages.some((stage) => stage.name === name)) return "gone";
  const now = sound?.outlook.get(name)?.key ?? null;
  if (now === null || key === null) return "unknown";
  return now === key ? "same" : "changed";
}
