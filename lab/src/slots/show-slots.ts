/** What a template says of an open notebook: labels in the margin, bars where slots are missing, cells held in place. */
import type { Cell } from "@jupyterlab/cells";
import type { Diagnostic } from "../../../core/diagnostic.ts";
import type { CellShape } from "../../../pipeline/lint/notebook-shape.ts";
import type { OpenNotebook } from "../judge/open-documents.ts";
import { holdCells } from "./hold-cells.ts";
import { drawBars } from "./put-back.ts";
import { slotLabel } from "./slot-label.ts";

/** A notebook's class: reserves the margin. */
export const LABELLED = "steplab-isLabelled";

/** @returns what ends it */
export function showSlots(
  { panel, path, judge }: OpenNotebook,
  onProblems: () => void,
): () => void {
  const notebook = panel.content;
  const shapes = new Map<string, CellShape>();
  const show = (): void => {
    const { judgement } = judge;
    const served = judgement?.notebooks[path];
    shapes.clear();
    for (const shape of served?.cells ?? []) shapes.set(shape.id, shape);
    const severe = (judgement?.diagnostics ?? []).filter(
      ({ at, severity }) => at.file === path && at.cell && severity !== "information",
    );
    const problems = Map.groupBy(severe, ({ at }) => at.cell?.id ?? "");
    for (const cell of notebook.widgets) {
      const { id } = cell.model;
      label(cell, shapes.get(id), problems.get(id) ?? [], onProblems);
    }
    const missing = served?.missing ?? [];
    drawBars(notebook, missing);
    for (const { before } of missing) {
      const cell = notebook.widgets[Math.min(before, notebook.widgets.length - 1)];
      // One that is out of sight has no place for a bar yet.
      if (cell?.isPlaceholder() === true) void cell.ready.then(show);
    }
  };
  notebook.addClass(LABELLED);
  const release = holdCells(notebook, (id) => shapes.get(id));
  judge.judged.connect(show);
  notebook.model?.cells.changed.connect(show);
  show();
  return () => {
    judge.judged.disconnect(show);
    if (notebook.isDisposed) return;
    release();
    notebook.model?.cells.changed.disconnect(show);
    notebook.removeClass(LABELLED);
    for (const { node } of notebook.widgets) node.querySelector(":scope > .steplab-Slot")?.remove();
    drawBars(notebook, []);
  };
}

/** A cell that nobody has judged yet keeps what it shows: a moment later it is judged. */
function label(
  { node }: Cell,
  shape: CellShape | undefined,
  problems: readonly Diagnostic[],
  onProblems: () => void,
): void {
  if (shape === undefined) return;
  const shown = node.querySelector<HTMLElement>(":scope > .steplab-Slot");
  const made = slotLabel(shape, problems, onProblems);
  if (shown === null) node.append(made);
  else if (!shown.isEqualNode(made)) shown.replaceWith(made);
}
