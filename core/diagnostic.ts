/** One finding of lint (or of any reader of documents and notebooks): data, never thrown. */
import type { Code } from "./codes.ts";

export type Severity = "error" | "warning" | "information";

/** Lines and columns are counted from 1; columns in UTF-16 units, as editors count. */
export interface Place {
  /** Relative to the project root, with forward slashes. */
  file: string;
  /** Set for a place in a notebook: its number from 1, its nbformat id, and its slot. */
  cell?: { number: number; id: string; slot?: string };
  /** Within the cell when there is one, else within the file. */
  line?: number;
  column?: number;
  endLine?: number;
  endColumn?: number;
}

/** One finding of lint: what is wrong, where, and how to mend it. */
export interface Diagnostic {
  code: Code;
  severity: Severity;
  /** A sentence in the user's words. */
  message: string;
  /** How to mend it. */
  hint?: string;
  at: Place;
  /** The text of the line at `at`, so that a printer needs no files. */
  source?: string;
  /** Other ends of the same fault: the producer of a column, say. */
  related?: { at: Place; message: string; source?: string }[];
  /** A mechanical mend that `--fix` applies; understood by `pipeline/lint/fix.ts`. */
  fix?: Fix;
}

/** What `--fix` does: replace a text range of a file, or rewrite it through a named operation. */
export type Fix =
  | SingleFix
  /** What belongs together, in several files; `file` is the one that the diagnostic is about. */
  | { kind: "together"; file: string; fixes: SingleFix[] };

export type SingleFix =
  | { kind: "replace-text"; file: string; from: number; to: number; text: string }
  | { kind: "notebook"; file: string; operation: string; arguments?: Record<string, unknown> }
  /** Wires an input of a stage in the document. */
  | { kind: "wire-input"; file: string; stage: string; input: string; wire: string };

/** Whether anything among them keeps a pipeline from running: warnings and information do not. */
export function hasErrors(diagnostics: readonly Diagnostic[]): boolean {
  return diagnostics.some((d) => d.severity === "error");
}
