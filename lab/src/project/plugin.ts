import {
  ILabShell,
  type JupyterFrontEnd,
  type JupyterFrontEndPlugin,
} from "@jupyterlab/application";
import { DocumentWidget } from "@jupyterlab/docregistry";
import { IDefaultFileBrowser } from "@jupyterlab/filebrowser";
import { onServer } from "./paths.ts";
import { IProjects, Projects } from "./projects.ts";

/** Provides `IProjects`, and follows what the person looks at. */
export const projectsPlugin: JupyterFrontEndPlugin<IProjects> = {
  id: "steplab:projects",
  description: "Finds the steplab projects on the server and connects to their services.",
  autoStart: true,
  provides: IProjects,
  optional: [ILabShell, IDefaultFileBrowser],
  activate: (
    app: JupyterFrontEnd,
    shell: ILabShell | null,
    browser: IDefaultFileBrowser | null,
  ): IProjects => {
    const projects = new Projects(app);
    const look = (): void => {
      const widget = shell?.currentWidget;
      if (widget instanceof DocumentWidget) void projects.lookAt(widget.context.path);
      else if (browser !== null) void projects.lookAt(onServer(browser.model.path, "."));
    };
    shell?.currentChanged.connect(look);
    browser?.model.pathChanged.connect(look);
    // A project at the server's root, as `steplab lab` opens it, comes up while JupyterLab does.
    void projects.lookAt(".");
    void app.restored.then(look);
    return projects;
  },
};
