import type { Digest } from "../core/digest.ts";
import type { StageRecord } from "./record.ts";

/** A stage as it stands in the record while it has not run: what is known of it before. */
export function plannedStage(
  known: Pick<StageRecord, "index" | "template" | "params"> & { source: Digest },
): StageRecord {
  const { source, ...about } = known;
  return {
    ...about,
    status: "not-run",
    executedIn: null,
    key: null,
    reproducible: true,
    reason: null,
    resumed: null,
    notebook: { source, executed: null, path: null },
    inputs: {},
    outputs: {},
    checks: [],
    metrics: {},
    notes: [],
    attempts: [],
    cells: [],
    error: null,
  };
}
