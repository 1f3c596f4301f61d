/** Which files differ from what a run saw: its commit and the changed files it kept, against the work tree of now. */
import { lstatSync, readFileSync, readlinkSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { digestOf, type Digest } from "../../core/digest.ts";
import type { GitFacts } from "../record.ts";
import type { ObjectStore } from "../store/objects.ts";
import { openRepository, repositoryRoot } from "./repository.ts";
import { changesOf, type GitLook } from "./watch.ts";

export interface ChangedSince {
  /** Relative to the project root, sorted. */
  files: { path: string; change: "modified" | "added" | "deleted" }[];
}

/** Null when nobody can say: no repository, one that cannot be read, a commit that is gone, changed files that were not kept. */
export async function changedSince(
  projectRoot: string,
  then: GitFacts | null,
  now: GitLook | null,
  store: ObjectStore,
): Promise<ChangedSince | null> {
  if (then === null || now === null) return null;
  if (then.problem !== undefined || now.facts.problem !== undefined) return null;
  const before = changesOf(then, store);
  const after = now.changes;
  if (before === null) return null;
  const committed = await committedBetween(projectRoot, then.commit, now.facts.commit);
  if (committed === null) return null;
  const kept = new Map(before.files.map(({ path, digest }) => [path, digest]));
  const changed = new Map(after.files.map(({ path, status }) => [path, status]));
  for (const { path, bytes } of after.omitted)
    if (!before.omitted.some((each) => each.path === path && each.bytes === bytes))
      changed.set(path, "modified");
  const files: ChangedSince["files"] = [];
  for (const path of new Set([...committed.keys(), ...kept.keys(), ...changed.keys()])) {
    // What was changed then was kept: committed since or not, it is the same file while it has the same bytes.
    if (kept.has(path) && kept.get(path) === digestNow(projectRoot, path)) continue;
    const isThere = lstatSync(join(projectRoot, path), { throwIfNoEntry: false }) !== undefined;
    const change = isThere ? (changed.get(path) ?? committed.get(path) ?? "modified") : "deleted";
    files.push({ path, change: change === "deleted" && isThere ? "modified" : change });
  }
  return { files: files.sort((a, b) => (a.path < b.path ? -1 : 1)) };
}

type Status = ChangedSince["files"][number]["change"];

/** Files of the project that differ between two commits; folders that are the same are not entered. */
async function committedBetween(
  projectRoot: string,
  then: string | null,
  now: string | null,
): Promise<Map<string, Status> | null> {
  const found = new Map<string, Status>();
  if (then === now) return found;
  const root = repositoryRoot(projectRoot);
  if (root === null || then === null || now === null) return null;
  const { default: git } = await import("isomorphic-git");
  const below = relative(root, projectRoot).split(sep).join("/");
  const isInside = (path: string): boolean =>
    below === "" || path === "." || path === below || path.startsWith(`${below}/`);
  try {
    await git.walk({
      ...openRepository(root),
      trees: [git.TREE({ ref: then }), git.TREE({ ref: now })],
      map: async (path, [a, b]) => {
        if (!isInside(path) && !below.startsWith(`${path}/`)) return null;
        const [was, is] = [await a?.oid(), await b?.oid()];
        if (was === is && path !== ".") return null;
        const type = await (b ?? a)?.type();
        if (type === "blob") {
          const status = was === undefined ? "added" : is === undefined ? "deleted" : "modified";
          found.set(below === "" ? path : path.slice(below.length + 1), status);
        }
        return path;
      },
    });
  } catch {
    return null; // a commit that was rewritten and swept away
  }
  return found;
}

/** Null for a file that is not there. A link is where it leads, as in git. */
function digestNow(projectRoot: string, path: string): Digest | null {
  const absolute = join(projectRoot, path);
  try {
    return lstatSync(absolute).isSymbolicLink()
      ? digestOf(readlinkSync(absolute))
      : digestOf(readFileSync(absolute));
  } catch {
    return null;
  }
}
