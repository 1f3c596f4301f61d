/**
 * Git facts without loading git: the last answer holds while nothing it depends on changed.
 * Loading isomorphic-git and comparing the tree costs 100 ms and more; a run in which nothing changed
 * takes less than that in all. The signature is made of what git itself trusts: HEAD, the index and the
 * size and times of every file and folder that is not ignored (a new file changes its folder's time).
 */
import { readFileSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { artifactDigest, digestOfJson, type Digest } from "../../core/digest.ts";
import type { Archive } from "../archive.ts";
import type { GitFacts } from "../record.ts";
import { ensureFolder, isErrno, keepCache, writeFileAtomic } from "../store/files.ts";
import type { ObjectStore } from "../store/objects.ts";
import { readGitFacts, type GitChanges } from "./facts.ts";
import { commonFolder, gitFolder, repositoryRoot } from "./repository.ts";

interface Remembered {
  version: 1;
  signature: Digest;
  facts: GitFacts;
}

/** Folders that hold no sources of the project: never walked. */
const SKIPPED = new Set([
  ".git",
  "node_modules",
  "runs",
  ".steplab",
  ".venv",
  "__pycache__",
  ".ipynb_checkpoints",
]);
/** A tree larger than this is compared by git every time. */
const MAX_ENTRIES = 20_000;

/** Null outside a repository; otherwise as `readGitFacts`, remembered while nothing changed. */
export async function gitFacts(
  projectRoot: string,
  archive: Archive,
  store: ObjectStore,
): Promise<GitFacts | null> {
  const root = repositoryRoot(projectRoot);
  if (root === null) return null;
  const memory = join(archive.cache, "git.json");
  const signature = signatureOf(root);
  const remembered = read(memory) as Remembered | null; // our own cache; a wrong one only costs a comparison
  if (
    signature !== null &&
    remembered?.signature === signature &&
    isKept(remembered.facts, store)
  ) {
    return remembered.facts;
  }
  const facts = await readGitFacts(projectRoot, store);
  if (facts?.problem !== undefined) return facts; // asked again each time: it may be mended meanwhile
  if (facts !== null && signature !== null && signatureOf(root) === signature) {
    ensureFolder(archive.cache);
    writeFileAtomic(memory, JSON.stringify({ version: 1, signature, facts } satisfies Remembered), {
      durable: false,
    });
  }
  return facts;
}

/** What git says now, and the changed files by name and digest. */
export interface GitLook {
  facts: GitFacts;
  changes: GitChanges;
}

interface RememberedLook extends GitLook {
  version: 1;
  signature: Digest;
}

/** As `gitFacts`, for who only wants to know: no file is put into the store. */
export async function lookAtGit(
  projectRoot: string,
  archive: Archive,
  store: ObjectStore,
): Promise<GitLook | null> {
  const root = repositoryRoot(projectRoot);
  if (root === null) return null;
  const signature = signatureOf(root);
  const ofRun = read(join(archive.cache, "git.json")) as Remembered | null; // as above
  if (signature !== null && ofRun?.signature === signature && isKept(ofRun.facts, store))
    return { facts: ofRun.facts, changes: changesOf(ofRun.facts, store) ?? NO_CHANGES };
  const memory = join(archive.cache, "git-look.json");
  const remembered = read(memory) as RememberedLook | null; // as above
  if (signature !== null && remembered?.signature === signature) return remembered;
  let list = ""; // the last that is put: the list of the files put before
  const facts = await readGitFacts(projectRoot, {
    putBytes: (bytes) => {
      if (typeof bytes === "string") list = bytes;
      return { digest: artifactDigest(bytes), bytes: bytes.length };
    },
  });
  if (facts === null) return null;
  const changes = facts.changes === null ? NO_CHANGES : (JSON.parse(list) as GitChanges); // just written
  if (signature !== null && facts.problem === undefined && signatureOf(root) === signature) {
    const look: RememberedLook = { version: 1, signature, facts, changes };
    keepCache(() => {
      ensureFolder(archive.cache);
      writeFileAtomic(memory, JSON.stringify(look), { durable: false });
    });
  }
  return { facts, changes };
}

const NO_CHANGES: GitChanges = { files: [], omitted: [] };

/** The list behind a record's `changes`; null when it is no longer in the store. */
export function changesOf({ changes }: GitFacts, store: ObjectStore): GitChanges | null {
  if (changes === null) return NO_CHANGES;
  try {
    return JSON.parse(readFileSync(store.pathOf(changes), "utf8")) as GitChanges; // written by readGitFacts alone
  } catch {
    return null;
  }
}

function isKept(facts: GitFacts, store: ObjectStore): boolean {
  return facts.changes === null || store.keep(facts.changes);
}

function read(path: string): object | null {
  try {
    const value: unknown = JSON.parse(readFileSync(path, "utf8"));
    const isOurs = typeof value === "object" && value !== null && "version" in value;
    return isOurs && value.version === 1 ? value : null;
  } catch {
    return null;
  }
}

/** Null for a tree too large to walk, or that cannot be read: then `readGitFacts` says why. */
function signatureOf(root: string): Digest | null {
  try {
    return signatureOfTree(root);
  } catch (error) {
    if (isErrno(error, "ENOENT", "ENOTDIR", "EACCES", "EPERM")) return null;
    throw error;
  }
}

function signatureOfTree(root: string): Digest | null {
  const gitdir = gitFolder(root);
  const common = commonFolder(gitdir);
  const parts: unknown[] = [headOf(gitdir, common), stamp(join(gitdir, "index"))];
  for (const name of ["packed-refs", "refs/tags", "info/exclude"])
    parts.push(stamp(join(common, name)));
  const walked = walk(root, parts);
  return walked ? digestOfJson(parts) : null;
}

function headOf(gitdir: string, common: string): string {
  const head = readFileSync(join(gitdir, "HEAD"), "utf8").trim();
  const ref = /^ref: (.+)$/.exec(head)?.[1];
  if (ref === undefined) return head;
  try {
    return `${ref} ${readFileSync(join(common, ref), "utf8").trim()}`;
  } catch {
    return ref; // packed, or unborn: packed-refs' stamp stands for it
  }
}

function stamp(path: string): string | null {
  const stat = statSync(path, { throwIfNoEntry: false });
  return stat === undefined ? null : `${stat.size}:${stat.mtimeMs}:${stat.ino}`;
}

function walk(root: string, parts: unknown[]): boolean {
  const folders = [root];
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      if (parts.length > MAX_ENTRIES) return false;
      const path = join(folder, entry.name);
      if (entry.isDirectory()) {
        if (!SKIPPED.has(entry.name)) folders.push(path);
      } else {
        parts.push(path, stamp(path));
      }
    }
  }
  return true;
}
