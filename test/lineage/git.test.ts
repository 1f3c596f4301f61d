/** Which code a run came from, compared with what git itself says of real repositories. */
import { execFileSync } from "node:child_process";
import { describe, expect, test } from "vitest";
import { archiveOf } from "../../lineage/archive.ts";
import { readGitFacts, type GitChanges } from "../../lineage/git/facts.ts";
import { gitFacts } from "../../lineage/git/watch.ts";
import type { GitFacts } from "../../lineage/record.ts";
import { ObjectStore } from "../../lineage/store/objects.ts";
import { makeProject, type Project } from "../rig/project.ts";

const IDENTITY = [
  "-c",
  "user.name=t",
  "-c",
  "user.email=t@example.org",
  "-c",
  "commit.gpgsign=false",
];

function git(project: Project, ...words: string[]): string {
  return execFileSync("git", [...IDENTITY, ...words], {
    cwd: project.root,
    encoding: "utf8",
    env: { ...process.env, GIT_CONFIG_GLOBAL: "/dev/null", GIT_CONFIG_SYSTEM: "/dev/null" },
    stdio: ["ignore", "pipe", "ignore"],
  }).trim();
}

async function repository(files: Record<string, string> = {}): Promise<Project> {
  const project = await makeProject({
    ".gitignore": "node_modules/\nruns/\nignored.txt\n",
    "PIPELINE.md": "one",
    "notebooks/a.ts": "export const a = 1;\n",
    "old.txt": "old",
    ...files,
  });
  git(project, "init", "--quiet", "--initial-branch", "main");
  git(project, "add", ".");
  git(project, "commit", "--quiet", "-m", "first");
  return project;
}

/** The facts, and the stored list of changes behind them. */
async function factsOf(
  project: Project,
): Promise<{ facts: GitFacts | null; changes: GitChanges | null }> {
  const store = new ObjectStore(archiveOf(project.root));
  const facts = await gitFacts(project.root, archiveOf(project.root), store);
  expect(facts).toEqual(await readGitFacts(project.root, store)); // remembered or not, the same
  const changes = facts?.changes ? JSON.parse(store.readBytes(facts.changes).toString()) : null;
  return { facts, changes };
}

test("a project outside of any repository has no git facts", async () => {
  await using project = await makeProject({ "PIPELINE.md": "" });
  expect((await factsOf(project)).facts).toBeNull();
});

test("a clean work tree is its commit, its branch and its tag", async () => {
  await using project = await repository();
  const commit = git(project, "rev-parse", "HEAD");
  const clean = { commit, branch: "main", tag: null, dirty: false, changes: null };
  expect((await factsOf(project)).facts).toEqual(clean);
  git(project, "tag", "v1.0");
  expect((await factsOf(project)).facts).toEqual({ ...clean, tag: "v1.0" });
  git(project, "tag", "-a", "v1.1", "-m", "annotated");
  expect((await factsOf(project)).facts).toEqual({ ...clean, tag: "v1.1" });
  git(project, "checkout", "--quiet", "--detach");
  expect((await factsOf(project)).facts).toEqual({ ...clean, tag: "v1.1", branch: null });
  git(project, "checkout", "--quiet", "-b", "feature/x");
  git(project, "pack-refs", "--all");
  expect((await factsOf(project)).facts).toEqual({ ...clean, tag: "v1.1", branch: "feature/x" });
});

describe("a dirty work tree", () => {
  test("has its changed files kept as objects: modified, added, deleted, staged or not; ignored ones not", async () => {
    await using project = await repository();
    await project.write("PIPELINE.md", "two");
    await project.write("new/file.txt", "new");
    await project.write("staged.txt", "staged");
    git(project, "add", "staged.txt");
    await project.remove("old.txt");
    await project.write("ignored.txt", "ignored");
    const { facts, changes } = await factsOf(project);
    expect(facts?.dirty).toBe(true);
    expect(facts?.commit).toBe(git(project, "rev-parse", "HEAD"));
    const files = changes?.files.toSorted((a, b) => (a.path < b.path ? -1 : 1)) ?? [];
    expect(files.map(({ path, status }) => `${status} ${path}`)).toEqual([
      "modified PIPELINE.md",
      "added new/file.txt",
      "deleted old.txt",
      "added staged.txt",
    ]);
    const store = new ObjectStore(archiveOf(project.root));
    const kept = files.map(({ digest }) => digest && store.readBytes(digest).toString());
    expect(kept).toEqual(["two", "new", null, "staged"]);
  });

  test("is seen again when only the content of a file of equal length changed, and clean again when it is back", async () => {
    await using project = await repository();
    await project.write("PIPELINE.md", "two");
    const first = await factsOf(project);
    await project.write("PIPELINE.md", "due");
    const second = await factsOf(project);
    expect(second.facts?.changes).not.toBe(first.facts?.changes);
    git(project, "checkout", "--quiet", "--", ".");
    expect((await factsOf(project)).facts?.dirty).toBe(false);
  });

  test("never gives away secrets: .env and keys by name, passwords in addresses by their form", async () => {
    await using project = await repository();
    await project.write(".env", "TOKEN=hunter2");
    await project.write(".env.local", "TOKEN=hunter2");
    await project.write("deploy.pem", "hunter2");
    await project.write(".npmrc", "//registry/:_authToken=hunter2");
    await project.write("PIPELINE.md", "inputs: { x: https://me:hunter2@example.org/x.csv }");
    const { facts, changes } = await factsOf(project);
    expect(facts?.dirty).toBe(true);
    expect(changes?.files).toEqual([]);
    expect(changes?.omitted.map(({ path }) => path)).toEqual(["PIPELINE.md"]);
    const store = new ObjectStore(archiveOf(project.root));
    for (const digest of store.list())
      expect(store.readBytes(digest).toString("latin1")).not.toContain("hunter2");
  });

  test("names large files and does not keep them", async () => {
    await using project = await repository();
    await project.write("large.bin", Buffer.alloc((1 << 20) + 1));
    const { changes } = await factsOf(project);
    expect(changes).toEqual({ files: [], omitted: [{ path: "large.bin", bytes: (1 << 20) + 1 }] });
  });
});

test("a project in a subfolder of its repository has the changes below it, relative to itself", async () => {
  await using project = await repository({ "sub/PIPELINE.md": "one", "sub/x.txt": "x" });
  await project.write("sub/x.txt", "y");
  await project.write("PIPELINE.md", "outside of the project");
  const root = project.path("sub");
  const store = new ObjectStore(archiveOf(root));
  const facts = await readGitFacts(root, store);
  const changes = JSON.parse(store.readBytes(facts?.changes ?? "sha256:").toString()) as GitChanges;
  expect(changes.files.map(({ path, status }) => `${status} ${path}`)).toEqual(["modified x.txt"]);
});

test("a repository without a commit has none, and everything in it is new", async () => {
  await using project = await makeProject({
    "PIPELINE.md": "one",
    ".gitignore": "node_modules/\nruns/\n",
  });
  git(project, "init", "--quiet", "--initial-branch", "main");
  const { facts, changes } = await factsOf(project);
  expect(facts).toMatchObject({ commit: null, branch: "main", tag: null, dirty: true });
  expect(changes?.files.map(({ path }) => path).sort()).toEqual([
    ".gitignore",
    "PIPELINE.md",
    "package.json",
  ]);
});

test("a work tree beside its repository (git worktree) has the same facts as git gives", async () => {
  await using project = await repository();
  git(project, "worktree", "add", "--quiet", "-b", "beside", "tree");
  const root = project.path("tree");
  const store = new ObjectStore(archiveOf(root));
  expect(await readGitFacts(root, store)).toEqual({
    commit: git(project, "rev-parse", "beside"),
    branch: "beside",
    tag: null,
    dirty: false,
    changes: null,
  });
});
