/** Whether a console should run what was typed, or wait for more lines. */
import { parseSync } from "oxc-parser";
import type { Content } from "../../core/wire/message.ts";

export function isComplete(code: string): Content {
  const { errors } = parseSync("cell.ts", code, { lang: "ts", sourceType: "module" });
  const [error] = errors;
  if (!error) return { status: "complete" };
  const end = code.trimEnd().length;
  // A parser that stumbles over the end of the text would go on with more of it. Unterminated templates
  // and comments reach to the end; an unterminated quoted string cannot go on in the next line.
  const atEnd = error.labels.some((label) => label.end >= end && label.start >= end);
  const open = /^Unterminated (string|multiline comment)/.test(error.message);
  const goesOn = open && error.labels.some(({ start }) => /[`/]/.test(code.charAt(start)));
  return atEnd || goesOn ? { status: "incomplete", indent: indentOf(code) } : { status: "invalid" };
}

/** The last line's own, one level deeper after an opening bracket. */
function indentOf(code: string): string {
  const line = code.slice(code.lastIndexOf("\n") + 1);
  const own = /^\s*/.exec(line)?.[0] ?? "";
  return /[{([]\s*$/.test(line) ? `${own}  ` : own;
}
