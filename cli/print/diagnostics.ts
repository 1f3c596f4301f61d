/** Diagnostics for people, with colour where it helps. */
import type { Diagnostic } from "../../core/diagnostic.ts";
import { renderDiagnostic } from "../../core/render-diagnostic.ts";
import { paint } from "./style.ts";

const COLORS = { error: "red", warning: "yellow", information: "blue" } as const;

export function printDiagnostics(
  diagnostics: readonly Diagnostic[],
  stream: NodeJS.WriteStream,
): void {
  for (const diagnostic of diagnostics)
    stream.write(`${diagnosticLines(diagnostic, stream).join("\n")}\n\n`);
}

/** One diagnostic, its severity in colour. */
export function diagnosticLines(diagnostic: Diagnostic, stream: NodeJS.WriteStream): string[] {
  const text = renderDiagnostic(diagnostic);
  const painted = paint(COLORS[diagnostic.severity], diagnostic.severity, stream);
  return `${painted}${text.slice(diagnostic.severity.length)}`.split("\n");
}
