/** The README's tour is taken: its edits are made to a copy of the example, its commands typed, and they say what it says they say. */
import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { blocksOf } from "../rig/document.ts";
import { follow, typed } from "../rig/page.ts";
import { makeProject, repositoryRoot, type Project } from "../rig/project.ts";

const TOUR_MS = 240_000; // the whole chain once, on a busy machine

test("the five minutes of the README happen as it tells them", { timeout: TOUR_MS }, async () => {
  await using project = await copyOfExample();
  expect(await typed(project, "npx steplab run; echo exit code $?")).toContain("exit code 0");

  const blocks = blocksOf(readFileSync(join(repositoryRoot, "README.md"), "utf8"));
  const steps = blocks.filter(({ language }) => language === "diff" || language === "console");
  expect(steps.length).toBeGreaterThanOrEqual(7);
  await follow(project, steps, normalised);
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
