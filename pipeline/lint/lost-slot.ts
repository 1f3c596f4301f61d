/** A slot that a notebook has lost: the cell that fills it again, and where it belongs. */
import type { Cell, Notebook } from "../../core/notebook/index.ts";
import { cellFromSlot } from "../scaffold/slot-cell.ts";
import { BODY, type Template, type TemplateSlot } from "../templates.ts";
import { slotNameOf } from "./structure.ts";

/**
 * The slot as the template has it, before the first cell of a later slot. A declaration comes back empty rather than
 * with the template's placeholders, which would declare inputs that nobody wires.
 *
 * @returns `at`: index from 0 before which the cell belongs
 */
export function lostSlot(
  notebook: Notebook,
  template: Template,
  slot: TemplateSlot,
): { at: number; cell: Cell } {
  const rank = template.slots.indexOf(slot);
  const later = new Set(template.slots.slice(rank + 1).map(({ name }) => name));
  const index = notebook.cells.findIndex((cell) => {
    const name = slotNameOf(cell, template);
    return later.has(name) && (name !== BODY || cell.type === "code");
  });
  return {
    at: index === -1 ? notebook.cells.length : index,
    cell: { ...cellFromSlot(slot, restoredSource(slot)), id: freeId(notebook, slot.name) },
  };
}

const EMPTY_DECLARATIONS: Record<string, string> = {
  parameters: "const params = parameters({});",
  inputs: "const input = inputs({});",
  outputs: "const output = outputs({});",
};

function restoredSource(slot: TemplateSlot): string {
  const { cell, name } = slot;
  if (cell.metadata.editable === false || name === "description" || name === "imports")
    return cell.source;
  return EMPTY_DECLARATIONS[name] ?? "";
}

function freeId({ cells }: Notebook, wanted: string): string {
  const taken = new Set(cells.map(({ id }) => id));
  let id = wanted;
  for (let count = 2; taken.has(id); count++) id = `${wanted}-${count}`;
  return id;
}
