/** The README's tour is taken: its edits are made to a copy of the example, its commands typed, and they say what it says they say. */
import { execFile, execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readNotebook, type Notebook } from "../core/notebook/index.ts";
import { blocksOf } from "./rig/document.ts";
import { makeProject, repositoryRoot, type Project } from "./rig/project.ts";

const TOUR_MS = 240_000; // the whole chain once, on a busy machine

test("the five minutes of the README happen as it tells them", { timeout: TOUR_MS }, async () => {
  await using project = await copyOfExample();
  const before = await typed(project, "npx steplab run");
  expect(before.code, before.output).toBe(0);

  const blocks = blocksOf(readFileSync(join(repositoryRoot, "README.md"), "utf8"));
  const steps = blocks.filter(({ language }) => language === "diff" || language === "console");
  expect(steps.length).toBeGreaterThanOrEqual(7);
  for (const { language, mark, text } of steps) {
    if (language === "diff") await applyEdit(project, mark, text);
    else await expectSaid(project, text);
  }
});

/** The example as a clone has it, with the real sample where set-up found it, else the generated one. */
async function copyOfExample(): Promise<Project> {
  const project = await makeProject({});
  for (const name of ["PIPELINE.md", "tsconfig.json", "notebooks"])
    cpSync(join(repositoryRoot, name), project.path(name), { recursive: true });
  symlinkSync(
    join(repositoryRoot, "node_modules", "@tensorflow"),
    project.path("node_modules/@tensorflow"),
  );
  mkdirSync(project.path("data"));
  const listings = project.path("data/listings.csv");
  const filled = join(repositoryRoot, "data", "listings.csv");
  if (existsSync(filled)) cpSync(filled, listings);
  else execFileSync(process.execPath, [project.path("notebooks/sample/generate.ts"), listings]);
  return project;
}

/** Replaces the block's `-` lines by its `+` lines in the one cell that holds them. */
async function applyEdit(project: Project, path: string, diff: string): Promise<void> {
  const lines = diff.trimEnd().split("\n");
  const side = (sign: string): string =>
    lines
      .filter((line) => line.startsWith(sign))
      .map((line) => line.slice(1))
      .join("\n");
  const { notebook } = readNotebook(await project.read(path), path);
  if (notebook === null) throw new Error(`${path} is no notebook`);
  const cells = notebook.cells.filter(({ source }) => source.includes(side("-")));
  expect(cells, `${path}: cells with the line ${side("-")}`).toHaveLength(1);
  const edited: Notebook = {
    ...notebook,
    cells: notebook.cells.map((cell) => ({
      ...cell,
      source: cell.source.replace(side("-"), () => side("+")),
    })),
  };
  await project.write(path, edited);
}

/** Types the block's command; the rest of the block, but for what `…` stands for, must be said in this order. */
async function expectSaid(project: Project, block: string): Promise<void> {
  const [command = "", ...lines] = block.trimEnd().split("\n");
  const { output } = await typed(project, command.replace(/^\$ /, ""));
  const said = normalised(output);
  let at = 0;
  for (const part of lines.join("\n").split(/^…$/m)) {
    const wanted = normalised(part);
    const found = said.indexOf(wanted, at);
    expect(found, `${command} did not say:\n${wanted}\n\nIt said:\n${said}`).not.toBe(-1);
    at = found + wanted.length;
  }
}

function typed(project: Project, command: string): Promise<{ code: number; output: string }> {
  const [npx, name, ...words] = command.split(" ");
  expect([npx, name]).toEqual(["npx", "steplab"]);
  const main = join(repositoryRoot, "cli", "main.ts");
  return new Promise((resolve) => {
    execFile(process.execPath, [main, ...words], { cwd: project.root }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code), output: stderr + stdout });
    });
  });
}

/** Figures, run ids and times are this run's and this sample's; the words and their order are not. */
function normalised(text: string): string {
  return text
    .replace(/\d{4}-\d\d-\d\dT\d{6}Z-[0-9a-f]{4}/g, "<run>")
    .replace(/just now|\d+ (second|minute)s? ago/g, "<ago>")
    .replace(/\d+ min \d+ s|\d+(\.\d+)? s\b/g, "<time>")
    .replace(/[\d.,]*\d/g, "0")
    .replace(/ +/g, " ")
    .trim();
}
