/** A page of the documentation, followed: its edits are made, its commands typed, and they say what it says they say. */
import { execFile } from "node:child_process";
import { chmod, mkdir, writeFile } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { expect } from "vitest";
import { readNotebook, type Notebook } from "../../core/notebook/index.ts";
import { blocksOf, type Block } from "./document.ts";
import { repositoryRoot, type Project } from "./project.ts";
import { NO_TERMINAL, openTerminal } from "./terminal.ts";

/** What differs from run to run, taken out of what was said and of what the page says. */
export type Normalise = (text: string) => string;

/** Makes the edits of `diff` blocks and types the commands of `console` blocks, in their order. */
export async function follow(
  project: Project,
  blocks: readonly Block[],
  normalise: Normalise = withoutMoments,
): Promise<void> {
  for (const { language, mark, text } of blocks) {
    if (language === "diff") await applyEdit(project, mark, text);
    if (language === "console")
      for (const said of text.split(/^(?=\$ )/m)) await expectSaid(project, said, normalise);
  }
}

/** The blocks between two headings of a page, or all of it. */
export function sectionOf(markdown: string, heading: string): Block[] {
  const sections = markdown.split(/^(?=## )/m);
  const found = sections.filter((section) => section.startsWith(`## ${heading}`));
  expect(found, `sections called "${heading}"`).toHaveLength(1);
  return blocksOf(found[0] ?? "");
}

/** Replaces the block's `-` lines by its `+` lines, in the one place of the file that has them; of a notebook, in one cell. */
async function applyEdit(project: Project, path: string, diff: string): Promise<void> {
  const lines = diff.trimEnd().split("\n");
  const side = (sign: string): string =>
    lines
      .filter((line) => line.startsWith(sign) || line.startsWith(" "))
      .map((line) => line.slice(1))
      .join("\n");
  const [before, after] = [side("-"), side("+")];
  const text = await project.read(path);
  const { notebook } = path.endsWith(".ipynb") ? readNotebook(text, path) : { notebook: null };
  const pieces = notebook?.cells.map(({ source }) => source) ?? [text];
  const holding = pieces.filter((piece) => piece.includes(before));
  expect(holding, `${path}: places with the line\n${before}`).toHaveLength(1);
  const edited = pieces.map((piece) => piece.replace(before, () => after));
  if (notebook === null) return project.write(path, edited[0] ?? "");
  const cells = notebook.cells.map((cell, at) => ({ ...cell, source: edited[at] ?? "" }));
  await project.write(path, { ...notebook, cells } satisfies Notebook);
}

/** Types the command; the lines below it, but for what `…` stands for, must be said in this order. */
async function expectSaid(project: Project, block: string, normalise: Normalise): Promise<void> {
  const [command = "", ...lines] = block.trimEnd().split("\n");
  expect(command, "a console block begins with a command").toMatch(/^\$ /);
  if (lines.some((line) => KEY.test(line)))
    return await expectPlayed(project, command.slice(2), lines, normalise);
  const wanted = lines.join("\n");
  const said = normalise(await typed(project, command.slice(2)));
  expect(missing(said, wanted, normalise), `${command} did not say it. It said:\n${said}`).toBe(
    null,
  );
}

/** The first of the parts between lines of `…` that is not said, or not in this order; null when all are. */
function missing(said: string, lines: string, normalise: Normalise): string | null {
  let at = 0;
  for (const part of lines.split(/^…$/m)) {
    const wanted = normalise(part);
    const found = said.indexOf(wanted, at);
    if (found === -1) return wanted;
    at = found + wanted.length;
  }
  return null;
}

/** A line `[f]` of a console block: the key is pressed once all above it is said. */
const KEY = /^\[(.)\]$/;

async function expectPlayed(
  project: Project,
  command: string,
  lines: readonly string[],
  normalise: Normalise,
): Promise<void> {
  if (NO_TERMINAL !== null) return console.warn(`${command}: ${NO_TERMINAL}`);
  await using terminal = openTerminal(project, command, await environmentOf(project));
  for (const [at, line] of lines.entries()) {
    const [, key] = KEY.exec(line) ?? [];
    if (key === undefined) continue;
    const wanted = lines.slice(0, at).filter((each) => !KEY.test(each));
    await terminal.until(
      (shown) => missing(normalise(shown), wanted.join("\n"), normalise) === null,
    );
    terminal.press(key);
  }
  expect(await terminal.code, `exit code of ${command}`).toBe(0);
}

/** Runs a command line in the project as a shell would, and gives what it says on both streams. */
export async function typed(project: Project, command: string): Promise<string> {
  const env = await environmentOf(project);
  return new Promise((resolve) => {
    execFile(
      "sh",
      ["-c", `{ ${command}\n} 2>&1`],
      { cwd: project.root, env: { ...process.env, ...env } },
      (_, stdout, stderr) => resolve(stdout + stderr),
    );
  });
}

async function environmentOf(project: Project): Promise<Record<string, string>> {
  const bin = project.path(".bin");
  await mkdir(bin, { recursive: true });
  // What npx would find, without npm's half second.
  await writeFile(join(bin, "npx"), `#!/bin/sh\nshift\nexec node "${MAIN}" "$@"\n`);
  await writeFile(
    join(bin, "node"),
    `#!/bin/sh\nexec "${process.execPath}" --conditions=steplab-source "$@"\n`,
  );
  for (const name of ["npx", "node"]) await chmod(join(bin, name), 0o755);
  const path = `${bin}${delimiter}${process.env["PATH"] ?? ""}`;
  return { PATH: path, NODE_COMPILE_CACHE: COMPILE_CACHE };
}

const MAIN = join(repositoryRoot, "cli", "main.ts");
/** Dozens of short commands would spend a third of their time on compiling the same files. */
const COMPILE_CACHE = join(repositoryRoot, "node_modules", ".cache", "steplab-compile");

/** Ids, times and digests are this run's; and with them the widths of columns. */
export function withoutMoments(text: string): string {
  return text
    .replace(/\d{4}-\d\d-\d\dT\d{6}Z-[0-9a-f]{4}/g, "<run>")
    .replace(/\d{4}-\d\d-\d\d(T| )\d\d:\d\d(:\d\d(\.\d+)?Z?)?( UTC)?/g, "<time>")
    .replace(/just now|\d+ (second|minute)s? ago/g, "<ago>")
    .replace(/\d+ min \d+ s|\d+(\.\d+)? ?m?s\b/g, "<duration>")
    .replace(/\d+(\.\d+)? [kM]?B\b/g, "<size>")
    .replace(/\b(sha256:)?[0-9a-f]{8,64}\b…?/g, "<digest>")
    .replace(/ +/g, " ")
    .replace(/ $/gm, "")
    .trim();
}
