/** Repositories that are not as most are: a run keeps its facts, or says why it has none, and never ends for it. */
import { execFileSync } from "node:child_process";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { archiveOf } from "../../lineage/archive.ts";
import { readGitFacts, type GitChanges } from "../../lineage/git/facts.ts";
import { gitFacts } from "../../lineage/git/watch.ts";
import type { GitFacts } from "../../lineage/record.ts";
import { ObjectStore } from "../../lineage/store/objects.ts";
import { makeProject, type Project } from "../rig/project.ts";

function git(project: Project, ...words: string[]): string {
  const identity = ["-c", "user.name=t", "-c", "user.email=t@example.org"];
  return execFileSync("git", [...identity, "-c", "commit.gpgsign=false", ...words], {
    cwd: project.root,
    encoding: "utf8",
    env: { ...process.env, GIT_CONFIG_GLOBAL: "/dev/null", GIT_CONFIG_SYSTEM: "/dev/null" },
    stdio: ["ignore", "pipe", "pipe"],
  }).trim();
}

async function repository(...init: string[]): Promise<Project> {
  const project = await makeProject({ ".gitignore": "node_modules/\nruns/\n", "a.txt": "one" });
  git(project, "init", "--quiet", "--initial-branch", "main", ...init);
  git(project, "add", ".");
  git(project, "commit", "--quiet", "-m", "first");
  return project;
}

async function factsOf(project: Project): Promise<{ facts: GitFacts | null; store: ObjectStore }> {
  const archive = archiveOf(project.root);
  const store = new ObjectStore(archive);
  const facts = await gitFacts(project.root, archive, store);
  expect(await readGitFacts(project.root, store)).toEqual(facts); // remembered or not, the same
  return { facts, store };
}

test("a link is kept as where it leads, whatever lies there", async () => {
  await using project = await repository();
  mkdirSync(project.path("folder"));
  writeFileSync(project.path("folder/in.txt"), "in");
  symlinkSync("folder", project.path("to-folder"));
  symlinkSync("nowhere", project.path("to-nothing"));
  const { facts, store } = await factsOf(project);
  expect(facts?.problem).toBeUndefined();
  const { files } = JSON.parse(
    store.readBytes(facts?.changes ?? "sha256:").toString(),
  ) as GitChanges;
  const kept = Object.fromEntries(
    files.map(({ path, digest }) => [path, digest && store.readBytes(digest).toString()]),
  );
  expect(kept).toEqual({ "folder/in.txt": "in", "to-folder": "folder", "to-nothing": "nowhere" });
});

test("an index of a version that cannot be read costs the list of changes, not the commit", async () => {
  await using project = await repository();
  git(project, "update-index", "--index-version", "4");
  expect((await factsOf(project)).facts).toEqual({
    commit: git(project, "rev-parse", "HEAD"),
    branch: "main",
    tag: null,
    dirty: true,
    changes: null,
    problem: "Unsupported dircache version: 4",
  });
});

test("a repository of SHA-256 is not taken for an empty, clean one", async () => {
  await using project = await repository("--object-format=sha256");
  const { facts } = await factsOf(project);
  expect(facts).toMatchObject({ commit: null, dirty: true });
  expect(facts?.problem).toBe("its format is not read yet: extensions.objectformat = sha256");
});

test("a work tree whose repository was left behind says so, without the machine's folders", async () => {
  await using project = await makeProject({ "a.txt": "one" });
  await project.write(".git", `gitdir: ${join(project.root, "elsewhere/.git/worktrees/x")}\n`);
  const { facts } = await factsOf(project);
  expect(facts).toMatchObject({ commit: null, dirty: true, changes: null, problem: "ENOENT" });
});
