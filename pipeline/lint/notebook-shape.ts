/** A notebook as its template sees it: which slot each cell fills, and which are missing. For front ends; pure. */
import { makeNotebook, STEPLAB_KERNELSPEC, writeNotebook } from "../../core/notebook/index.ts";
import type { Cell } from "../../core/notebook/index.ts";
import type { Json } from "../../core/json.ts";
import type { SourceNotebook } from "../notebooks/source-notebook.ts";
import { BODY, templateNameOf, type Template } from "../templates.ts";
import { lostSlot } from "./lost-slot.ts";
import { slotNameOf } from "./structure.ts";

export interface NotebookShape {
  /** Null where it names none, or one that there is not. */
  template: string | null;
  /** One for each cell, in order. */
  cells: CellShape[];
  /** Required slots that no cell fills, in the template's order. */
  missing: MissingSlot[];
}

export interface CellShape {
  /** Its nbformat id. */
  id: string;
  /** A slot's name, "body" for cells without one. */
  slot: string;
  required: boolean;
  /** One line for the person who fills it; "" where the template says nothing. */
  guidance: string;
  /** The template fixes the cell's text. */
  fixed: boolean;
  /** Not executed headlessly. */
  scratch: boolean;
}

export interface MissingSlot {
  slot: string;
  guidance: string;
  /** It belongs before the cell with this index, from 0; the number of cells where it comes last. */
  before: number;
  /** The cell to insert, as nbformat has it. */
  cell: Json;
}

export function notebookShape(
  { notebook }: SourceNotebook,
  templates: ReadonlyMap<string, Template>,
): NotebookShape {
  const template = templates.get(templateNameOf(notebook) ?? "");
  if (!template) return { template: null, cells: notebook.cells.map(withoutTemplate), missing: [] };
  const cells = notebook.cells.map((cell): CellShape => {
    const name = slotNameOf(cell, template);
    const slot = template.slots.find((each) => each.name === name);
    return {
      id: cell.id,
      slot: name,
      required: slot?.required === true && name !== BODY,
      guidance: slot?.guidance ?? "",
      fixed: slot?.cell.metadata.editable === false,
      scratch: cell.slot === "scratch",
    };
  });
  const filled = new Set(cells.map(({ slot }) => slot));
  const missing = template.slots
    .filter((slot) => slot.required && slot.name !== BODY && !filled.has(slot.name))
    .map((slot): MissingSlot => {
      const { at, cell } = lostSlot(notebook, template, slot);
      return { slot: slot.name, guidance: slot.guidance, before: at, cell: asJson(cell) };
    });
  return { template: template.name, cells, missing };
}

function withoutTemplate(cell: Cell): CellShape {
  const scratch = cell.slot === "scratch";
  const slot = cell.slot ?? BODY;
  return { id: cell.id, slot, required: false, guidance: "", fixed: false, scratch };
}

/** By the one writer of notebooks there is. */
function asJson(cell: Cell): Json {
  const text = writeNotebook(makeNotebook([cell], STEPLAB_KERNELSPEC));
  const [written] = (JSON.parse(text) as { cells: Json[] }).cells; // what was just written
  return written ?? null;
}
