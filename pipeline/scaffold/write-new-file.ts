/** Files that were not there: written whole or not at all, and never over another. */
import { existsSync, linkSync, renameSync, rmSync } from "node:fs";
import { dirname } from "node:path";
import { StepLabError } from "../../core/error.ts";
import {
  ensureFolder,
  isErrno,
  temporaryName,
  writeFailed,
  writeFileAtomic,
} from "../../lineage/store/files.ts";

/** @throws StepLabError `project/in-the-way` when there is such a file by now; `archive/…` when it cannot be written */
export function writeNewFile(path: string, text: string): void {
  ensureFolder(dirname(path));
  const temporary = temporaryName(path);
  writeFileAtomic(temporary, text, { durable: true });
  try {
    putInPlace(temporary, path);
  } catch (error) {
    throw isErrno(error, "EEXIST") ? inTheWay(path, error) : writeFailed(path, error);
  } finally {
    rmSync(temporary, { force: true });
  }
}

/** A second name and not a new one: unlike renaming, that refuses to take another file's place. */
function putInPlace(temporary: string, path: string): void {
  try {
    linkSync(temporary, path);
  } catch (error) {
    if (!isErrno(error, "EPERM", "ENOTSUP", "ENOSYS")) throw error; // file systems without links
    if (existsSync(path)) throw inTheWay(path, error);
    renameSync(temporary, path);
  }
}

function inTheWay(path: string, cause: unknown): StepLabError {
  return new StepLabError("project/in-the-way", `${path} is there already; it was not changed.`, {
    hint: "Move it away, or choose another name.",
    cause,
  });
}
