/** Which process owns a run: told so that a dead owner's run can be recovered, and a living one's left alone. */
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { isRunId, type Archive } from "../lineage/archive.ts";
import type { RunStarted } from "../lineage/event.ts";
import type { RunId } from "../lineage/record.ts";
import { ensureFolder, writeFailed } from "../lineage/store/files.ts";

/** Runs under way have a marker, so that recovery need not look through thousands of finished ones. */
function markers(archive: Archive): string {
  return join(archive.refs, "running");
}

export function markRunning(archive: Archive, run: RunId): void {
  const path = join(markers(archive), run);
  ensureFolder(markers(archive));
  try {
    writeFileSync(path, "");
  } catch (error) {
    throw writeFailed(path, error);
  }
}

export function unmarkRunning(archive: Archive, run: RunId): void {
  rmSync(join(markers(archive), run), { force: true });
}

export function markedRuns(archive: Archive): RunId[] {
  const folder = markers(archive);
  return existsSync(folder) ? readdirSync(folder).filter(isRunId).sort() : [];
}

/** True while the process that started the run lives; a run of another machine is never called dead from here. */
export function isAlive(owner: RunStarted["owner"]): boolean {
  if (owner.host !== hostname()) return true;
  try {
    process.kill(owner.pid, 0);
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM"; // it lives, and is another user's
  }
  // The number may have been given to another process since: that one started later.
  const startedAt = processStart(owner.pid);
  return owner.startedAt === null || startedAt === null || owner.startedAt === startedAt;
}

/** When a process started, in the system's own words: only ever compared with itself. Null where nobody says. */
export function processStart(pid: number): string | null {
  try {
    if (process.platform === "linux") {
      // Field 22 of /proc/<pid>/stat (proc(5)); the name in field 2 may hold spaces and parentheses.
      const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
      return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? null;
    }
    if (process.platform === "win32") return null;
    return (
      execFileSync("ps", ["-o", "lstart=", "-p", String(pid)], { encoding: "utf8" }).trim() || null
    );
  } catch {
    return null; // gone, or no such tool
  }
}
