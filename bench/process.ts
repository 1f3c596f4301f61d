/** Whole processes, from spawn to exit: what somebody at a terminal waits for. */
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { STEPLAB_ROOT } from "../core/own-sources.ts";

export const STEPLAB = join(STEPLAB_ROOT, "bin", "steplab.js");

/** Seconds of a cold `steplab …`. @throws Error with what it printed when it fails: no figure for wrong work. */
export function timed(cwd: string, words: readonly string[]): number {
  return timedCommand(process.execPath, [STEPLAB, ...words], { cwd }).seconds;
}

export interface Ran {
  seconds: number;
  stdout: string;
}

/** The same of any command. */
export function timedCommand(
  command: string,
  words: readonly string[],
  options: { cwd: string; env?: NodeJS.ProcessEnv },
): Ran {
  const started = performance.now();
  const done = spawnSync(command, words, {
    ...options,
    encoding: "utf8",
    maxBuffer: 256 * 1024 * 1024,
  });
  const seconds = (performance.now() - started) / 1000;
  if (done.status !== 0)
    throw new Error(
      `"${[command, ...words].join(" ")}" ended with ${done.status ?? done.signal ?? done.error?.message}:\n${done.stdout}${done.stderr}`,
    );
  return { seconds, stdout: done.stdout };
}

/** Resident megabytes of a process and of those it has started; 0 where the system does not tell (only Linux does). */
export function memoryOf(pid: number | undefined): number {
  if (pid === undefined) return 0;
  try {
    const status = readFileSync(`/proc/${pid}/status`, "utf8");
    // Each thread lists those that it started itself.
    const children = readdirSync(`/proc/${pid}/task`)
      .map((thread) => readFileSync(`/proc/${pid}/task/${thread}/children`, "utf8"))
      .join("")
      .trim();
    const own = (Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1] ?? 0) * 1024) / 1e6;
    const theirs =
      children === "" ? [] : children.split(" ").map((child) => memoryOf(Number(child)));
    return own + theirs.reduce((sum, one) => sum + one, 0);
  } catch {
    return 0;
  }
}
