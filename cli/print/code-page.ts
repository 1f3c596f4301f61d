/** What a code means, in the terminal: its page where it has one, else what the table of codes says. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { CODES, type Code } from "../../core/codes.ts";
import { didYouMean } from "../../core/did-you-mean.ts";
import { StepLabError } from "../../core/error.ts";
import { lintPage } from "../../core/lint-page.ts";
import { STEPLAB_ROOT } from "../../core/own-sources.ts";

/** @throws StepLabError `cli/usage` for a code that does not exist */
export function codePage(code: string): string {
  if (!isCode(code))
    throw new StepLabError("cli/usage", `There is no code "${code}".`, {
      hint: didYouMean(code, Object.keys(CODES).filter(isNear(code))) ?? "docs/codes.md lists all.",
    });
  const path = join(STEPLAB_ROOT, lintPage(code));
  // The link at its end leads to a file that nobody sees here.
  if (existsSync(path)) return readFileSync(path, "utf8").replace(/\n\[All codes\].*\n$/, "");
  const { meaning, remedy } = CODES[code];
  return `# ${code}\n\n${meaning}\n\n## How to mend it\n\n${remedy}\n`;
}

function isCode(text: string): text is Code {
  return text in CODES;
}

/** All of its area where the area is right; else all, for the nearest. */
function isNear(code: string): (each: string) => boolean {
  const area = `${code.split("/")[0]}/`;
  return Object.keys(CODES).some((each) => each.startsWith(area))
    ? (each) => each.startsWith(area)
    : () => true;
}
