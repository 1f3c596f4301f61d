/** Bringing what was written to the disk: files, and the entries of folders. */
import { closeSync, fsyncSync, openSync } from "node:fs";
import { isErrno, writeFailed } from "./files.ts";

/** From here on one pass over the file system costs less than a journal commit a file. */
const MANY = 32;

/** The bytes of files that were written and closed; all in one file system, that of `folder`. */
export function syncFiles(paths: readonly string[], folder: string): void {
  if (paths.length >= MANY && syncFileSystem(folder)) return;
  for (const path of paths) {
    const file = openSync(path, "r+"); // some systems sync only what may be written
    try {
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
  }
}

/** The entries (renames, new files) of folders that all lie below `folder`. */
export function syncFolders(paths: readonly string[], folder: string): void {
  if (paths.length >= MANY && syncFileSystem(folder)) return;
  for (const path of paths) syncFolder(path);
}

/** Flushes a folder's entries to the disk; some systems cannot, and then need not. */
export function syncFolder(path: string): void {
  let folder: number;
  try {
    folder = openSync(path, "r");
  } catch {
    return; // Windows cannot open folders: its renames are journaled
  }
  try {
    fsyncSync(folder);
  } catch (error) {
    if (!isErrno(error, "EINVAL", "EPERM", "ENOTSUP")) throw writeFailed(path, error);
  } finally {
    closeSync(folder);
  }
}

/**
 * syncfs(2), for which Node has no call and Linux a command: ten thousand small files in one pass, where fsync
 * for each takes ten times as long as writing them. False where there is none: then each is synced by itself.
 */
function syncFileSystem(folder: string): boolean {
  if (process.platform !== "linux") return false;
  // Asked for here: every kernel loads this file, and few write so many files (3 ms).
  const { spawnSync } = process.getBuiltinModule("node:child_process");
  return spawnSync("sync", ["-f", folder], { stdio: "ignore" }).status === 0;
}
