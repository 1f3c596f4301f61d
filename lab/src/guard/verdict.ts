/** Which of a cell's diagnostics keep it from running in an open stage. Pure. */
import type { Diagnostic } from "../../../core/diagnostic.ts";

/**
 * The cell breaks its template: it is in the wrong place, of the wrong kind, or holds what its slot must not.
 * Not here: what the kernel says better itself (`structure/syntax`), and what is only wrong of the notebook as a whole.
 */
const REFUSED: ReadonlySet<string> = new Set([
  "contract/not-a-declaration",
  "structure/locked-cell-edited",
  "structure/slot-kind",
  "structure/slot-order",
  "structure/slot-repeated",
] satisfies Diagnostic["code"][]);

export function refusalOf(
  diagnostics: readonly Diagnostic[],
  path: string,
  cell: string,
): Diagnostic | undefined {
  return diagnostics.find(
    ({ code, severity, at }) =>
      severity === "error" && REFUSED.has(code) && at.file === path && at.cell?.id === cell,
  );
}

/** As the lines of an error below the cell: what, where, how to mend it. */
export function linesOf({ code, message, hint, at, source }: Diagnostic): string[] {
  return [
    `not run: ${code}${at.line === undefined ? "" : `, line ${at.line}`}`,
    ...(source === undefined ? [] : [`  ${source}`]),
    message,
    ...(hint === undefined ? [] : [`Hint: ${hint}`]),
    "The guard can be switched off: Settings, steplab.",
  ];
}
