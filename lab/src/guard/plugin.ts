import type { JupyterFrontEnd, JupyterFrontEndPlugin } from "@jupyterlab/application";
import { INotebookCellExecutor } from "@jupyterlab/notebook";
import { ISettingRegistry } from "@jupyterlab/settingregistry";
import { IOpenDocuments } from "../judge/open-documents.ts";
import { Guard } from "./guard.ts";

/** The schema's name, and so the setting's. */
const SETTINGS = "steplab:guard";

/** Notebooks need their executor before there is any notebook to judge: two plugins, one guard. */
const guard = new Guard();

/** Takes the place of `@jupyterlab/notebook-extension:cell-executor`, which package.json switches off. */
export const executorPlugin: JupyterFrontEndPlugin<INotebookCellExecutor> = {
  id: "steplab:executor",
  description: "Runs cells, but for those that break a stage's template.",
  autoStart: true,
  provides: INotebookCellExecutor,
  activate: (): INotebookCellExecutor => guard,
};

export const guardPlugin: JupyterFrontEndPlugin<void> = {
  id: SETTINGS,
  description: "Tells the guard what is open, and whether it is wanted.",
  autoStart: true,
  requires: [IOpenDocuments],
  optional: [ISettingRegistry],
  activate: (
    _: JupyterFrontEnd,
    documents: IOpenDocuments,
    registry: ISettingRegistry | null,
  ): void => {
    documents.eachNotebook((notebook) => guard.watch(notebook));
    void registry?.load(SETTINGS).then((settings) => {
      const read = (): void => {
        guard.isOn = settings.composite["guard"] !== false;
      };
      settings.changed.connect(read);
      read();
    });
  },
};
