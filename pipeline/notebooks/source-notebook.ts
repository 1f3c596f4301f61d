/** A source notebook of the project as lint sees it: read once, each code cell parsed once. */
import type { Program } from "oxc-parser";
import type { Diagnostic, Place } from "../../core/diagnostic.ts";
import { readProjectFile } from "../read-file.ts";
import { parseModule } from "../../core/module-facts.ts";
import {
  readNotebook,
  type Cell,
  type Notebook,
  type SlotName,
} from "../../core/notebook/index.ts";
import { TextPositions } from "../../core/text-position.ts";

/** A code cell's syntax tree and what its text says at a place. */
export interface ParsedCell {
  cell: Cell;
  positions: TextPositions;
  program: Program;
  /** Syntax errors: message and offset within the cell. Empty for a cell that can run. */
  errors: { message: string; from: number; to: number }[];
}

export interface SourceNotebook {
  /** Relative to the project root, with forward slashes. */
  path: string;
  notebook: Notebook;
  /** Every code cell, scratch ones too, in order. */
  code: ParsedCell[];
}

export interface SourceNotebookRead {
  source: SourceNotebook | null;
  diagnostics: Diagnostic[];
}

/** `path` is relative to the project root: where its diagnostics say it lies. */
export function readSourceNotebook(text: string, path: string): SourceNotebookRead {
  const { notebook, diagnostics } = readNotebook(text, path);
  return { source: notebook && parseNotebook(notebook, path), diagnostics };
}

/** The same from the disk: `path` is relative to `root`. A file that cannot be read is `project/unreadable-file`; nothing throws. */
export function readSourceNotebookFile(root: string, path: string): SourceNotebookRead {
  const text = readProjectFile(root, path);
  return text.ok
    ? readSourceNotebook(text.text, path)
    : { source: null, diagnostics: [text.diagnostic] };
}

/** What is made of a parsed notebook is kept as long as it: a session parses it again only when it was edited. */
export function oncePerNotebook<T>(
  make: (source: SourceNotebook) => T,
): (source: SourceNotebook) => T {
  const made = new WeakMap<SourceNotebook, { value: T }>();
  return (source) => {
    let known = made.get(source);
    if (!known) made.set(source, (known = { value: make(source) }));
    return known.value;
  };
}

/** Parses every code cell; syntax errors are kept beside the tree. */
export function parseNotebook(notebook: Notebook, path: string): SourceNotebook {
  const code = notebook.cells.filter((cell) => cell.type === "code").map(parseCell);
  return { path, notebook, code };
}

function parseCell(cell: Cell): ParsedCell {
  const result = parseModule("cell.ts", cell.source);
  const errors = result.errors.map((error) => ({
    message: error.message,
    from: error.labels[0]?.start ?? 0,
    to: error.labels[0]?.end ?? error.labels[0]?.start ?? 0,
  }));
  return { cell, positions: new TextPositions(cell.source), program: result.program, errors };
}

/** A place in a cell, by offsets within it; the whole cell when there are none. */
export function cellPlace(source: SourceNotebook, cell: Cell, from?: number, to?: number): Place {
  const at: Place = {
    file: source.path,
    cell: { number: cell.number, id: cell.id, ...(cell.slot && { slot: cell.slot }) },
  };
  if (from === undefined) return at;
  const positions =
    source.code.find((parsed) => parsed.cell === cell)?.positions ?? new TextPositions(cell.source);
  const start = positions.at(from);
  const lineEnd = positions.startOf(start.line) + positions.lineText(start.line).length;
  const end = positions.at(Math.max(from, Math.min(to ?? from, lineEnd)));
  return {
    ...at,
    line: start.line,
    column: start.column,
    endLine: end.line,
    endColumn: end.column,
  };
}

export function cellsOf(source: SourceNotebook, slot: SlotName): ParsedCell[] {
  return source.code.filter((parsed) => parsed.cell.slot === slot);
}

/** The cells that a run executes: all code but scratch. */
export function cellsToRun(source: SourceNotebook): ParsedCell[] {
  return source.code.filter(({ cell }) => cell.slot !== "scratch");
}
