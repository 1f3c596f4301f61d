/** Medians of whole processes and of work within one. */
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { STEPLAB_ROOT } from "../core/own-sources.ts";

export interface Row {
  what: string;
  bound: string;
  value: number;
  unit: string;
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1
    ? (sorted[middle] ?? NaN)
    : ((sorted[middle - 1] ?? NaN) + (sorted[middle] ?? NaN)) / 2;
}

export const STEPLAB = join(STEPLAB_ROOT, "bin", "steplab.js");

/** Seconds of a cold process, from spawn to exit. @throws Error with what it printed when it fails: no figure for wrong work. */
export function timed(cwd: string, words: readonly string[]): number {
  const started = performance.now();
  const done = spawnSync(process.execPath, [STEPLAB, ...words], { cwd, encoding: "utf8" });
  const seconds = (performance.now() - started) / 1000;
  if (done.status !== 0)
    throw new Error(
      `steplab ${words.join(" ")} ended with ${done.status}:\n${done.stdout}${done.stderr}`,
    );
  return seconds;
}

export function medianOf(times: number, once: () => number): number {
  return median(Array.from({ length: times }, once));
}
