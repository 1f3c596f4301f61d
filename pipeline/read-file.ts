/** Reading a project's files, where "it cannot be read" is a finding like any other. */
import { join } from "node:path";
import type { Diagnostic } from "../core/diagnostic.ts";
import { messageOf } from "../core/error.ts";
import { readFromDisk, type ReadText } from "../core/read-text.ts";

export type FileRead = { ok: true; text: string } | { ok: false; diagnostic: Diagnostic };

const REASONS: Record<string, string> = {
  EACCES: "permission is missing",
  EPERM: "permission is missing",
  EISDIR: "it is a folder",
  ENOENT: "it does not exist",
  ELOOP: "its links go in a circle",
};

/** `path` is relative to `root`. Code: `project/unreadable-file`. */
export function readProjectFile(
  root: string,
  path: string,
  read: ReadText = readFromDisk,
): FileRead {
  try {
    return { ok: true, text: read(join(root, path)) };
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? ""; // what node:fs throws
    return {
      ok: false,
      diagnostic: {
        code: "project/unreadable-file",
        severity: "error",
        message: `This file cannot be read: ${REASONS[code] ?? messageOf(error)}.`,
        at: { file: path },
      },
    };
  }
}
