/** Diagnostics for people, with colour where it helps. */
import type { Diagnostic } from "../../core/diagnostic.ts";
import { renderDiagnostic } from "../../core/render-diagnostic.ts";
import { paint } from "./style.ts";

const COLORS = { error: "red", warning: "yellow", information: "blue" } as const;

export function printDiagnostics(
  diagnostics: readonly Diagnostic[],
  stream: NodeJS.WriteStream,
): void {
  for (const diagnostic of diagnostics) {
    const text = renderDiagnostic(diagnostic);
    const painted = text.startsWith(diagnostic.severity)
      ? paint(COLORS[diagnostic.severity], diagnostic.severity, stream) +
        text.slice(diagnostic.severity.length)
      : text;
    stream.write(`${painted}\n\n`);
  }
}
