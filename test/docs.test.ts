/** The documentation is run: each page's project with the real command, and what the page says it shows is what it shows. */
import { execFile } from "node:child_process";
import { existsSync, globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { CODES } from "../core/codes.ts";
import { readPipeline } from "../pipeline/document.ts";
import { blocksOf, filesOf, notebooksOf, pipelineOf, type Block } from "./rig/document.ts";
import { makeProject, repositoryRoot, type Project } from "./rig/project.ts";

const DOCS = join(repositoryRoot, "docs");
const pages = globSync("*.md", { cwd: DOCS }).sort();
const blocksOfPage = (page: string): Block[] => blocksOf(readFileSync(join(DOCS, page), "utf8"));
const isProject = (page: string): boolean =>
  blocksOfPage(page).some(({ mark }) => mark === "notebook");

describe.each(pages.filter(isProject))("docs/%s", (page) => {
  test("is a project that runs, and shows what the page shows", async () => {
    const blocks = blocksOfPage(page);
    await using project = await makeProject({
      ...filesOf(blocks),
      "PIPELINE.md": pipelineOf(blocks),
      ...notebooksOf(blocks),
    });
    const console = blocks.find(({ language }) => language === "console");
    const ran = await steplab(project, "run");
    expect(ran.code, ran.output).toBe(console ? 1 : 0);
    const shown = outputsOf(project);
    for (const { text } of blocks.filter(({ mark }) => mark === "output"))
      expect(shown).toContain(text.trimEnd());
    for (const line of console?.text.trimEnd().split("\n").slice(1) ?? [])
      expect(normalised(ran.output)).toContain(normalised(line));
    const tests = Object.keys(filesOf(blocks)).filter((path) => path.startsWith("test/"));
    if (tests.length > 0)
      expect(await node(project, ["--test", ...tests])).toMatchObject({ code: 0 });
  });
});

test("docs/pipeline.md holds a document that reads without a diagnostic", () => {
  const document = filesOf(blocksOfPage("pipeline.md"))["PIPELINE.md"] ?? "";
  const { pipeline, diagnostics } = readPipeline(document, "PIPELINE.md");
  expect(diagnostics).toEqual([]);
  expect(pipeline?.stages.map(({ name }) => name)).toEqual(["collect", "clean"]);
  expect(pipeline?.stages[1]?.params).toEqual({ maxPrice: 350 });
});

test("docs/codes.md lists every code (npx vitest run test/docs.test.ts -u writes it)", async () => {
  const entries = Object.entries(CODES).sort(([a], [b]) => (a < b ? -1 : 1));
  const areas = Map.groupBy(entries, ([code]) => code.split("/")[0] ?? "");
  const sections = [...areas].map(([area, codes]) => {
    const lines = codes.map(
      ([code, { meaning, remedy }]) =>
        `### ${code}\n\n${meaning}\n\n*Remedy:* ${remedy}${exampleOf(code)}\n`,
    );
    return `## ${area}\n\n${lines.join("\n")}`;
  });
  const head =
    "# What does this code mean?\n\nEvery diagnostic and error has a stable code. This page is made from `core/codes.ts`; `steplab lint --explain <code>` says the same, and shows the example of a rule of lint.\n";
  await expect([head, ...sections].join("\n")).toMatchFileSnapshot(join(DOCS, "codes.md"));
});

/** Rules of lint have pages of their own, which `test/lint-pages.test.ts` makes. */
function exampleOf(code: string): string {
  const page = `lint/${code.replace("/", "-")}.md`;
  return existsSync(join(DOCS, page)) ? ` [An example](${page})` : "";
}

function steplab(project: Project, ...words: string[]): Promise<{ code: number; output: string }> {
  return node(project, [join(repositoryRoot, "cli", "main.ts"), ...words]);
}

function node(project: Project, words: string[]): Promise<{ code: number; output: string }> {
  return new Promise((resolve) => {
    const env = { ...process.env, NODE_OPTIONS: "--conditions=steplab-source" }; // as a checkout is run
    execFile(process.execPath, words, { cwd: project.root, env }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code), output: stdout + stderr });
    });
  });
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

/** Times differ from run to run, and with them the widths of columns. */
function normalised(text: string): string {
  return text.replace(/\d+(\.\d+)? m?s\b/g, "0 s").replace(/ +/g, " ");
}
