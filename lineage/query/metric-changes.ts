/** The metrics of the last result, each beside what the stage had measured before that. */
import type { MetricRecord, RunId } from "../record.ts";
import { briefOf, type RunBrief } from "./brief.ts";
import { recordsBackwards } from "./runs.ts";

export interface MetricChange extends Omit<MetricRecord, "series"> {
  stage: string;
  metric: string;
  /** The run that measured it: of a cached stage the one it was executed in. */
  run: RunId;
  /** What the execution before that one measured; null when there was none. */
  before: { run: RunId; value: number } | null;
}

/** So far back one looks for what was before, in the records themselves: the index of all runs takes longer to read than these. */
const LOOKED_AT = 50;

/** Metrics of the newest run of the pipeline that has any; a null name takes any pipeline. Empty when there is none. */
export function lastMetrics(projectRoot: string, pipeline: string | null): MetricChange[] {
  return metricChanges(briefsOf(projectRoot, pipeline));
}

/** Pure: briefs, newest first, to what changed. */
export function metricChanges(briefs: Iterable<RunBrief>): MetricChange[] {
  let changes: MetricChange[] = [];
  let looked = 0;
  for (const brief of briefs) {
    if (changes.length === 0) changes = metricsOf(brief);
    else for (const change of changes) change.before ??= measuredBefore(change, brief);
    const isDone = changes.length > 0 && changes.every(({ before }) => before !== null);
    if (isDone || ++looked === LOOKED_AT) break;
  }
  return changes;
}

function metricsOf(brief: RunBrief): MetricChange[] {
  return Object.entries(brief.metrics).map(([name, { value, goal, unit }]) => {
    const { stage, metric } = partsOf(name);
    const run = brief.stages[stage]?.executedIn ?? brief.run;
    return { stage, metric, value, goal, unit, run, before: null };
  });
}

/** A run that took the stage from the same execution measured nothing of its own. */
function measuredBefore(change: MetricChange, brief: RunBrief): MetricChange["before"] {
  const run = brief.stages[change.stage]?.executedIn;
  const measured = brief.metrics[`${change.stage}.${change.metric}`];
  return !run || run === change.run || measured === undefined
    ? null
    : { run, value: measured.value };
}

/** Stages' names hold no dot. */
function partsOf(name: string): { stage: string; metric: string } {
  const dot = name.indexOf(".");
  return { stage: name.slice(0, dot), metric: name.slice(dot + 1) };
}

function* briefsOf(projectRoot: string, pipeline: string | null): Generator<RunBrief> {
  for (const record of recordsBackwards(projectRoot))
    if (pipeline === null || record.pipeline === pipeline) yield briefOf(record);
}
