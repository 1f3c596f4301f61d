/** A run's code in a few words. */
import type { GitFacts } from "../../lineage/record.ts";

/** `main 1a2b3c4+changes`; a tag stands for the branch. */
export function gitPhrase(git: Omit<GitFacts, "changes"> | null): string {
  if (git === null) return "no git";
  return `${git.tag ?? git.branch ?? ""} ${git.commit?.slice(0, 7) ?? ""}${git.dirty ? "+changes" : ""}`.trim();
}
