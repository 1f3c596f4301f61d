/** Where a repository's parts lie. In a linked work tree (`git worktree`) they lie in two folders, which isomorphic-git does not know. */
import fs from "node:fs";
import { existsSync, readFileSync, statSync } from "node:fs";
import { join, resolve, sep } from "node:path";

export interface Repository {
  fs: { promises: Promises };
  /** The work tree. */
  dir: string;
  /** HEAD and the index. */
  gitdir: string;
}

type Promises = Record<
  (typeof CALLS)[number],
  (path: string, ...rest: unknown[]) => Promise<unknown>
>;

/** What isomorphic-git asks of a file system. */
const CALLS = [
  "readFile",
  "writeFile",
  "mkdir",
  "rmdir",
  "unlink",
  "stat",
  "lstat",
  "readdir",
  "readlink",
  "symlink",
] as const;

/** A work tree's own parts (gitrepository-layout(5)); all others are shared between the work trees. */
const OWN = /^(HEAD|ORIG_HEAD|index|logs\/HEAD)$/;

/** The nearest folder upwards with a `.git`. */
export function repositoryRoot(from: string): string | null {
  for (let folder = from; ; folder = join(folder, "..")) {
    if (existsSync(join(folder, ".git"))) return folder;
    if (folder === join(folder, "..")) return null;
  }
}

/** In a linked work tree `.git` is a file that names the folder. */
export function gitFolder(root: string): string {
  const path = join(root, ".git");
  if (statSync(path).isDirectory()) return path;
  const named = /^gitdir: (.+)$/m.exec(readFileSync(path, "utf8"))?.[1];
  return named === undefined ? path : resolve(root, named);
}

/** Refs, tags and objects: the same folder, except for a linked work tree. */
export function commonFolder(gitdir: string): string {
  const path = join(gitdir, "commondir");
  return existsSync(path) ? resolve(gitdir, readFileSync(path, "utf8").trim()) : gitdir;
}

/** The branch that is checked out; null outside of repositories, and where HEAD stands on no branch. */
export function currentBranch(from: string): string | null {
  const root = repositoryRoot(from);
  if (root === null) return null;
  try {
    const head = readFileSync(join(gitFolder(root), "HEAD"), "utf8");
    return /^ref: refs\/heads\/(.+)$/m.exec(head)?.[1] ?? null;
  } catch {
    return null; // a damaged repository: runs say so themselves
  }
}

export function openRepository(root: string): Repository {
  const gitdir = gitFolder(root);
  const common = commonFolder(gitdir);
  const place = (path: string): string => {
    if (common === gitdir || !path.startsWith(`${gitdir}${sep}`)) return path;
    const part = path.slice(gitdir.length + 1);
    return OWN.test(part.replaceAll("\\", "/")) ? path : join(common, part);
  };
  const promises = Object.fromEntries(
    CALLS.map((name) => {
      const call = fs.promises[name] as (path: string, ...rest: unknown[]) => unknown; // each takes a path first
      // Asynchronous also where the path is none: isomorphic-git finds out so that these are promises.
      return [name, async (path: string, ...rest: unknown[]) => await call(place(path), ...rest)];
    }),
  ) as Promises; // made of the same names
  return { fs: { promises }, dir: root, gitdir };
}
