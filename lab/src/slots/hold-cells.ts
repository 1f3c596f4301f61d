/**
 * Cells that the template holds stay in their place: JupyterLab refuses to edit and to delete what a template locks by
 * its cell's metadata, but knows nothing of moving. Buttons, shortcuts and dragging all end in `Notebook.moveCell`.
 */
import { Notification } from "@jupyterlab/apputils";
import type { Notebook } from "@jupyterlab/notebook";
import type { CellShape } from "../../../pipeline/lint/notebook-shape.ts";
import { heldByTemplate } from "./may-move.ts";

/**
 * @param shapeOf by cell id; undefined for a cell that was not judged yet, which may go anywhere
 * @returns what ends it
 */
export function holdCells(
  notebook: Notebook,
  shapeOf: (id: string) => CellShape | undefined,
): () => void {
  const own = Object.getOwnPropertyDescriptor(notebook, "moveCell");
  const move = notebook.moveCell.bind(notebook);
  notebook.moveCell = (from: number, to: number, count = 1): void => {
    const shapes = notebook.widgets.map(({ model }) => shapeOf(model.id) ?? FREE);
    const slot = heldByTemplate(shapes, from, to, count);
    if (slot === undefined) move(from, to, count);
    else
      Notification.warning(`The template holds the slot "${slot}" in its place.`, {
        autoClose: 4000,
      });
  };
  return () => {
    if (own !== undefined) Object.defineProperty(notebook, "moveCell", own);
    else Reflect.deleteProperty(notebook, "moveCell"); // back to the class's
  };
}

const FREE = { slot: "body", required: false, fixed: false };
