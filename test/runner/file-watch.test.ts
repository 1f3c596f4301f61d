/** What a watch is told of a folder, whatever program writes into it. */
import { mkdir, rename, rm, writeFile } from "node:fs/promises";
import { afterEach, beforeEach, expect, test } from "vitest";
import { FileWatch } from "../../runner/watch/file-watch.ts";
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
  watch = new FileWatch(project.root, (paths) => {
    told.push(paths);
    wake();
  });
});
afterEach(async () => {
  watch[Symbol.dispose]();
  await project[Symbol.asyncDispose]();
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
