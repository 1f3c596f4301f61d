import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { StepLabError } from "../core/error.ts";

/** The nearest folder upwards with a PIPELINE.md. @throws StepLabError `project/not-found` */
export function findProjectRoot(from: string): string {
  for (let folder = from; ; folder = dirname(folder)) {
    if (existsSync(join(folder, "PIPELINE.md"))) return folder;
    if (folder === dirname(folder)) {
      throw new StepLabError("project/not-found", `There is no PIPELINE.md in ${from} or above.`, {
        hint: "Go to a project's folder.",
      });
    }
  }
}
