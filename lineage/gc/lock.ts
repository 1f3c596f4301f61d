/**
 * One collection at a time, and none while a run begins.
 *
 * A run marks itself and then looks for the lock; a collection takes the lock and then looks for marks. Whichever
 * comes second sees the other: the run waits, or the collection leaves alone what a run under way may reach.
 */
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as after } from "node:timers/promises";
import { StepLabError } from "../../core/error.ts";
import type { Archive } from "../archive.ts";
import { isAlive, thisProcess, type Owner } from "../owner.ts";
import { ensureFolder, isErrno, writeFailed } from "../store/files.ts";

const LOOK_MS = 50;

/** @throws StepLabError `gc/under-way` */
export function lockForGc(archive: Archive): Disposable {
  const path = lockPath(archive);
  ensureFolder(archive.refs);
  for (;;) {
    try {
      writeFileSync(path, JSON.stringify(thisProcess()), { flag: "wx" });
      return { [Symbol.dispose]: () => rmSync(path, { force: true }) };
    } catch (error) {
      if (!isErrno(error, "EEXIST")) throw writeFailed(path, error);
      if (isHeld(archive))
        throw new StepLabError("gc/under-way", "Another `steplab gc` is at work in this archive.", {
          hint: "Wait until it has ended.",
        });
      rmSync(path, { force: true }); // its owner died
    }
  }
}

/** Called by a run once it is marked, before it relies on anything in the store. */
export async function gcEnded(archive: Archive): Promise<void> {
  while (isHeld(archive)) await after(LOOK_MS);
}

function isHeld(archive: Archive): boolean {
  let text: string;
  try {
    text = readFileSync(lockPath(archive), "utf8");
  } catch {
    return false;
  }
  try {
    return isAlive(JSON.parse(text) as Owner); // written by `lockForGc` alone
  } catch {
    return true; // being written at this moment
  }
}

function lockPath(archive: Archive): string {
  return join(archive.refs, "gc.lock");
}
