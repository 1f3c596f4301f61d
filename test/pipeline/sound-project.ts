/** A project without a flaw; tests put one in and compare all that lint says. */
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Notebook } from "../../core/notebook/index.ts";
import { renderDiagnostic } from "../../core/render-diagnostic.ts";
import { lint, type LintOptions } from "../../pipeline/lint/index.ts";
import { stageNotebook, type StageNotebookText } from "../rig/notebook.ts";
import { makeProject, type Project } from "../rig/project.ts";

export const DOCUMENT = `---
pipeline: prices
params: { minPrice: 10 }
profiles: { ci: { minPrice: 20 } }
---

# Prices

\`\`\`mermaid
graph LR
  collect --> process
\`\`\`

## Collect the listings

\`\`\`yaml stage
name: collect
notebook: notebooks/collect.ipynb
inputs: { delivery: data/listings.csv }
\`\`\`

## Process: keep the usual prices

\`\`\`yaml stage
name: process
notebook: notebooks/process.ipynb
inputs: { listings: collect.listings }
params: { minPrice: $minPrice }
\`\`\`
`;

const SCHEMA = `import { z } from "zod";
export const Listing = z.object({
  id: z.int(),
  price: z.number(),
  borough: z.enum(["Bronx", "Queens"]),
});
`;

export const IMPORTS = `import { z, a, check, inputs, outputs, parameters } from "steplab";
import { Listing } from "./schemas.ts";`;

const COLLECT: StageNotebookText = {
  template: "collect",
  imports: IMPORTS,
  inputs: `const input = inputs({ delivery: a.file({ media: "text/csv" }) });`,
  outputs: `const output = outputs({ listings: a.table(Listing) });`,
  body: `const delivery = input.delivery.csv(Listing);
await output.listings.write(delivery);`,
};

const PROCESS: StageNotebookText = {
  imports: IMPORTS,
  parameters: `const params = parameters({
  minPrice: z.number().positive().default(10).describe("lowest price kept, USD"),
});`,
  inputs: `const input = inputs({ listings: a.table(Listing) });`,
  outputs: `const output = outputs({ kept: a.table(Listing) });`,
  body: `const raw = await input.listings.read();
const kept = raw.filter((d) => d.price >= params.minPrice);
await output.kept.write(kept);`,
  checks: `await check.rows("price within range", kept, (d) => d.price >= params.minPrice);`,
};

/** The collect notebook with some of its cells changed. */
export function collect(changes: StageNotebookText = {}): Notebook {
  return stageNotebook({ ...COLLECT, ...changes });
}

/** The process notebook with some of its cells changed. */
export function processing(changes: StageNotebookText = {}): Notebook {
  return stageNotebook({ ...PROCESS, ...changes });
}

export type Files = Record<string, string | Notebook | null>;

export function soundFiles(): Record<string, string | Notebook> {
  return {
    "PIPELINE.md": DOCUMENT,
    "notebooks/schemas.ts": SCHEMA,
    "notebooks/collect.ipynb": collect(),
    "notebooks/process.ipynb": processing(),
    "test/stages.test.ts": `runStage("collect"); runStage("process");`,
  };
}

/** The sound project with some files changed, added, or (null) taken out. */
export async function projectWith(changes: Files): Promise<Project> {
  const files: Record<string, string | Notebook> = soundFiles();
  for (const [path, content] of Object.entries(changes)) {
    if (content === null) delete files[path];
    else files[path] = content;
  }
  return makeProject(files);
}

/** Contracts are cached by content, so the sound notebooks are evaluated once for a whole file of tests. */
const cacheDir = mkdtempSync(join(tmpdir(), "steplab-test-contracts-"));

/** All that lint says of the changed project, as people read it; types are left out unless asked for. */
export async function judge(changes: Files, options: LintOptions = {}): Promise<string> {
  await using project = await projectWith(changes);
  const { diagnostics } = await lint(project.root, { types: false, cacheDir, ...options });
  return diagnostics.map(renderDiagnostic).join("\n\n");
}

export function replaced(text: string, from: string, to: string): string {
  if (!text.includes(from)) throw new Error(`the text has no ${JSON.stringify(from)}`);
  return text.replace(from, to);
}

/** PIPELINE.md with one piece replaced. */
export function documentWith(from: string, to: string): { "PIPELINE.md": string } {
  return { "PIPELINE.md": replaced(DOCUMENT, from, to) };
}
