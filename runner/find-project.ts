import { join } from "node:path";
import { StepLabError } from "../core/error.ts";
import { projectRootOf } from "../core/project-root.ts";

/** The nearest folder upwards with a PIPELINE.md. @throws StepLabError `project/not-found` */
export function findProjectRoot(from: string): string {
  const root = projectRootOf(join(from, "PIPELINE.md"));
  if (root !== null) return root;
  throw new StepLabError("project/not-found", `There is no PIPELINE.md in ${from} or above.`, {
    hint: "Go to a project's folder, or make one here: npx steplab init",
  });
}
