/** A thin bar where a required slot is missing, with the button that puts it back. */
import type { Cell } from "@jupyterlab/cells";
import type { Notebook } from "@jupyterlab/notebook";
import type { MissingSlot } from "../../../pipeline/lint/notebook-shape.ts";
import { button, element } from "../look/element.ts";

type CellJson = Parameters<NonNullable<Notebook["model"]>["sharedModel"]["insertCell"]>[1];

const BAR = "steplab-PutBack";

/** Draws the bars of a notebook anew; none where nothing is missing. */
export function drawBars(notebook: Notebook, missing: readonly MissingSlot[]): void {
  const places = new Map<Element, MissingSlot[]>();
  for (const slot of missing) {
    const place = placeOf(notebook.widgets, slot.before);
    if (place !== null) places.set(place, [...(places.get(place) ?? []), slot]);
  }
  for (const { node } of notebook.widgets)
    for (const place of node.querySelectorAll(":scope > .jp-Cell-header, :scope > .jp-Cell-footer"))
      draw(place, places.get(place) ?? [], notebook);
}

/** JupyterLab keeps an empty header and footer in each cell, once it is drawn, for what extensions have to say. */
function placeOf(cells: readonly Cell[], before: number): Element | null {
  const [cell, part] = before < cells.length ? [cells[before], "header"] : [cells.at(-1), "footer"];
  return cell?.node.querySelector(`:scope > .jp-Cell-${part}`) ?? null;
}

function draw(place: Element, missing: readonly MissingSlot[], notebook: Notebook): void {
  const shown = [...place.querySelectorAll<HTMLElement>(`:scope > .${BAR}`)];
  const same =
    shown.length === missing.length &&
    missing.every(
      ({ slot, before }, index) => shown[index]?.dataset["slot"] === `${slot} ${before}`,
    );
  if (same) return; // whoever is at a button stays there
  for (const bar of shown) bar.remove();
  place.append(...missing.map((slot) => barOf(slot, notebook)));
  place.classList.toggle("steplab-hasBars", missing.length > 0);
}

function barOf({ slot, guidance, before, cell }: MissingSlot, notebook: Notebook): HTMLElement {
  return element(
    "div",
    { class: BAR, "data-slot": `${slot} ${before}`, title: guidance },
    element("span", {}, `The slot "${slot}" is missing.`),
    button(
      { class: "steplab-PutBack-button" },
      () => {
        // A step of its own in what can be undone.
        notebook.model?.sharedModel.insertCell(before, cell as unknown as CellJson); // as nbformat has it
        notebook.activeCellIndex = before;
        notebook.node.focus();
      },
      `Put back ${slot}`,
    ),
  );
}
