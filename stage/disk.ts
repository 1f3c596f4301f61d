/** A full disk and a missing permission, said as such whoever met them: Node, or DuckDB in its own words. */
import { messageOf, StepLabError } from "../core/error.ts";
import { isErrno } from "../lineage/store/files.ts";

/** What the disk refused, or undefined when the error is about something else. */
export function diskError(subject: string, error: unknown): StepLabError | undefined {
  const said = messageOf(error);
  if (isErrno(error, "ENOSPC", "EDQUOT") || /no space left on device|disk quota/i.test(said)) {
    return new StepLabError("archive/disk-full", `The disk is full: ${subject} was not written.`, {
      hint: "Free space and run again: finished stages are cached.",
      cause: error,
    });
  }
  if (isErrno(error, "EACCES", "EPERM", "EROFS") || /permission denied/i.test(said)) {
    return new StepLabError("archive/not-writable", `${subject} may not be written.`, {
      hint: "Run as the user who owns the project, or give that user's folders write permission.",
      cause: error,
    });
  }
  return undefined;
}
