/** The only words for how things ended (DESIGN 7). Printers switch over them exhaustively. */

/** How a stage, or an attempt at it, ended. */
export const STAGE_STATUSES = [
  "succeeded",
  "cached",
  "failed",
  "checks-failed",
  "timed-out",
  "cancelled",
  "interrupted", // its owner died
  "killed", // signal or out of memory
  "not-run",
] as const;
export type StageStatus = (typeof STAGE_STATUSES)[number];

/** How a run ended: succeeded when every stage that was asked for succeeded or was cached. */
export const RUN_STATUSES = ["succeeded", "failed", "cancelled", "interrupted"] as const;
export type RunStatus = (typeof RUN_STATUSES)[number];

/** How a cell ended; one that never began is `not-run`, whatever became of its stage. */
export const CELL_STATUSES = [
  "ok",
  "error",
  "interrupted",
  "timed-out",
  "not-run",
  "skipped",
] as const;
export type CellStatus = (typeof CELL_STATUSES)[number];
