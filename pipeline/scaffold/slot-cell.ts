/** A template's slot as a cell of a stage notebook. */
import type { Cell } from "../../core/notebook/index.ts";
import type { TemplateSlot } from "../templates.ts";

/** The template's cell: tags and locks stay, what the template says of the slot goes. The id is left to the notebook. */
export function cellFromSlot(slot: TemplateSlot, source: string = slot.cell.source): Cell {
  const { steplab, ...metadata } = slot.cell.metadata;
  const { slot: _about, ...ours } = steplab ?? {};
  return {
    ...slot.cell,
    id: "",
    source,
    metadata: { ...metadata, ...(Object.keys(ours).length > 0 && { steplab: ours }) },
    outputs: [],
    executionCount: null,
  };
}
