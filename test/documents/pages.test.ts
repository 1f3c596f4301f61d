/** The documentation is run: each page's project with the real command, and what the page says it shows is what it shows. */
import { cpSync, globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { blocksOf, filesOf, notebooksOf, pipelineOf, type Block } from "../rig/document.ts";
import { follow, typed } from "../rig/page.ts";
import { makeProject, repositoryRoot, type Project } from "../rig/project.ts";

const DOCS = join(repositoryRoot, "docs");
const pages = globSync("*.md", { cwd: DOCS }).sort();
const textOf = (page: string): string => readFileSync(join(DOCS, page), "utf8");

/** Pages that describe a project of their own hold its stages. */
const projects = pages.filter((page) =>
  blocksOf(textOf(page)).some(({ mark }) => mark === "stage"),
);
/** Pages that begin in the project that `steplab init` makes, run once, say so. */
const demos = pages.filter((page) => textOf(page).includes("`npx steplab init demo`"));

/** Against a hang; a page is a handful of commands, on a busy machine. */
const PAGE_MS = 240_000;

describe.each(projects)("docs/%s", (page) => {
  test("is a project that runs, and shows what the page shows", { timeout: PAGE_MS }, async () => {
    const blocks = blocksOf(textOf(page));
    await using project = await makeProject({
      ...filesOf(blocks),
      "PIPELINE.md": pipelineOf(blocks),
      ...notebooksOf(blocks),
    });
    if (blocks.some(({ language }) => language === "console")) await follow(project, blocks);
    else expect(await typed(project, "npx steplab run; echo exit code $?")).toMatch(/code 0\n$/);
    expectShown(project, blocks);
  });
});

describe("in a new project", () => {
  let demo: Project;

  beforeAll(async () => {
    demo = await makeProject({});
    expect(await typed(demo, "npx steplab init && npx steplab run")).toContain("succeeded");
  }, PAGE_MS);
  afterAll(() => demo[Symbol.asyncDispose]());

  test.each(demos)("docs/%s happens as it tells", { timeout: PAGE_MS }, async (page) => {
    await using project = await makeProject({});
    cpSync(demo.root, project.root, {
      recursive: true,
      verbatimSymlinks: true,
      filter: (path) => path !== demo.path("node_modules"), // every project has links of its own
    });
    const blocks = blocksOf(textOf(page));
    for (const [path, text] of Object.entries(filesOf(blocks))) await project.write(path, text);
    await follow(project, blocks);
    expectShown(project, blocks);
  });
});

describe("docs/exercise.md", () => {
  test(
    "is graded: each blank is found, each solution is a step, and the end is a run",
    { timeout: PAGE_MS },
    async () => {
      await using project = await makeProject({});
      cpSync(join(DOCS, "exercise"), project.root, { recursive: true });
      const blocks = blocksOf(textOf("exercise.md"));
      await follow(project, blocks);
      expectShown(project, blocks);
      const left = globSync("{PIPELINE.md,notebooks/*}", { cwd: project.root }).filter((path) =>
        /Blank [1-4]/.test(readFileSync(project.path(path), "utf8")),
      );
      expect(left).toEqual([]);
    },
  );
});

function expectShown(project: Project, blocks: readonly Block[]): void {
  const shown = outputsOf(project);
  for (const { text } of blocks.filter(({ mark }) => mark === "output"))
    expect(shown).toContain(text.trimEnd());
}

/** All plain text that the executed notebooks hold, one output after the other. */
function outputsOf(project: Project): string {
  const notebooks = globSync("runs/*/*/*.ipynb", { cwd: project.root }).map(
    (path) =>
      JSON.parse(readFileSync(project.path(path), "utf8")) as { cells: { outputs?: Output[] }[] }, // written by the runner
  );
  return notebooks
    .flatMap(({ cells }) => cells)
    .flatMap(({ outputs = [] }) => outputs)
    .map((output) => [output.data?.["text/plain"] ?? output.text ?? ""].flat().join(""))
    .join("\n");
}

interface Output {
  data?: Record<string, string | string[]>;
  text?: string | string[];
}
