/** The pages of docs/lint/: what a rule means, an example as lint really tells it, how to mend it. */
import { join } from "node:path";
import { CODES, type Code } from "../../core/codes.ts";
import type { Diagnostic } from "../../core/diagnostic.ts";
import { lintPage } from "../../core/lint-page.ts";
import { renderDiagnostic } from "../../core/render-diagnostic.ts";
import type { ExampleState, LintExample } from "./lint-examples.ts";
import { repositoryRoot } from "./project.ts";

export function pagePath(code: Code): string {
  return join(repositoryRoot, lintPage(code));
}

/** `told`: what lint says of the flawed state. */
export function pageOf(code: Code, example: LintExample, told: Diagnostic): string {
  const { meaning, remedy } = CODES[code];
  return [
    `# ${code}`,
    `${meaning} (${told.severity})`,
    `**Why it matters.** ${example.why}`,
    "## An example",
    `In ${example.where}:`,
    shown(example.flawed),
    "`steplab lint` says:",
    `\`\`\`text\n${renderDiagnostic(told)}\n\`\`\``,
    "## How to mend it",
    told.fix === undefined ? remedy : `${remedy} This one \`steplab lint --fix\` mends by itself.`,
    shown(example.mended),
    "[All codes](../codes.md)\n",
  ].join("\n\n");
}

function shown({ language, text }: ExampleState): string {
  return language === null ? text : `\`\`\`${language}\n${text.trim()}\n\`\`\``;
}
