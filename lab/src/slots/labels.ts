/** The slot's name above each cell of a stage: from its tag at once, from the template as soon as lint has answered. */
import type { Cell } from "@jupyterlab/cells";
import type { CellShape } from "../../../pipeline/lint/notebook-shape.ts";
import type { OpenNotebook } from "../judge/open-documents.ts";
import { element } from "../look/element.ts";
import { lockIcon } from "../look/icons.ts";

/** As `core/notebook/slots.ts` has them; a template's own come with the judgement. */
const KNOWN = new Set([
  "description",
  "imports",
  "parameters",
  "injected-parameters",
  "inputs",
  "outputs",
  "checks",
  "scratch",
]);

/** @returns what ends it */
export function labelSlots({ panel, path, judge }: OpenNotebook): () => void {
  const notebook = panel.content;
  const show = (): void => {
    const shapes = judge.judgement?.notebooks[path]?.cells ?? [];
    const byId = new Map(shapes.map((shape) => [shape.id, shape]));
    for (const cell of notebook.widgets) label(cell, byId.get(cell.model.id) ?? shapeOfTag(cell));
  };
  const soon = (): void => void Promise.resolve().then(show); // when the widgets follow the model
  judge.judged.connect(show);
  notebook.model?.cells.changed.connect(soon);
  void panel.revealed.then(show);
  show();
  return () => {
    judge.judged.disconnect(show);
    if (notebook.isDisposed) return;
    notebook.model?.cells.changed.disconnect(soon);
    for (const cell of notebook.widgets) label(cell, null);
  };
}

function shapeOfTag(cell: Cell): CellShape | null {
  const tags = cell.model.getMetadata("tags") as unknown;
  const slot = Array.isArray(tags) ? tags.find((tag) => KNOWN.has(tag as string)) : undefined;
  if (typeof slot !== "string") return null;
  const fixed = cell.model.getMetadata("editable") === false;
  return {
    id: cell.model.id,
    slot,
    required: false,
    guidance: "",
    fixed,
    scratch: slot === "scratch",
  };
}

/** Cells of the body have no label: they are what a stage is free in. */
function label(cell: Cell, shape: CellShape | null): void {
  const before = cell.node.querySelector<HTMLElement>(":scope > .steplab-SlotLabel");
  if (shape === null || shape.slot === "body") {
    before?.remove();
    cell.removeClass("steplab-mod-slot");
    return;
  }
  const { slot, required, guidance, fixed, scratch } = shape;
  const notes = [
    guidance,
    required ? "The template requires this slot." : "",
    fixed ? "The template fixes this cell." : "",
    scratch ? "For JupyterLab only: not run headlessly." : "",
  ].filter((note) => note !== "");
  const drawn = JSON.stringify([slot, notes, fixed]);
  if (before?.dataset["drawn"] === drawn) return;
  const lock = fixed ? lockIcon.element({ tag: "span", width: "11px", height: "11px" }) : null;
  const made = element("div", { class: "steplab-SlotLabel", title: notes.join("\n") }, lock, slot);
  made.dataset["drawn"] = drawn;
  made.dataset["slot"] = slot;
  cell.addClass("steplab-mod-slot");
  if (before === null) cell.node.prepend(made);
  else before.replaceWith(made);
}
