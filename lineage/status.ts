/** The only words for how things ended (DESIGN 7). Printers switch over them exhaustively. */

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

export const RUN_STATUSES = ["succeeded", "failed", "cancelled", "interrupted"] as const;
export type RunStatus = (typeof RUN_STATUSES)[number];

export const CELL_STATUSES = [
  "ok",
  "error",
  "interrupted",
  "timed-out",
  "not-run",
  "skipped",
] as const;
export type CellStatus = (typeof CELL_STATUSES)[number];
