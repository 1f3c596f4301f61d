/** The second example: images from end to end, as a user would run it. */
import { cpSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readNotebook } from "../../core/notebook/index.ts";
import { runFolder } from "../../lineage/query/runs.ts";
import { lint } from "../../pipeline/lint/index.ts";
import { makeProject, repositoryRoot, type Project } from "../rig/project.ts";
import { filesBelow, runProject, type Ran } from "../rig/run.ts";

let project: Project;
let first: Ran;
beforeAll(async () => {
  project = await makeProject({});
  for (const part of ["PIPELINE.md", "notebooks"])
    cpSync(join(repositoryRoot, "examples/shapes", part), project.path(part), { recursive: true });
  first = await runProject(project);
});
afterAll(async () => await project[Symbol.asyncDispose]());

test("lints clean and succeeds, and tells most shapes apart", async () => {
  const { diagnostics } = await lint(project.root);
  expect(diagnostics.filter(({ severity }) => severity !== "information")).toEqual([]);
  expect(new Set(Object.values(first.statuses))).toEqual(new Set(["succeeded"]));
  const { accuracy } = first.record.stages["train"]?.metrics ?? {};
  expect(accuracy?.value).toBeGreaterThan(0.8);
  expect(accuracy?.value).toBeLessThan(1);
});

test("the folder is recorded with what it holds, and passed on under one digest", () => {
  const images = first.record.stages["draw"]?.outputs["images"];
  expect(images).toMatchObject({
    kind: "folder",
    summary: {
      files: 180,
      types: { "image/png": 180 },
      images: { looked: 180, width: [32, 32], height: [32, 32], unreadable: 0 },
    },
  });
  expect(first.record.stages["validate"]?.outputs["images"]?.digest).toBe(images?.digest);
  const folder = join(runFolder(project.root, first.record.run), images?.path ?? "");
  expect(filesBelow(folder)).toHaveLength(180);
});

test("the executed notebook keeps the wrongly classified images as small pictures, and nothing that could run", () => {
  const { record } = first;
  const path = join(
    runFolder(project.root, record.run),
    record.stages["train"]?.notebook.path ?? "",
  );
  const { notebook } = readNotebook(readFileSync(path, "utf8"), "train.ipynb");
  const shown = notebook?.cells.find(({ id }) => id === "show-wrong");
  const html = JSON.stringify(shown?.type === "code" ? shown.outputs : []);
  const wrong = record.stages["train"]?.outputs["wrong"]?.summary as { files: number };
  expect(wrong.files).toBeGreaterThan(0);
  expect(html.match(/data:image\/png;base64,/g)).toHaveLength(wrong.files);
  expect(html).toContain(`Taken for another shape: ${wrong.files} picture`);
  expect(html).not.toContain("<script");
});

test("a folder from outside that lacks an image stops at the check that names it", async () => {
  const { record } = first;
  const drawn = join(
    runFolder(project.root, record.run),
    record.stages["draw"]?.outputs["images"]?.path ?? "",
  );
  cpSync(drawn, project.path("data/images"), { recursive: true });
  rmSync(project.path("data/images/square/0007.png"));
  const ran = await runProject(project, {
    inputs: { "validate.images": project.path("data/images") },
  });
  expect(ran.statuses).toEqual({
    draw: "cached",
    validate: "checks-failed",
    measure: "not-run",
    train: "not-run",
  });
  const failed = ran.record.stages["validate"]?.checks.filter(({ status }) => status === "failed");
  expect(failed?.map(({ name, rows }) => [name, rows?.first[0]?.values])).toEqual([
    ["every label has its image", { path: "square/0007.png" }],
    ["every image has its label", undefined],
  ]);
});
