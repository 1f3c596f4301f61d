/** One run for a front end: its record, where it lies, and what of it the project would still make the same way. */
import { StepLabError } from "../../core/error.ts";
import { readRecord } from "../../lineage/query/runs.ts";
import type { RunId, StageRecord } from "../../lineage/record.ts";
import type { KnownPipeline } from "./pipeline-view.ts";
import type { RunView, Since } from "./protocol.ts";

/** @throws StepLabError `archive/unknown-run`, also for one that still goes on */
export async function viewRun(
  projectRoot: string,
  run: RunId,
  knownOf: (document: string) => Promise<KnownPipeline>,
): Promise<RunView> {
  const record = readRecord(projectRoot, run);
  if (record === null)
    throw new StepLabError("archive/unknown-run", `Run ${run} has no record (yet).`);
  const known = await knownOf(record.document);
  const since = Object.entries(record.stages).map(([name, stage]): [string, Since] => [
    name,
    sinceOf(name, stage, known),
  ]);
  return { record, folder: `runs/${run}`, since: Object.fromEntries(since) };
}

/** Whether the project would make the same stage again. */
export function sinceOf(
  name: string,
  { key }: StageRecord,
  { pipeline, sound }: KnownPipeline,
): Since {
  if (pipeline !== null && !pipeline.stages.some((stage) => stage.name === name)) return "gone";
  const now = sound?.outlook.get(name)?.key ?? null;
  if (now === null || key === null) return "unknown";
  return now === key ? "same" : "changed";
}
