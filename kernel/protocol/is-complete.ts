/** Whether a console should run what was typed, or wait for more lines. */
import { parseSync, type OxcError } from "oxc-parser";
import type { Content } from "../../core/wire/message.ts";

export function isComplete(code: string): Content {
  const [error] = errorsOf(code);
  // An object alone is a block to the parser; the kernel reads it as the object (kernel/evaluate/transform.ts).
  if (!error || (/^\s*\{/.test(code) && errorsOf(`(${code}\n)`).length === 0))
    return { status: "complete" };
  return goesOn(code, error)
    ? { status: "incomplete", indent: indentOf(code) }
    : { status: "invalid" };
}

function errorsOf(code: string): OxcError[] {
  return parseSync("cell.ts", code, { lang: "ts", sourceType: "module" }).errors;
}

/**
 * A parser that stumbles over the end of the text would go on with more of it. Unterminated templates and comments
 * reach to the end and may; a quoted string only where its line ends with a backslash, a regular expression never.
 */
function goesOn(code: string, { message, labels }: OxcError): boolean {
  const end = code.trimEnd().length;
  if (labels.some((label) => label.start >= end)) return true;
  if (!/^Unterminated (string|multiline comment)/.test(message)) return false;
  // A template is open from its backtick, or from the brace that closed an expression in it.
  return labels.some(({ start }) => /[`}/]/.test(code.charAt(start))) || code.endsWith("\\");
}

const DEEPER = "  ";

/** The last line's own, one level deeper where it opens a bracket or a function that the next line fills. */
function indentOf(code: string): string {
  const line = code.slice(code.lastIndexOf("\n") + 1);
  const own = /^\s*/.exec(line)?.[0] ?? "";
  const bare = line.replace(/(["'`])(?:\\.|(?!\1).)*\1|\/\/.*$/g, "");
  const count = (brackets: RegExp): number => bare.match(brackets)?.length ?? 0;
  const opens = count(/[{([]/g) > count(/[\])}]/g) || /=>\s*$/.test(bare);
  return opens ? own + DEEPER : own;
}
