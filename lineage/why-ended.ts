/** Why a stage ended as it did, in one line: for views that have no room for more. Pure; a page of JupyterLab loads it too. */
import type { StageRecord } from "./record.ts";

/** First line of the error, or the checks that failed; null when there is nothing to say. */
export function whyEnded({
  status,
  checks,
  error,
}: Pick<StageRecord, "status" | "checks" | "error">): string | null {
  if (status === "checks-failed") {
    const failed = checks.filter((check) => check.status === "failed");
    return failed.map(({ name }) => `"${name}" failed`).join("; ");
  }
  return error === null ? null : (error.message.split("\n")[0] ?? "");
}
