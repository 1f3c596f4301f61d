/**
 * Frees what a plan found. Killed at any moment, it leaves nothing that leads nowhere: first what leads to runs and
 * objects (keys, the reference to the newest run), then the runs' folders, each out of sight in one rename, then
 * objects that nothing leads to any more. The next collection finishes what one began.
 */
import { existsSync, mkdirSync, renameSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { archiveOf, type Archive } from "../archive.ts";
import { executionsPath } from "../query/execution.ts";
import { indexPath } from "../query/run-index.ts";
import { readRecord, runFolder, listRuns } from "../query/runs.ts";
import type { RunId } from "../record.ts";
import { isErrno, temporaryName, writeFailed, writeFileAtomic } from "../store/files.ts";
import { ObjectStore } from "../store/objects.ts";
import { lockForGc } from "./lock.ts";
import { planGc, trashOf, type GcOptions, type GcPlan } from "./plan.ts";

/** @throws StepLabError `gc/under-way`, `gc/unreadable`, `gc/protected`, `archive/…` */
export function collectGarbage(projectRoot: string, options: GcOptions): GcPlan {
  const archive = archiveOf(projectRoot);
  using _lock = lockForGc(archive);
  const plan = planGc(projectRoot, options); // under the lock: a run that begins now waits
  for (const key of plan.keys) rmSync(join(archive.keys, key), { force: true });
  if (plan.drop.length > 0) dropRuns(projectRoot, archive, plan);
  const store = new ObjectStore(archive);
  const freed = plan.objects.filter(({ digest, mtimeMs }) => free(store.pathOf(digest), mtimeMs));
  for (const { path } of [...plan.leftovers, ...plan.unused])
    rmSync(path, { recursive: true, force: true });
  return { ...plan, objects: freed };
}

function dropRuns(projectRoot: string, archive: Archive, { drop }: GcPlan): void {
  const gone = new Set(drop.map(({ run }) => run));
  pointToNewest(projectRoot, archive, (run) => !gone.has(run));
  for (const path of [indexPath(archive), executionsPath(archive)]) rmSync(path, { force: true });
  const trash = trashOf(archive);
  mkdirSync(trash, { recursive: true });
  for (const { run } of drop) {
    const aside = join(trash, run);
    try {
      renameSync(runFolder(projectRoot, run), aside);
    } catch (error) {
      if (isErrno(error, "ENOENT")) continue; // somebody removed it by hand
      throw writeFailed(runFolder(projectRoot, run), error);
    }
    rmSync(aside, { recursive: true, force: true });
  }
}

/** `refs/last.json` never names a run that is gone. */
function pointToNewest(
  projectRoot: string,
  archive: Archive,
  stays: (run: RunId) => boolean,
): void {
  const path = join(archive.refs, "last.json");
  if (!existsSync(path)) return;
  for (const run of listRuns(projectRoot).toReversed()) {
    const record = stays(run) ? readRecord(projectRoot, run) : null;
    if (record === null) continue;
    writeFileAtomic(path, JSON.stringify({ run, status: record.status }), { durable: false });
    return;
  }
  rmSync(path, { force: true });
}

/**
 * A run that finds an object there touches it, so that its time is new. Moved aside first, it can be looked at once
 * more without anybody finding it: touched since the plan, it goes back; not there any more, the run writes it anew.
 */
function free(path: string, mtimeMs: number): boolean {
  const aside = temporaryName(path);
  try {
    renameSync(path, aside);
    if (statSync(aside).mtimeMs === mtimeMs) {
      rmSync(aside, { force: true });
      return true;
    }
    renameSync(aside, path);
    return false;
  } catch (error) {
    if (isErrno(error, "ENOENT")) return false;
    throw writeFailed(path, error);
  }
}
