/** The page of all codes is made from the table of codes. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { CODES } from "../core/codes.ts";
import { repositoryRoot } from "./rig/project.ts";

const DOCS = join(repositoryRoot, "docs");

test("docs/codes.md lists every code (npx vitest run test/codes.test.ts -u writes it)", async () => {
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
