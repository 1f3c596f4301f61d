/** How an attempt that did not succeed ended: its status, and the error that names place and reason. */
import type { StepLabError } from "../../core/error.ts";
import type { Fact } from "../../core/fact.ts";
import type { Cell } from "../../core/notebook/index.ts";
import type { StageError } from "../../lineage/record.ts";
import type { CellStatus, StageStatus } from "../../lineage/status.ts";
import { describeExit } from "../jupyter/client.ts";
import type { ExecuteResult } from "../jupyter/stage-kernel.ts";
import type { KernelExit } from "../jupyter/kernel-process.ts";
import { FLOOD_BYTES } from "./outputs.ts";
import { withoutPaths } from "../without-paths.ts";
import { shortened } from "./shorten.ts";

export type AttemptStatus = Exclude<StageStatus, "cached" | "interrupted" | "not-run">;

export interface Failure {
  status: AttemptStatus;
  error: StageError;
}

/** Why an attempt was ended from outside. */
export type Ending =
  | { why: "timed-out"; timeoutMs: number }
  | { why: "cancelled" }
  | { why: "flooded" }
  | { why: "out-of-memory"; rssBytes: number; limitBytes: number }
  /** What kept the archive from taking the notebook's words. */
  | { why: "unwritable"; error: StepLabError };

/** What the cell says that was running when the attempt was ended. */
export function endedCellStatus({ why }: Ending): CellStatus {
  switch (why) {
    case "timed-out":
      return "timed-out";
    case "flooded":
    case "out-of-memory":
      return "error";
    case "cancelled":
    case "unwritable":
      return "interrupted";
  }
}

export function endedFailure(ending: Ending, cell: Cell | null, projectRoot: string): Failure {
  const [name, message] = wordsOf(ending, projectRoot);
  return { status: endedStatus(ending), error: errorAt(cell, name, message) };
}

function endedStatus({ why }: Ending): AttemptStatus {
  if (why === "timed-out" || why === "cancelled") return why;
  return why === "out-of-memory" ? "killed" : "failed";
}

function wordsOf(ending: Ending, projectRoot: string): [name: string, message: string] {
  switch (ending.why) {
    case "timed-out":
      return [
        "StageTimeout",
        `The stage took longer than its timeout of ${ending.timeoutMs / 1000} s.`,
      ];
    case "flooded":
      return ["OutputFlood", `The cell wrote more than ${FLOOD_BYTES / 1024 / 1024} MiB of text.`];
    case "out-of-memory":
      return [
        "OutOfMemory",
        `The stage's memory came to ${inMiB(ending.rssBytes)} of its limit of ${inMiB(ending.limitBytes)} (resources.memory).`,
      ];
    case "unwritable": {
      const { code, message, hint } = ending.error;
      return [code, withoutPaths([message, hint].filter(Boolean).join("\n"), projectRoot)];
    }
    case "cancelled":
      return ["Cancelled", "The run was cancelled."];
  }
}

function inMiB(bytes: number): string {
  return `${Math.round(bytes / 2 ** 20).toLocaleString("en")} MiB`;
}

/** A cell's own error. It may come from a function that an earlier cell declared: then the kernel names that one. */
export function cellFailure(
  reply: ExecuteResult,
  cell: Cell | null,
  cells: readonly Cell[],
  facts: readonly Fact[],
): Failure {
  const { name, message, traceback } = reply.error ?? {
    name: "Aborted",
    message: "The kernel did not run the cell.",
    traceback: [],
  };
  const at = reply.errorAt;
  const named = at?.cell == null ? undefined : cells.find(({ number }) => number === at.cell);
  // By what was told, not by the name alone: any error may call itself so.
  const byChecks =
    name === "ChecksFailed" &&
    facts.some((fact) => fact.fact === "check" && fact.status === "failed");
  return {
    status: byChecks ? "checks-failed" : "failed",
    error: {
      ...errorAt(named ?? cell, name, shortened(message, MESSAGE_CHARACTERS), at?.line ?? null),
      traceback: traceback.map((line) => shortened(line, MESSAGE_CHARACTERS)),
    },
  };
}

const MESSAGE_CHARACTERS = 20_000;

/** The kernel's process is gone: by itself, by a signal, out of memory, or because the attempt was ended. */
export function deathFailure(
  exit: KernelExit,
  cell: Cell | null,
  ending: Ending | null,
  projectRoot: string,
): Failure {
  const { exitCode, signal } = exit;
  const process = { exitCode, signal, stderr: withoutPaths(exit.stderr.slice(-4096), projectRoot) };
  const { status, error } =
    ending === null ? ownDeath(exit, cell) : endedFailure(ending, cell, projectRoot);
  return { status, error: { ...error, process } };
}

function ownDeath(exit: KernelExit, cell: Cell | null): Failure {
  if (/heap out of memory|Allocation failed/.test(exit.stderr)) {
    return {
      status: "killed",
      error: errorAt(cell, "OutOfMemory", "The kernel ran out of memory."),
    };
  }
  if (exit.lost !== undefined) {
    const message = `The kernel is lost: ${exit.lost}.`;
    return { status: "killed", error: errorAt(cell, "KernelLost", message) };
  }
  // From 128 on it was a signal, told as a shell tells it.
  if (exit.signal === null && (exit.exitCode ?? 0) < 128) {
    const message = `The notebook ended its kernel (${describeExit(exit)}): code called process.exit().`;
    return { status: "failed", error: errorAt(cell, "KernelExited", message) };
  }
  const message = `The kernel's process was killed (${describeExit(exit)}).`;
  return { status: "killed", error: errorAt(cell, "KernelKilled", message) };
}

function errorAt(
  cell: Cell | null,
  name: string,
  message: string,
  line: number | null = null,
): StageError {
  return {
    name,
    message,
    cell: cell && { number: cell.number, id: cell.id, line },
    notebook: null,
    process: null,
    traceback: [],
  };
}
