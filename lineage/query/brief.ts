/** What lists and searches need of a run: a hundredth of its record. Pure. */
import type { GitFacts, MetricRecord, RunId, RunRecord } from "../record.ts";
import type { RunStatus, StageStatus } from "../status.ts";

/** A run as lists of runs show it. */
export interface RunBrief {
  run: RunId;
  pipeline: string;
  status: RunStatus;
  startedAt: string;
  endedAt: string;
  git: GitFacts | null;
  /** In the order of the graph. */
  stages: Record<string, StageBrief>;
  /** By `stage.metric`. */
  metrics: Record<string, Omit<MetricRecord, "series">>;
  /** How many findings, assumptions and decisions it made itself, cached stages left out. */
  notes: number;
}

export interface StageBrief {
  status: StageStatus;
  /** As in the record: where its results come from; null for a stage that did not run. */
  executedIn: RunId | null;
}

/** The brief of a record, whatever its status. */
export function briefOf(record: RunRecord): RunBrief {
  const { run, pipeline, status, startedAt, endedAt, git } = record;
  const brief: RunBrief = {
    run,
    pipeline,
    status,
    startedAt,
    endedAt,
    git,
    stages: {},
    metrics: {},
    notes: 0,
  };
  for (const [name, stage] of Object.entries(record.stages)) {
    brief.stages[name] = { status: stage.status, executedIn: stage.executedIn };
    for (const [metric, { value, goal, unit }] of Object.entries(stage.metrics))
      brief.metrics[`${name}.${metric}`] = { value, goal, unit };
    if (stage.executedIn === run) brief.notes += stage.notes.length;
  }
  return brief;
}
