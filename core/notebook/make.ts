/** Notebooks and cells made by programs: templates, executed copies, tests. */
import { digestOf, hexOf } from "../digest.ts";
import type { Cell, CellMetadata, Notebook, NotebookMetadata } from "./notebook.ts";
import { slotOf, type SlotName } from "./slots.ts";

export interface CellOptions {
  /** Made from the source when left out; `makeNotebook` and `withCells` make ids unique. */
  id?: string;
  slot?: SlotName | null;
  metadata?: CellMetadata;
}

/** A code cell that was never run; without an id, the notebook that it is put into gives it one. */
export function codeCell(source: string, options: CellOptions = {}): Cell {
  return makeCell("code", source, options);
}

/** A cell of prose. */
export function markdownCell(source: string, options: CellOptions = {}): Cell {
  return makeCell("markdown", source, options);
}

function makeCell(type: Cell["type"], source: string, options: CellOptions): Cell {
  const metadata: CellMetadata = { ...options.metadata };
  if (options.slot) metadata.tags = [options.slot];
  return {
    number: 0, // set when it joins a notebook
    id: options.id ?? "",
    type,
    source,
    slot: slotOf(metadata),
    metadata,
    outputs: [],
    executionCount: null,
  };
}

/** A notebook of these cells, numbered, each with an id of its own. */
export function makeNotebook(cells: readonly Cell[], metadata: NotebookMetadata = {}): Notebook {
  return { nbformat: 4, nbformatMinor: 5, metadata, cells: numbered(cells) };
}

/** The same notebook with other cells: numbers and slots follow, missing ids are made, present ones kept. */
export function withCells(notebook: Notebook, cells: readonly Cell[]): Notebook {
  return { ...notebook, cells: numbered(cells) };
}

function numbered(cells: readonly Cell[]): Cell[] {
  const taken = new Set(cells.map((cell) => cell.id).filter((id) => id !== ""));
  return cells.map((cell, index) => {
    let id = cell.id;
    if (id === "") {
      id = freshId(index + 1, cell.source, taken);
      taken.add(id);
    }
    return { ...cell, id, number: index + 1, slot: slotOf(cell.metadata) };
  });
}

/**
 * Eight hex digits from the cell's number and source: stable, so that reading an older notebook twice names
 * its cells alike (nbformat's own upgrade takes random ones).
 */
export function freshId(number: number, source: string, taken: ReadonlySet<string>): string {
  for (let attempt = 0; ; attempt++) {
    const id = hexOf(digestOf(`${number}\n${attempt}\n${source}`)).slice(0, 8);
    if (!taken.has(id)) return id;
  }
}
