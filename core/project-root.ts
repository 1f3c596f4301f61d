/** Where a project begins. */
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";

/** The nearest folder upwards from a file with a PIPELINE.md, or null. The copy that a run's folder holds is none. */
export function projectRootOf(path: string): string | null {
  for (let folder = dirname(path); ; folder = dirname(folder)) {
    const isRun = existsSync(join(folder, "run.json"));
    if (!isRun && existsSync(join(folder, "PIPELINE.md"))) return folder;
    if (folder === dirname(folder)) return null;
  }
}
