/** Where the page of a rule of lint stands, from its code alone. */
import type { Code } from "./codes.ts";

/** Relative to steplab's own root: `docs/lint/contract-input-unread.md`. Codes that are no rules of lint have none. */
export function lintPage(code: Code): string {
  return `docs/lint/${code.replace("/", "-")}.md`;
}
