/**
 * What `steplab/runner` exports: the commands as a library. Paths of projects are absolute; what a person did wrong
 * is thrown as a `StepLabError` with a stable code (docs/codes.md), a failed run is a record like any other.
 *
 *     import { openArchive, run } from "steplab/runner";
 *
 *     const record = await run({ projectRoot: "/projects/prices", select: { to: ["train"] } });
 *     console.log(record.status, record.stages["train"]?.metrics["validMae"]?.value);
 *     const listings = openArchive("/projects/prices").output("process.listings");
 *     for await (const row of listings.rows<{ price: number }>()) console.log(row.price);
 */
export { run } from "./run.ts";
export { lint } from "../pipeline/lint/index.ts";
export { openLint } from "../pipeline/lint/session.ts";
export { judge } from "./judge.ts";
export { status } from "./status.ts";
export { openWatch } from "./watch/index.ts";
export { openArchive, type ProjectArchive, type StoredOutput } from "./archive.ts";
export { recoverRuns } from "./recover.ts";
export { findProjectRoot } from "./find-project.ts";
export { RUN_DEFAULTS } from "./options.ts";
export { StepLabError } from "../core/error.ts";

export type { Diagnostic } from "../core/diagnostic.ts";
export type { RunEvent } from "../lineage/event.ts";
export type { RunId, RunRecord, StageRecord } from "../lineage/record.ts";
export type { RunBrief } from "../lineage/query/brief.ts";
export type { FoundRuns, RunQuery } from "../lineage/query/search.ts";
export type { RunDiff } from "../lineage/query/diff/compare.ts";
export type { Graph } from "../lineage/query/lineage/graph.ts";
export type { VerifyReport } from "../lineage/verify.ts";
export type { LintOptions, LintResult } from "../pipeline/lint/index.ts";
export type { LintSession } from "../pipeline/lint/session.ts";
export type { Judged, Overrides, RunOptions } from "./options.ts";
export type { ProjectStatus } from "./status.ts";
export type { WatchEvent } from "./watch/event.ts";
export type { Watch, WatchOptions } from "./watch/index.ts";
