/** What `steplab run` would do now, without doing it: which stages are fresh, which are stale and why. */
import type { StageKey } from "../core/digest.ts";
import { StepLabError } from "../core/error.ts";
import { archiveOf } from "../lineage/archive.ts";
import type { KeyChange } from "../lineage/event.ts";
import type { StageRecord } from "../lineage/record.ts";
import { keepCache } from "../lineage/store/files.ts";
import { ObjectStore } from "../lineage/store/objects.ts";
import { needsOf } from "../pipeline/graph.ts";
import { Inputs } from "./inputs.ts";
import { judge, type Lint } from "./judge.ts";
import type { Judged, Overrides, RunOptions } from "./options.ts";
import { Planner } from "./plan.ts";

export interface StageOutlook {
  stage: string;
  /** `waits`: a stage before it must run first, so its key is not known yet. */
  state: "fresh" | "stale" | "waits";
  reason: string;
  /** The cached result, when fresh. */
  record: StageRecord | null;
  /** What decides whether it must run again; null while its inputs are not known, or cannot be read. */
  key: StageKey | null;
  /** What of its key changed, in full; only where it was asked for. */
  changes?: KeyChange[];
}

export interface Outlook {
  judged: Judged;
  stages: StageOutlook[];
}

export interface OutlookOptions extends Partial<Pick<RunOptions, "inputs" | "seed" | "explain">> {
  /** A lint session's, where one is open. */
  lint?: Lint;
}

/** Never fetches URLs; a URL that was never fetched makes its stage stale. @throws as `judge` */
export async function outlook(
  projectRoot: string,
  document: string,
  overrides: Overrides,
  { inputs: given = {}, seed = null, explain = false, lint }: OutlookOptions = {},
): Promise<Outlook> {
  const archive = archiveOf(projectRoot);
  const judged = await judge(projectRoot, document, overrides, archive, undefined, lint);
  const store = new ObjectStore(archive);
  const planner = new Planner(projectRoot, archive, store, judged, seed ?? judged.pipeline.seed);
  const inputs = new Inputs(
    {
      projectRoot,
      offline: true,
      store: "look",
      signal: new AbortController().signal,
      given,
      onFetched: () => undefined,
    },
    store,
  );
  const fresh = new Map<string, StageRecord>();
  const stages: StageOutlook[] = [];
  for (const name of judged.order) {
    const stage = judged.pipeline.stages.find((each) => each.name === name);
    if (stage === undefined) continue;
    const waiting = needsOf(stage).filter((need) => !fresh.has(need));
    if (waiting.length > 0) {
      stages.push({
        stage: name,
        state: "waits",
        reason: `needs ${waiting.join(", ")}`,
        record: null,
        key: null,
      });
      continue;
    }
    try {
      const bound = await inputs.bind(stage, judged.contracts[name]?.inputs ?? {}, fresh);
      const decision = planner.decide(stage, bound, { force: false });
      if (decision.decision === "cached") fresh.set(name, decision.entry.record);
      stages.push({
        stage: name,
        state: decision.decision === "cached" ? "fresh" : "stale",
        reason: decision.reason,
        record: decision.decision === "cached" ? decision.entry.record : null,
        key: decision.key,
        ...(explain &&
          decision.decision === "run" && {
            changes: await planner.changes(stage, bound, decision),
          }),
      });
    } catch (error) {
      if (!(error instanceof StepLabError)) throw error;
      stages.push({ stage: name, state: "stale", reason: error.message, record: null, key: null });
    }
  }
  keepCache(() => {
    planner.save();
    inputs.save();
  });
  return { judged, stages };
}
