/** A stage of a past run laid out to be opened (`steplab open`): the file in its folder that says what its kernel binds. */
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Bindings } from "./host.ts";

export const RESTORED_FILE = "restored.json";

export interface Restored {
  steplab: 1;
  run: string;
  stage: string;
  /** `interactive`: outputs go to scratch, and nothing reaches the archive. */
  bindings: Bindings;
}

/** Of the notebook at this path; null for every other notebook. */
export function restoredAround(notebook: string): Restored | null {
  for (let folder = dirname(notebook); ; folder = dirname(folder)) {
    const path = join(folder, RESTORED_FILE);
    if (existsSync(path)) return read(path);
    if (existsSync(join(folder, "PIPELINE.md")) || folder === dirname(folder)) return null;
  }
}

/** A damaged one binds nothing: the notebook says then that its inputs are not bound. */
function read(path: string): Restored | null {
  try {
    const restored = JSON.parse(readFileSync(path, "utf8")) as Restored; // written by runner/restore.ts
    return restored.steplab === 1 ? restored : null;
  } catch {
    return null;
  }
}
