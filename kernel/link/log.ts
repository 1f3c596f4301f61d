/** The kernel's own troubles, for the log of whoever started it: never a cell's output. */
import { writeSync } from "node:fs";
import { inspect } from "node:util";

/** Straight to the process's standard error: `process.stderr` is the cells', and a worker's goes through main. */
export function logTrouble(message: string): void {
  writeSync(2, `steplab kernel: ${message}\n`);
}

/** How the kernel's process ends when it is not asked to, as sysexits.h has it: EX_SOFTWARE and EX_TEMPFAIL. */
export const INTERNAL_ERROR = 70;
/** Another try, with other ports, will do. */
export const TEMPORARY_FAILURE = 75;

/**
 * For promises of the kernel's own that nothing awaits: a failure is a bug of ours, and must not pass
 * for a loose rejection of the user's. The process ends, with the reason in its log.
 */
export function failHard(task: Promise<void>): void {
  task.catch((error: unknown) => {
    logTrouble(`a bug of its own: ${inspect(error)}`);
    process.exit(INTERNAL_ERROR);
  });
}
