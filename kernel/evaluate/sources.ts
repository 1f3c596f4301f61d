/** Where generated code came from: kept for the life of the kernel, because a timer may fail much later. */
import { readFileSync } from "node:fs";
import { fileURLToPath, pathToFileURL } from "node:url";
import { STEPLAB_ROOT } from "../../core/own-sources.ts";
import type { Cell } from "./cell.ts";
import type { ProjectModules } from "./modules.ts";
import type { Pieces, Position } from "./pieces.ts";
import { offsetOf, positionOf } from "./pieces.ts";
import type { Rewritten } from "./rewrite.ts";
import { originalPosition } from "./transform.ts";

interface CellSource {
  label: string;
  /** Number in the notebook and nbformat id, where the client says them. */
  number: number | null;
  id: string | null;
  source: string;
  wrapped: boolean;
  code: string;
  pieces: Pieces;
}

export class CellSources {
  readonly #cells = new Map<number, CellSource>();
  readonly #modules: ProjectModules;

  constructor(modules: ProjectModules) {
    this.#modules = modules;
  }

  /** Remembers a cell; returns its script with the address that stack frames will name. */
  add(cell: Cell, { source, wrapped, code, pieces }: Rewritten): string {
    const { number, cellId: id } = cell.request;
    this.#cells.set(cell.id, { label: cell.label, number, id, source, wrapped, code, pieces });
    return `${pieces.text}\n//# sourceURL=${scriptName(cell.id)}`;
  }

  /** How the notebook knows a cell; null where the client did not say. */
  cellOf(cell: number): { number: number; id: string } | null {
    const { number = null, id = null } = this.#cells.get(cell) ?? {};
    return number === null || id === null ? null : { number, id };
  }

  labelOf(cell: number): string {
    return this.#cells.get(cell)?.label ?? "a cell";
  }

  lineOf(cell: number, line: number): string | undefined {
    return this.#cells.get(cell)?.source.split("\n")[line - 1];
  }

  lineInModule(url: string, line: number): string | undefined {
    return this.#modules.sourceOf(url)?.split("\n")[line - 1];
  }

  /** A position in the cell's script as the place in what the person wrote. */
  placeOf(cell: number, line: number, column: number): Position | null {
    const known = this.#cells.get(cell);
    if (!known) return null;
    const offset = known.pieces.sourceOffset(offsetOf(known.pieces.text, { line, column }));
    return this.placeOfOffset(cell, offset);
  }

  /** The same for an offset in the cell's JavaScript. */
  placeOfOffset(cell: number, offset: number): Position | null {
    const known = this.#cells.get(cell);
    return known ? originalPosition(known, positionOf(known.code, offset)) : null;
  }

  /** A position in a project module's JavaScript as the place in its file; others run as they stand. */
  placeInModule(url: string, position: Position): Position {
    const source = this.#modules.sourceOf(url) ?? ownSource(url);
    return source === undefined ? position : originalPosition({ source, wrapped: false }, position);
  }
}

/** steplab's own modules went through oxc too, where boot.js started the kernel. */
function ownSource(url: string): string | undefined {
  const isOwn = url.startsWith(pathToFileURL(STEPLAB_ROOT).href) && !url.includes("/node_modules/");
  if (!isOwn || !url.endsWith(".ts") || process.argv[1]?.endsWith("boot.js") !== true)
    return undefined;
  return readFileSync(fileURLToPath(url), "utf8");
}

export function scriptName(cell: number): string {
  return `steplab-cell-${cell}`;
}

export const SCRIPT_PATTERN = /steplab-cell-(\d+):(\d+):(\d+)/;
