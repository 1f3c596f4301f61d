import type { JupyterFrontEnd, JupyterFrontEndPlugin } from "@jupyterlab/application";
import { IOpenDocuments } from "../judge/open-documents.ts";
import { SHOW_PROBLEMS } from "../problems/plugin.ts";
import { showSlots } from "./show-slots.ts";

/** Slots in the margin of stages. */
export const slotsPlugin: JupyterFrontEndPlugin<void> = {
  id: "steplab:slots",
  description: "Labels slots, puts missing ones back, holds cells in their place.",
  autoStart: true,
  requires: [IOpenDocuments],
  activate: ({ commands }: JupyterFrontEnd, documents: IOpenDocuments): void => {
    documents.eachNotebook((notebook) =>
      showSlots(notebook, () => void commands.execute(SHOW_PROBLEMS)),
    );
  },
};
