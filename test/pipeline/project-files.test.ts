import { expect, test } from "vitest";
import { listProjectFiles } from "../../pipeline/project-files.ts";
import { makeProject } from "../rig/project.ts";

test("a project's files are its notebooks, templates, modules and tests; a project inside it is not its business", async () => {
  await using project = await makeProject({
    "PIPELINE.md": "",
    "notebooks/a.ipynb": "",
    "notebooks/schema.ts": "",
    "templates/own.ipynb": "",
    "test/a.test.ts": "",
    "pipelines/score.md": "",
    "examples/small/PIPELINE.md": "",
    "examples/small/notebooks/b.ipynb": "",
    "examples/c.ipynb": "",
    "runs/2026/a.ipynb": "",
    ".hidden/d.ipynb": "",
  });
  expect(listProjectFiles(project.root)).toEqual({
    notebooks: ["examples/c.ipynb", "notebooks/a.ipynb"],
    templates: ["templates/own.ipynb"],
    modules: ["notebooks/schema.ts", "package.json", "test/a.test.ts"],
    tests: ["test/a.test.ts"],
  });
});
