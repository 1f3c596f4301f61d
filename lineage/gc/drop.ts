/** Which runs may go. Pure. */
import { StepLabError } from "../../core/error.ts";
import type { RunBrief } from "../query/brief.ts";
import type { RunId } from "../record.ts";
import type { Protection } from "./protect.ts";

/** A run goes when it fits every member that is given; without any, none goes. */
export interface DropRule {
  /** All but so many of the newest. */
  keepRuns?: number;
  /** Ended before; milliseconds since the epoch. */
  endedBefore?: number;
  /** Only those that did not succeed. */
  failed?: boolean;
  /** These, by id. */
  runs?: readonly RunId[];
}

export interface DropPlan {
  drop: RunId[];
  /** Runs that fit the rule and stay all the same. */
  kept: { run: RunId; why: string }[];
}

/**
 * Never the newest succeeded run of a branch or of a tag, nor one that is protected: those are what people come back to.
 * `briefs` newest first. @throws StepLabError `gc/protected` when such a run is named
 */
export function planDrop(
  briefs: readonly RunBrief[],
  rule: DropRule,
  protectedBy: readonly Protection[],
): DropPlan {
  const reasons = reasonsToStay(briefs, protectedBy);
  const plan: DropPlan = { drop: [], kept: [] };
  for (const run of rule.runs ?? []) {
    const why = reasons.get(run);
    if (why !== undefined)
      throw new StepLabError("gc/protected", `Run ${run} stays: it is ${why}.`, {
        hint: "Name others: npx steplab runs lists them.",
      });
  }
  if (Object.keys(rule).length === 0) return plan;
  for (const [place, brief] of briefs.entries()) {
    if (!fits(brief, place, rule)) continue;
    const why = reasons.get(brief.run);
    if (why === undefined) plan.drop.push(brief.run);
    else plan.kept.push({ run: brief.run, why });
  }
  return plan;
}

function fits(brief: RunBrief, place: number, rule: DropRule): boolean {
  const { keepRuns, endedBefore, failed, runs } = rule;
  if (keepRuns !== undefined && place < keepRuns) return false;
  if (endedBefore !== undefined && Date.parse(brief.endedAt) >= endedBefore) return false;
  if (failed === true && brief.status === "succeeded") return false;
  return runs === undefined || runs.includes(brief.run);
}

function reasonsToStay(
  briefs: readonly RunBrief[],
  protectedBy: readonly Protection[],
): Map<RunId, string> {
  const reasons = new Map<RunId, string>();
  for (const { why, runs } of protectedBy)
    for (const run of runs) reasons.set(run, `needed by ${why}`);
  const seen = new Set<string>();
  for (const { run, status, git } of briefs) {
    if (status !== "succeeded") continue;
    const places = [`branch ${git?.branch ?? "(none)"}`, ...(git?.tag ? [`tag ${git.tag}`] : [])];
    for (const place of places) {
      if (seen.has(place)) continue;
      seen.add(place);
      if (!reasons.has(run)) reasons.set(run, `the newest that succeeded of ${place}`);
    }
  }
  return reasons;
}
