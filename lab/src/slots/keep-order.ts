/**
 * Cells that their template locks keep their order. JupyterLab refuses to edit and delete them by itself, but lets them
 * be moved: a move of one past another is taken back, and a line says why.
 */
import { Notification } from "@jupyterlab/apputils";
import type { INotebookModel } from "@jupyterlab/notebook";
import type { OpenNotebook } from "../judge/open-documents.ts";

/** @returns what ends it */
export function keepOrder({ model }: OpenNotebook): () => void {
  let kept = lockedIds(model);
  let order = allIds(model);
  let isLooking = false;
  const look = (): void => {
    isLooking = false;
    const now = lockedIds(model);
    const isMoved = isSameSet(kept, now) && kept.join() !== now.join();
    if (isMoved && isSameSet(order, allIds(model))) {
      putBack(model, order);
      Notification.info("The template keeps the order of its slots: the cell was put back.", {
        autoClose: 4000,
      });
      return;
    }
    kept = now;
    order = allIds(model);
  };
  // A move is a removal and an insertion: looked at when both are done.
  const changed = (): void => {
    if (isLooking) return;
    isLooking = true;
    window.setTimeout(look);
  };
  model.cells.changed.connect(changed);
  return () => {
    model.cells.changed.disconnect(changed);
  };
}

function allIds(model: INotebookModel): string[] {
  return [...model.cells].map(({ id }) => id);
}

function lockedIds(model: INotebookModel): string[] {
  return [...model.cells]
    .filter((cell) => cell.getMetadata("deletable") === false)
    .map(({ id }) => id);
}

function isSameSet(a: readonly string[], b: readonly string[]): boolean {
  const known = new Set(a);
  return a.length === b.length && b.every((id) => known.has(id));
}

/** One move after the other: within a transaction the model would not know its own cells. A cell that was moved alone is moved alone. */
function putBack({ sharedModel }: INotebookModel, order: readonly string[]): void {
  order.forEach((id, to) => {
    const from = sharedModel.cells.findIndex((cell) => cell.getId() === id);
    if (from > to) sharedModel.moveCell(from, to);
  });
}
