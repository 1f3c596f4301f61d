/** What a watch is told of a folder, whatever program writes into it. */
import { mkdir, rename, rm, symlink, writeFile } from "node:fs/promises";
import fs from "node:fs";
import { basename } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { errorOf } from "../rig/run.ts";
import { FileWatch, type WatchEffects } from "../../runner/watch/file-watch.ts";
import { makeProject, type Project } from "../rig/project.ts";

let project: Project;
let told: string[][];
let wake: () => void;
let watch: FileWatch;
beforeEach(async () => {
  project = await makeProject({
    "PIPELINE.md": "",
    "notebooks/a.ipynb": "",
    "runs/x/run.json": "{}",
  });
  told = [];
  wake = () => undefined;
  watch = new FileWatch(
    project.root,
    (paths) => {
      told.push(paths);
      wake();
    },
    fail,
  );
});
afterEach(async () => {
  watch[Symbol.dispose]();
  await project[Symbol.asyncDispose]();
});

const fail = (error: Error): never => {
  throw error;
};

/** The system's refusal for folders of this name; the others are watched for real. */
const refusing = (code: string, folder: string): WatchEffects => ({
  watch(path, onEvent) {
    if (basename(path) === folder) throw Object.assign(new Error(`${code}: watch`), { code });
    return fs.watch(path, onEvent);
  },
});

/** Resolves once all of these have been told. */
async function paths(...wanted: string[]): Promise<void> {
  while (!wanted.every((path) => told.flat().includes(path)))
    await new Promise<void>((resolve) => (wake = resolve));
}

test("an editor that writes a new file and renames it over the old one has saved the old one", async () => {
  await writeFile(project.path("notebooks/.a.ipynb.tmp"), "new");
  await rename(project.path("notebooks/.a.ipynb.tmp"), project.path("notebooks/a.ipynb"));
  await paths("notebooks/a.ipynb");
  expect(new Set(told.flat())).toEqual(new Set(["notebooks/a.ipynb"]));
});

test("fifty files of a checkout, in folders that were not there, are told together", async () => {
  await mkdir(project.path("notebooks/new/deep"), { recursive: true });
  const files = Array.from({ length: 50 }, (_, at) => `notebooks/new/deep/${at}.ts`);
  await Promise.all(files.map((file) => writeFile(project.path(file), "")));
  await paths("notebooks/new");
  await project.write("notebooks/new/deep/7.ts", "export {};"); // the new folders are watched themselves
  await paths("notebooks/new/deep/7.ts");
  expect(told.length).toBeLessThan(10);
});

test("what steplab, package managers and editors write for themselves is not told; a removed file is", async () => {
  await project.write("runs/x/events.jsonl", "");
  await project.write("node_modules/other/index.js", "");
  await project.write(".git/index", "");
  await project.write("notebooks/.ipynb_checkpoints/a.ipynb", "");
  await project.write("notebooks/a.ipynb~", "");
  await rm(project.path("notebooks/a.ipynb"));
  await paths("notebooks/a.ipynb");
  expect(new Set(told.flat())).toEqual(new Set(["notebooks/a.ipynb"]));
});

test("a folder that may not be read, and a link that leads to itself, are left out", async () => {
  await project.write("secret/a.csv", "");
  await symlink("loop", project.path("loop"));
  const seen: string[] = [];
  using _watch = new FileWatch(
    project.root,
    (changed) => {
      seen.push(...changed);
      wake();
    },
    fail,
    refusing("EACCES", "secret"),
  );
  await project.write("secret/a.csv", "1");
  await symlink("again", project.path("again")); // also one that comes later
  await project.write("notebooks/a.ipynb", "1");
  while (!seen.includes("notebooks/a.ipynb"))
    await new Promise<void>((resolve) => (wake = resolve));
  expect(seen).not.toContain("secret/a.csv");
});

test("where the system's limit of watches is reached, it says which folder and what to do", async () => {
  await mkdir(project.path("data"));
  const full = await errorOf(
    Promise.try(
      () => new FileWatch(project.root, () => undefined, fail, refusing("ENOSPC", "data")),
    ),
  );
  expect([full.code, full.message]).toEqual([
    "project/unwatchable",
    "The folder data cannot be watched.",
  ]);
  expect(full.hint).toContain("sysctl fs.inotify.max_user_watches");
});

test("a folder that comes when the limit is reached is told, and the others are watched on", async () => {
  const errors: string[] = [];
  const seen: string[] = [];
  using _watch = new FileWatch(
    project.root,
    (changed) => {
      seen.push(...changed);
      wake();
    },
    ({ message }) => errors.push(message),
    refusing("ENOSPC", "late"),
  );
  await mkdir(project.path("late"));
  await project.write("notebooks/a.ipynb", "1");
  while (!seen.includes("notebooks/a.ipynb") || errors.length === 0)
    await new Promise<void>((resolve) => (wake = resolve));
  expect(errors).toEqual(["The folder late cannot be watched."]);
});
