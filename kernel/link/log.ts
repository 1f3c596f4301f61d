/** The kernel's own troubles, for the log of whoever started it: never a cell's output. */
import { writeSync } from "node:fs";

/** Straight to the process's standard error: `process.stderr` is the cells', and a worker's goes through main. */
export function logTrouble(message: string): void {
  writeSync(2, `steplab kernel: ${message}\n`);
}
