/** Which process owns a run: told so that a dead owner's run can be recovered, and a living one's left alone. */
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { isRunId, type Archive } from "./archive.ts";
import type { RunStarted } from "./event.ts";
import type { RunId } from "./record.ts";
import { ensureFolder, isErrno, writeFailed } from "./store/files.ts";

/** The process that owns a run; with its start time, so that a reused process id is not taken for the owner. */
export type Owner = RunStarted["owner"];

/** Runs of this process that go on: its id alone would call an abandoned run of a long-lived process alive. */
const live = new Set<RunId>();

/** This process as an owner. */
export function thisProcess(): Owner {
  return { pid: process.pid, startedAt: processStart(process.pid), host: hostname() };
}

/** Runs under way have a marker, so that recovery need not look through thousands of finished ones. */
function markers(archive: Archive): string {
  return join(archive.refs, "running");
}

/**
 * Called before the run's folder is made, so that there is no moment at which a run could be lost.
 * False when another run has taken this id.
 */
export function markRunning(archive: Archive, run: RunId): boolean {
  const path = join(markers(archive), run);
  ensureFolder(markers(archive));
  try {
    writeFileSync(path, JSON.stringify(thisProcess()), { flag: "wx" });
  } catch (error) {
    if (isErrno(error, "EEXIST")) return false;
    rmSync(path, { force: true }); // half a marker on a full disk
    throw writeFailed(path, error);
  }
  live.add(run);
  return true;
}

/** The run has its record (or never began). */
export function unmarkRunning(archive: Archive, run: RunId): void {
  live.delete(run);
  rmSync(join(markers(archive), run), { force: true });
}

/** This process gives the run up without a record: the next command recovers it. */
export function abandon(run: RunId): void {
  live.delete(run);
}

/** Runs that have begun and not been ended by their owner, oldest first. */
export function markedRuns(archive: Archive): RunId[] {
  const folder = markers(archive);
  return existsSync(folder) ? readdirSync(folder).filter(isRunId).sort() : [];
}

/** True while the process that started the run lives; a run of another machine is never called dead from here. */
export function isOwned(archive: Archive, run: RunId): boolean {
  const marker = join(markers(archive), run);
  const owner = ownerOf(marker);
  if (owner === null) return isFresh(marker);
  if (owner.host === hostname() && owner.pid === process.pid) return live.has(run);
  return isAlive(owner);
}

/** True while the process lives; one of another machine is never called dead from here. */
export function isAlive(owner: Owner): boolean {
  if (owner.host !== hostname()) return true;
  try {
    process.kill(owner.pid, 0);
  } catch (error) {
    return isErrno(error, "EPERM"); // it lives, and is another user's
  }
  // The number may have been given to another process since: that one started later.
  const startedAt = processStart(owner.pid);
  return owner.startedAt === null || startedAt === null || owner.startedAt === startedAt;
}

/** A marker without its words is being written at this moment, or its writer died while it wrote. */
function isFresh(marker: string): boolean {
  const stat = statSync(marker, { throwIfNoEntry: false });
  return stat !== undefined && Date.now() - stat.mtimeMs < MARKER_WRITE_MS;
}

const MARKER_WRITE_MS = 10_000;

function ownerOf(marker: string): Owner | null {
  try {
    return JSON.parse(readFileSync(marker, "utf8")) as Owner; // written by markRunning alone
  } catch {
    return null;
  }
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
