/** Telling `steplab gc` that an object, or what was kept beside them, is in use. */
import { readFileSync, statSync, utimesSync } from "node:fs";
import { isErrno } from "./files.ts";

/** The text of what can be made again, its time now new; null when it is not there or cannot be read. */
export function readCache(path: string): string | null {
  try {
    return touchedSize(path) === null ? null : readFileSync(path, "utf8");
  } catch {
    return null;
  }
}

/**
 * Size of an object that is there, its time now new; null when it is not. The time comes first: a collection looks at
 * it again before it frees anything, so that whoever gets a size here can rely on the object.
 */
export function touchedSize(path: string): number | null {
  try {
    const now = new Date();
    utimesSync(path, now, now);
  } catch (error) {
    if (isErrno(error, "ENOENT", "ENOTDIR")) return null;
    // Another user's object, or an archive that is only read: whoever collects there sees the run's own marks.
    if (!isErrno(error, "EPERM", "EACCES", "EROFS")) throw error;
  }
  return statSync(path, { throwIfNoEntry: false })?.size ?? null;
}
