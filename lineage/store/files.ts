/** Writing that survives a crash: temporary file in the same folder, sync, rename. */
import { closeSync, fsyncSync, mkdirSync, openSync, renameSync, rmSync, writeSync } from "node:fs";
import { randomBytes } from "node:crypto";
import { dirname } from "node:path";
import { StepLabError, messageOf } from "../../core/error.ts";

/** A name beside `path` that no other process takes. */
export function temporaryName(path: string): string {
  return `${path}.${process.pid}.${randomBytes(4).toString("hex")}.tmp`;
}

/**
 * Replaces `path` whole or not at all. With `durable`, the bytes are on the disk before the rename shows
 * them: records and keys want it, caches that can be made again do not.
 */
export function writeFileAtomic(
  path: string,
  bytes: string | Uint8Array,
  options: { durable: boolean; mode?: number },
): void {
  const temporary = temporaryName(path);
  try {
    const file = openSync(temporary, "wx", options.mode ?? 0o644);
    try {
      let rest = typeof bytes === "string" ? Buffer.from(bytes) : bytes;
      while (rest.length > 0) rest = rest.subarray(writeSync(file, rest));
      if (options.durable) fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw writeFailed(path, error);
  }
}

/** Makes a folder and those above it. @throws StepLabError `archive/…` */
export function ensureFolder(path: string): void {
  try {
    mkdirSync(path, { recursive: true });
  } catch (error) {
    throw writeFailed(path, error);
  }
}

/** Writes what can be made again: where the archive cannot be written, the next command only takes longer. */
export function keepCache(write: () => void): void {
  try {
    write();
  } catch (error) {
    if (!(error instanceof StepLabError && error.code.startsWith("archive/"))) throw error;
  }
}

/** Whether an error is the system's, with one of these codes. */
export function isErrno(error: unknown, ...codes: string[]): boolean {
  return error instanceof Error && "code" in error && codes.includes(String(error.code));
}

/** One message for everything that can stop a write: what a person can do about it differs by the cause. */
export function writeFailed(path: string, error: unknown): StepLabError {
  if (error instanceof StepLabError) return error;
  const folder = dirname(path);
  if (isErrno(error, "ENOSPC", "EDQUOT")) {
    return new StepLabError(
      "archive/disk-full",
      `The disk is full: ${path} could not be written.`,
      {
        hint: "Free space, then run the same command again: earlier runs are intact and finished stages are cached.",
        cause: error,
      },
    );
  }
  if (isErrno(error, "EACCES", "EPERM", "EROFS")) {
    return new StepLabError("archive/not-writable", `${path} may not be written.`, {
      hint: `Give yourself permission to write to ${folder}, or run as the user who owns it.`,
      cause: error,
    });
  }
  return new StepLabError(
    "archive/write-failed",
    `${path} could not be written: ${messageOf(error)}`,
    { cause: error },
  );
}
