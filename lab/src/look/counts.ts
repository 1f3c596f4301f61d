/** How many of what: in words, for labels and the status bar. Pure. */
import type { Diagnostic, Severity } from "../../../core/diagnostic.ts";

export const SEVERITIES: readonly Severity[] = ["error", "warning", "information"];

export type Counts = Record<Severity, number>;

export function countsOf(diagnostics: readonly Diagnostic[]): Counts {
  const counts: Counts = { error: 0, warning: 0, information: 0 };
  for (const { severity } of diagnostics) counts[severity]++;
  return counts;
}

/** "2 errors, 1 warning"; information is left out unless it is all there is. */
export function wordsOf({ error, warning, information }: Counts): string {
  const parts = [plural(error, "error"), plural(warning, "warning")].filter((part) => part !== "");
  if (parts.length > 0) return parts.join(", ");
  return information > 0 ? `${information} information` : "no problems";
}

/** The worst of them; null: there is none. */
export function worstOf(diagnostics: readonly Diagnostic[]): Severity | null {
  const counts = countsOf(diagnostics);
  return SEVERITIES.find((severity) => counts[severity] > 0) ?? null;
}

function plural(count: number, noun: string): string {
  if (count === 0) return "";
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}
