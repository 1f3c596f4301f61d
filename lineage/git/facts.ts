/**
 * Which commit, branch and tag a run came from, and the changed files themselves, as objects.
 * A record that only says "dirty" cannot be reproduced; keeping the files can (diffs are rendered on demand).
 */
import { lstatSync, readFileSync, readlinkSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { hasCredentials } from "../../core/credentials.ts";
import type { ArtifactDigest, Digest } from "../../core/digest.ts";
import { messageOf, StepLabError } from "../../core/error.ts";
import { canonicalJson } from "../../core/json.ts";
import type { GitFacts } from "../record.ts";
import type { ObjectStore } from "../store/objects.ts";
import { openRepository, repositoryRoot, type Repository } from "./repository.ts";

/** The stored list behind `changes`. */
export interface GitChanges {
  files: ChangedFile[];
  /** Changed files that were not kept: too many, too large, or with a password in an address. */
  omitted: { path: string; bytes: number }[];
}

export interface ChangedFile {
  /** Relative to the project root. */
  path: string;
  status: "modified" | "added" | "deleted";
  /** Null for a deleted file. */
  digest: ArtifactDigest | null;
}

/** Where changed files and their list go: the archive's store, or nowhere for who only looks. */
export type ChangesStore = Pick<ObjectStore, "putBytes">;

/** Beyond these a change is data, not code: its name and size are kept, not its bytes. */
const MAX_FILES = 500;
const MAX_FILE_BYTES = 1 << 20;

/** Never kept, whatever git thinks of them: the places where secrets live. */
const SECRET_FILES = /(^|\/)(\.env(\..*)?|\.npmrc|\.netrc|id_[a-z0-9]+|.*\.(pem|key|p12|pfx))$/;

/**
 * Null outside a repository. A repository that cannot be read (a newer format, a half copied work tree) costs a
 * run its facts and not its life: what is unknown is null, `problem` says why, and nobody is told it was clean.
 */
export async function readGitFacts(
  projectRoot: string,
  store: ChangesStore,
): Promise<GitFacts | null> {
  const root = repositoryRoot(projectRoot);
  if (root === null) return null;
  const known = { commit: null, branch: null, tag: null };
  const unread = (problem: string): GitFacts => ({ ...known, dirty: true, changes: null, problem });
  const { default: git } = await import("isomorphic-git");
  let repository: Repository;
  try {
    repository = openRepository(root);
    readFileSync(join(repository.gitdir, "HEAD")); // a work tree copied without its repository has none
    const unknownFormat = await formatNotRead(git, repository);
    if (unknownFormat !== null) return unread(`its format is not read yet: ${unknownFormat}`);
  } catch (error) {
    return unread(reasonOf(error));
  }
  const commit = await git.resolveRef({ ...repository, ref: "HEAD" }).catch(() => null); // no commit yet
  const branch = (await git.currentBranch(repository).catch(() => null)) ?? null; // detached
  Object.assign(known, { commit, branch });
  let changes: GitChanges;
  try {
    const tag = commit === null ? null : await tagOf(git, repository, commit);
    Object.assign(known, { tag });
    changes = await changedFiles(git, repository, root, projectRoot, commit, store);
  } catch (error) {
    if (error instanceof StepLabError) throw error; // the archive cannot be written: not git's doing
    return unread(reasonOf(error));
  }
  const dirty = changes.files.length + changes.omitted.length > 0;
  return {
    ...known,
    dirty,
    changes: dirty ? store.putBytes(canonicalJson(changes)).digest : null,
  };
}

/** What isomorphic-git would misread rather than refuse: with SHA-256 or reftable it finds no commit at all. */
async function formatNotRead(git: Git, repository: Repository): Promise<string | null> {
  for (const [setting, read] of [
    ["objectformat", "sha1"],
    ["refstorage", "files"],
  ]) {
    const path = `extensions.${setting}`;
    const value = (await git.getConfig({ ...repository, path })) as string | undefined; // git's settings are text
    if (value !== undefined && value !== read) return `${path} = ${value}`;
  }
  return null;
}

/**
 * isomorphic-git wraps what it met in a paragraph for its own users; `data.message` is the sentence itself.
 * The system's own messages name folders of this machine, which no record does: their code is enough.
 */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return messageOf(error);
  if ("errno" in error && "code" in error) return String(error.code);
  const data: unknown = "data" in error ? error.data : undefined;
  const own =
    typeof data === "object" && data !== null && "message" in data ? data.message : undefined;
  return typeof own === "string" ? own : error.message;
}

type Git = typeof import("isomorphic-git").default;

async function tagOf(git: Git, repository: Repository, commit: string): Promise<string | null> {
  for (const tag of (await git.listTags(repository)).sort().reverse()) {
    const object = await git.resolveRef({ ...repository, ref: `refs/tags/${tag}` });
    const target = object === commit ? commit : await peel(git, repository, object);
    if (target === commit) return tag;
  }
  return null;
}

async function peel(git: Git, repository: Repository, oid: string): Promise<string | null> {
  try {
    return (await git.readTag({ ...repository, oid })).tag.object;
  } catch {
    return null; // a lightweight tag of another commit
  }
}

async function changedFiles(
  git: Git,
  repository: Repository,
  root: string,
  projectRoot: string,
  commit: string | null,
  store: ChangesStore,
): Promise<GitChanges> {
  const below = relative(root, projectRoot).split(sep).join("/");
  const rows = await git
    .statusMatrix({
      ...repository,
      ref: commit ?? "HEAD",
      ...(below !== "" && { filepaths: [below] }),
    })
    .catch((error: unknown) => {
      if (commit === null) return []; // nothing committed: nothing to differ from
      throw error;
    });
  const changes: GitChanges = { files: [], omitted: [] };
  for (const [file, head, workdir] of rows) {
    if (head === 1 && workdir === 1) continue;
    if (head === 0 && workdir === 0) continue;
    if (SECRET_FILES.test(file)) continue;
    const path = below === "" ? file : file.slice(below.length + 1);
    if (workdir === 0) {
      changes.files.push({ path, status: "deleted", digest: null });
      continue;
    }
    const absolute = join(root, file);
    const stat = lstatSync(absolute, { throwIfNoEntry: false });
    if (stat === undefined || !(stat.isFile() || stat.isSymbolicLink())) continue; // gone since git looked, or no file of anybody's
    const bytes = stat.size;
    if (bytes > MAX_FILE_BYTES || changes.files.length >= MAX_FILES) {
      changes.omitted.push({ path, bytes });
      continue;
    }
    // A link is where it leads, as in git: what lies there may be a folder, elsewhere, or nothing.
    const content = stat.isSymbolicLink()
      ? Buffer.from(readlinkSync(absolute))
      : readFileSync(absolute);
    // What is kept out of records must not come in by another door.
    if (hasCredentials(content.toString("latin1"))) {
      changes.omitted.push({ path, bytes });
      continue;
    }
    const { digest } = store.putBytes(content);
    changes.files.push({ path, status: head === 0 ? "added" : "modified", digest });
  }
  return changes;
}

export type { Digest };
