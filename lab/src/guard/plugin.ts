import type { JupyterFrontEnd, JupyterFrontEndPlugin } from "@jupyterlab/application";
import { INotebookCellExecutor } from "@jupyterlab/notebook";
import { ISettingRegistry } from "@jupyterlab/settingregistry";
import { IOpenDocuments } from "../judge/open-documents.ts";
import { CellGuard } from "./guard.ts";

/** One for the page: notebooks need the executor before there can be any to guard. */
const guard = new CellGuard();

/** In place of `@jupyterlab/notebook-extension:cell-executor`, which package.json disables. */
export const executorPlugin: JupyterFrontEndPlugin<INotebookCellExecutor> = {
  id: "steplab:cell-executor",
  description: "Runs cells as JupyterLab does, but for those that the guard refuses.",
  autoStart: true,
  provides: INotebookCellExecutor,
  activate: () => guard,
};

/** `schema/guard.json`. */
export const guardPlugin: JupyterFrontEndPlugin<void> = {
  id: "steplab:guard",
  description: "Refuses cells that break their template.",
  autoStart: true,
  requires: [IOpenDocuments],
  optional: [ISettingRegistry],
  activate: (
    _: JupyterFrontEnd,
    documents: IOpenDocuments,
    registry: ISettingRegistry | null,
  ): void => {
    documents.eachNotebook(({ model, judge, path }) => guard.watch(model, judge, path));
    void registry?.load("steplab:guard").then((settings) => {
      const read = (): void => {
        guard.isOn = settings.get("guard").composite !== false;
      };
      settings.changed.connect(read);
      read();
    });
  },
};
