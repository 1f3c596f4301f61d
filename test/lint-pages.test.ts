/** Every rule of lint has a page, and its example is real: told when it is flawed, and no longer when it is mended. */
import { globSync, mkdtempSync, readdirSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { CODES, type Code } from "../core/codes.ts";
import type { Diagnostic } from "../core/diagnostic.ts";
import { lint } from "../pipeline/lint/index.ts";
import { projectWith, type Files } from "./pipeline/sound-project.ts";
import { LINT_EXAMPLES, type LintExample } from "./rig/lint-examples.ts";
import { pageOf, pagePath } from "./rig/lint-pages.ts";
import { repositoryRoot } from "./rig/project.ts";

/** What no file of a project can show: the command line's mistakes, and the outside world. */
const NO_RULES = new Set([
  "types/compiler-failed",
  "document/unknown-profile",
  "project/not-found",
  "project/unreadable-file",
]);

const cacheDir = mkdtempSync(join(tmpdir(), "steplab-test-contracts-"));
const examples = Object.entries(LINT_EXAMPLES) as [Code, LintExample][]; // its keys are codes

async function judged(files: Files, example: LintExample): Promise<Diagnostic[]> {
  await using project = await projectWith(files);
  return (await lint(project.root, { types: example.types === true, cacheDir })).diagnostics;
}

test.each(examples)("%s", async (code, example) => {
  const told = (await judged(example.flawed.files, example)).find((each) => each.code === code);
  if (told === undefined) throw new Error(`lint does not say ${code} of its example`);
  const left = await judged(example.mended.files, example);
  expect(left.filter((each) => each.code === code)).toEqual([]);
  await expect(pageOf(code, example, told)).toMatchFileSnapshot(pagePath(code));
});

test("every code that lint gives has an example, and every page one", () => {
  const sources = globSync(
    "{pipeline/lint,pipeline/document,pipeline/types,core/notebook}/**/*.ts",
    {
      cwd: repositoryRoot,
    },
  )
    .concat("pipeline/contracts.ts", "pipeline/declare/explain.ts", "pipeline/document.ts")
    .map((path) => readFileSync(join(repositoryRoot, path), "utf8"))
    .join("\n");
  const given = Object.keys(CODES).filter(
    (code) => sources.includes(`"${code}"`) && !NO_RULES.has(code),
  );
  expect(given.filter((code) => !(code in LINT_EXAMPLES))).toEqual([]);
  const pages = examples.map(([code]) => pagePath(code).split("/").at(-1));
  expect(new Set(readdirSync(join(repositoryRoot, "docs", "lint")))).toEqual(new Set(pages));
});
