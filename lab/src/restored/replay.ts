/** Runs a notebook up to one of its cells, which is left to the person. */
import { NotebookActions, type NotebookPanel } from "@jupyterlab/notebook";

/** @param id of the cell that stays to be run */
export async function replayTo(panel: NotebookPanel, id: string): Promise<void> {
  await panel.revealed;
  await panel.sessionContext.ready;
  const { content } = panel;
  const index = content.widgets.findIndex(({ model }) => model.id === id);
  if (index < 0) return; // it was taken out since
  content.activeCellIndex = index;
  await content.scrollToItem(index);
  await NotebookActions.runAllAbove(content, panel.sessionContext);
}
