/** A new stage from a template: its notebook, and its section of PIPELINE.md. Values only; writing is the command's. */
import { makeNotebook, STEPLAB_KERNELSPEC, type Notebook } from "../../core/notebook/index.ts";
import type { Template } from "../templates.ts";
import { cellFromSlot } from "./slot-cell.ts";

export interface NewStage {
  /** The stage's name in the document. */
  name: string;
  /** The section's heading. */
  title: string;
  /** Where the notebook will lie, relative to the project root. */
  notebook: string;
}

/** The template's cells in order, with placeholder code; cells that the template leaves empty are left out. */
export function newStageNotebook(template: Template): Notebook {
  const cells = template.slots
    .filter((slot) => slot.required || slot.cell.source !== "")
    .map((slot) => ({ ...cellFromSlot(slot), id: slot.name }));
  return makeNotebook(uniqueIds(cells), {
    ...STEPLAB_KERNELSPEC,
    steplab: { template: template.name },
  });
}

/** `inputs` as they will be wired: name to `stage.output`, a path or an address. */
export function newStageSection(stage: NewStage, inputs: Record<string, string> = {}): string {
  const wires = Object.entries(inputs).map(([name, from]) => `  ${name}: ${from}`);
  return [
    `## ${stage.title}`,
    "",
    "```yaml stage",
    `name: ${stage.name}`,
    `notebook: ${stage.notebook}`,
    ...(wires.length > 0 ? ["inputs:", ...wires] : []),
    "```",
    "",
  ].join("\n");
}

function uniqueIds<C extends { id: string }>(cells: C[]): C[] {
  const counts = new Map<string, number>();
  return cells.map((cell) => {
    const count = (counts.get(cell.id) ?? 0) + 1;
    counts.set(cell.id, count);
    return count === 1 ? cell : { ...cell, id: `${cell.id}-${count}` };
  });
}
