/** Finding runs: by what became of them or of a stage, by branch, tag and time, the best by a metric first. */
import { didYouMean } from "../../core/did-you-mean.ts";
import { StepLabError } from "../../core/error.ts";
import type { RunStatus, StageStatus } from "../status.ts";
import type { RunBrief } from "./brief.ts";
import { readBriefs, type OnUnreadable } from "./run-index.ts";

/** Every member narrows; without any, all runs fit. */
export interface RunQuery {
  /** Runs that executed this stage: those that took it cached or never came to it are left out. */
  stage?: string;
  /** How the run ended; with `stage`, how that stage ended. */
  status?: RunStatus | StageStatus;
  branch?: string;
  tag?: string;
  /** Ended at or after; milliseconds since the epoch. */
  since?: number;
  /** `stage.metric`, or its last part: only runs that have it, the best first; equal ones newest first. */
  metric?: string;
  /** At most so many. */
  limit?: number;
}

/** The runs that a query found. */
export interface FoundRuns {
  runs: RunBrief[];
  /** Whether there are more than `limit`. */
  more: boolean;
}

/** Newest first, unless a metric orders them. @throws StepLabError `archive/unknown-metric` */
export function searchRuns(
  projectRoot: string,
  query: RunQuery,
  onUnreadable?: OnUnreadable,
): FoundRuns {
  const limit = query.limit ?? Infinity;
  const runs: RunBrief[] = [];
  const metrics = new Set<string>();
  let last = "";
  for (const brief of readBriefs(projectRoot, onUnreadable)) {
    last = brief.run;
    if (query.metric !== undefined) for (const name in brief.metrics) metrics.add(name);
    if (!fits(brief, query)) continue;
    if (query.metric === undefined && runs.length === limit) return { runs, more: true };
    runs.push(brief);
  }
  if (query.metric === undefined) return { runs, more: false };
  const wanted = query.metric;
  if (last !== "" && ![...metrics].some((name) => isMetric(name, wanted))) {
    throw new StepLabError("archive/unknown-metric", `No run has a metric "${wanted}".`, {
      hint: didYouMean(wanted, [...metrics].sort()) ?? "No run has recorded one yet.",
    });
  }
  const sorted = byMetric(runs, wanted);
  return { runs: sorted.slice(0, limit), more: sorted.length > limit };
}

/** Whether `train.validMae` is what a person called `validMae` or `train.validMae`. */
export function isMetric(name: string, wanted: string): boolean {
  return name === wanted || name.endsWith(`.${wanted}`);
}

function fits(brief: RunBrief, query: RunQuery): boolean {
  const { stage, status, branch, tag, since } = query;
  if (branch !== undefined && brief.git?.branch !== branch) return false;
  if (tag !== undefined && brief.git?.tag !== tag) return false;
  if (since !== undefined && Date.parse(brief.endedAt) < since) return false;
  if (stage === undefined) return status === undefined || brief.status === status;
  const became = brief.stages[stage]?.status;
  if (status !== undefined) return became === status;
  return became !== undefined && became !== "cached" && became !== "not-run";
}

function byMetric(runs: readonly RunBrief[], wanted: string): RunBrief[] {
  const valued = runs.flatMap((run) => {
    const found = Object.entries(run.metrics).find(([name]) => isMetric(name, wanted));
    return found === undefined ? [] : [{ run, metric: found[1] }];
  });
  return valued
    .sort((a, b) =>
      a.metric.goal === "min" ? a.metric.value - b.metric.value : b.metric.value - a.metric.value,
    )
    .map(({ run }) => run);
}
