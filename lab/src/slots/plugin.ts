import type { JupyterFrontEnd, JupyterFrontEndPlugin } from "@jupyterlab/application";
import { IOpenDocuments } from "../judge/open-documents.ts";
import { showStageBar } from "../stage-bar/stage-bar.ts";
import { keepOrder } from "./keep-order.ts";
import { labelSlots } from "./labels.ts";

/** What a stage's notebook shows of its template: labels, the order that is kept, and the bar above it. */
export const slotsPlugin: JupyterFrontEndPlugin<void> = {
  id: "steplab:slots",
  description: "Shows a stage's slots, inputs and what its template misses.",
  autoStart: true,
  requires: [IOpenDocuments],
  activate: (_: JupyterFrontEnd, documents: IOpenDocuments): void => {
    documents.eachNotebook(labelSlots);
    documents.eachNotebook(keepOrder);
    documents.eachNotebook(showStageBar);
  },
};
