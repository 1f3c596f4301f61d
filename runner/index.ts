/** How a chain runs: plan, keys, sources, kernels, cells, archive. What `steplab/runner` exports. */
export { run, RUN_DEFAULTS, type RunOptions } from "./run.ts";
export { judge, type Judged, type Overrides } from "./judge.ts";
export { mergeDeep, nest } from "./parameters.ts";
export { recoverRuns } from "./recover.ts";
export type { RunEvent } from "../lineage/event.ts";
export type { RunRecord, StageRecord, RunId } from "../lineage/record.ts";
