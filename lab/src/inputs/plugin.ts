import type { JupyterFrontEnd, JupyterFrontEndPlugin } from "@jupyterlab/application";
import { IOpenDocuments } from "../judge/open-documents.ts";
import { showInputs } from "./show-inputs.ts";

/** What an open stage reads. */
export const inputsPlugin: JupyterFrontEndPlugin<void> = {
  id: "steplab:inputs",
  description: "Shows which run an open stage's inputs are of, and whether they are stale.",
  autoStart: true,
  requires: [IOpenDocuments],
  activate: (_: JupyterFrontEnd, documents: IOpenDocuments): void => {
    documents.eachNotebook(showInputs);
  },
};
