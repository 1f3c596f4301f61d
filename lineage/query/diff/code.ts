/** Project modules of a stage in two runs, as line diffs of what was stored of them. Pure: texts are handed in. */
import { diffHunks, lineDiff, type DiffHunk } from "../../../core/line-diff.ts";
import type { StageRecord } from "../../record.ts";
import { namesOf } from "./value.ts";

export interface ModuleChange {
  /** Relative to the project root. */
  path: string;
  change: "added" | "removed" | "changed";
  /** Null when the text was not kept, or is gone from the store. */
  lines: DiffHunk[] | null;
}

type Modules = NonNullable<StageRecord["modules"]>;

/** `textOf` gives what was stored under a digest; null when it is not there. */
export function moduleChanges(
  before: Modules,
  after: Modules,
  textOf: (digest: NonNullable<Modules[string]>) => string | null,
  context?: number,
): ModuleChange[] {
  return namesOf(before, after)
    .sort()
    .flatMap((path): ModuleChange[] => {
      const [was, is] = [before[path], after[path]];
      if (was === is) return []; // two that were not kept cannot be told apart
      const change = was === undefined ? "added" : is === undefined ? "removed" : "changed";
      const texts = [was, is].map((digest) =>
        digest === undefined ? "" : digest === null ? null : textOf(digest),
      );
      const [earlier = null, later = null] = texts;
      const lines =
        earlier === null || later === null ? null : diffHunks(lineDiff(earlier, later), context);
      return [{ path, change, lines }];
    });
}
