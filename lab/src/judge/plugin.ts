import type { JupyterFrontEnd, JupyterFrontEndPlugin } from "@jupyterlab/application";
import { IEditorTracker } from "@jupyterlab/fileeditor";
import { INotebookTracker } from "@jupyterlab/notebook";
import { IProjects } from "../project/projects.ts";
import { IOpenDocuments, OpenDocuments } from "./open-documents.ts";

/** Provides `IOpenDocuments`. */
export const judgePlugin: JupyterFrontEndPlugin<IOpenDocuments> = {
  id: "steplab:judge",
  description: "Hands what is typed to lint, and its judgement to the views.",
  autoStart: true,
  provides: IOpenDocuments,
  requires: [IProjects, INotebookTracker],
  optional: [IEditorTracker],
  activate: (
    _: JupyterFrontEnd,
    projects: IProjects,
    notebooks: INotebookTracker,
    editors: IEditorTracker | null,
  ): IOpenDocuments => new OpenDocuments(projects, notebooks, editors),
};
