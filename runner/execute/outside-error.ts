import { messageOf, type StepLabError } from "../../core/error.ts";
import type { StageError } from "../../lineage/record.ts";
import { withoutPaths } from "../without-paths.ts";

/** What the outside world did to the stage, as its record keeps it. */
export function outsideError(error: StepLabError, projectRoot: string): StageError {
  const text = [messageOf(error), error.hint].filter(Boolean).join("\n");
  return {
    name: error.code,
    message: withoutPaths(text, projectRoot),
    cell: null,
    notebook: null,
    process: null,
    traceback: [],
  };
}
