/** How a chain runs: plan, keys, sources, kernels, cells, archive. What `steplab/runner` exports. */
export { run } from "./run.ts";
export { judge } from "./judge.ts";
export { RUN_DEFAULTS, type Judged, type Overrides, type RunOptions } from "./options.ts";
export { recoverRuns } from "./recover.ts";
export type { RunEvent } from "../lineage/event.ts";
export type { RunRecord, StageRecord, RunId } from "../lineage/record.ts";
