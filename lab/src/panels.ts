/** The side panel with pipeline and runs, and the view of executed notebooks. */
import {
  ILayoutRestorer,
  type JupyterFrontEnd,
  type JupyterFrontEndPlugin,
} from "@jupyterlab/application";
import { ICommandPalette, Notification } from "@jupyterlab/apputils";
import { IEditorServices } from "@jupyterlab/codeeditor";
import { IDocumentManager } from "@jupyterlab/docmanager";
import { INotebookTracker, NotebookPanel } from "@jupyterlab/notebook";
import { IRenderMimeRegistry } from "@jupyterlab/rendermime";
import { ARCHIVED_FACTORY, ArchivedNotebookFactory, runOf } from "./archive/archived-notebook.ts";
import type { RunId } from "../../lineage/record.ts";
import { stageIcon } from "./look/icons.ts";
import type { Project } from "./project/project.ts";
import { SHOW_PROBLEMS } from "./problems/plugin.ts";
import { replayTo } from "./restored/replay.ts";
import { IProjects } from "./project/projects.ts";
import { SidePanel, type SideActions } from "./side-panel.tsx";

const SHOW_PANEL = "steplab:show-panel";
const RUN = "steplab:run";

/** What JupyterLab does after it has shown a notebook: the active cell, the scroll position. */
const SETTLE_MS = 300;

export const panelsPlugin: JupyterFrontEndPlugin<void> = {
  id: "steplab:panels",
  description: "The pipeline and its runs at the side, and executed notebooks as they ran.",
  autoStart: true,
  requires: [
    IProjects,
    IDocumentManager,
    INotebookTracker,
    IRenderMimeRegistry,
    IEditorServices,
    NotebookPanel.IContentFactory,
  ],
  optional: [ILayoutRestorer, ICommandPalette],
  activate: (
    app: JupyterFrontEnd,
    projects: IProjects,
    documents: IDocumentManager,
    notebooks: INotebookTracker,
    rendermime: IRenderMimeRegistry,
    { mimeTypeService }: IEditorServices,
    contentFactory: NotebookPanel.IContentFactory,
    restorer: ILayoutRestorer | null,
    palette: ICommandPalette | null,
  ): void => {
    const openWorkingCopy = async (project: Project, stage: string): Promise<void> => {
      const { stages } = await project.ask("pipeline", {});
      const notebook = stages.find(({ name }) => name === stage)?.notebook;
      if (notebook !== undefined) documents.openOrReveal(project.toServer(notebook));
    };
    const actionsOf = (project: Project): SideActions => ({
      open: (path) => void documents.openOrReveal(project.toServer(path)),
      openArchived: (path) => void documents.openOrReveal(project.toServer(path), ARCHIVED_FACTORY),
      openStage: (stage) => void openWorkingCopy(project, stage),
      showProblems: () => void app.commands.execute(SHOW_PROBLEMS),
    });
    const panel = new SidePanel(actionsOf);
    panel.title.icon = stageIcon;
    panel.title.caption = "steplab: pipeline and runs";
    panel.showProject(projects.current);
    projects.currentChanged.connect((_, project) => panel.showProject(project));
    app.shell.add(panel, "left", { rank: 350 });
    restorer?.add(panel, panel.id);

    app.docRegistry.addWidgetFactory(
      new ArchivedNotebookFactory({
        rendermime: rendermime.clone(),
        contentFactory,
        mimeTypeService,
        openWorkingCopy: (path, stage) => {
          void projects.of(path).then(async (project) => {
            if (project !== null) await openWorkingCopy(project, stage);
          });
        },
        restore: async (path, run, stage) => {
          const project = await projects.of(path);
          if (project === null) return;
          const asked = { run: run as RunId, stage }; // checked by the service
          const { notebook, at, differs } = await project.ask("restore", asked);
          for (const line of differs) Notification.warning(line, { autoClose: false });
          const opened = documents.openOrReveal(project.toServer(notebook));
          if (at !== null && opened instanceof NotebookPanel) await replayTo(opened, at);
        },
        since: async (path, run, stage) => {
          const project = await projects.of(path);
          return (await project?.ask("since", { run: run as RunId, stage })) ?? null; // checked by the service
        },
      }),
    );
    // From the file browser too: an executed notebook is never opened for writing.
    notebooks.widgetAdded.connect((_, opened) => {
      const { path } = opened.context;
      if (runOf(path) === null) return;
      opened.node.style.visibility = "hidden";
      // When it is wholly drawn: JupyterLab still works on its cells before, and would find them gone.
      void opened.revealed.then(async () => {
        await new Promise((resolve) => window.setTimeout(resolve, SETTLE_MS));
        await opened.context.sessionContext.shutdown().catch(() => {}); // it has none, mostly
        opened.dispose();
        documents.openOrReveal(path, ARCHIVED_FACTORY);
      });
    });

    app.commands.addCommand(SHOW_PANEL, {
      label: "Show the Pipeline and Its Runs",
      execute: () => app.shell.activateById(panel.id),
    });
    app.commands.addCommand(RUN, {
      label: "Run the Pipeline",
      isEnabled: () => panel.models !== null && !panel.models.pipeline.isRunning,
      execute: async () => {
        app.shell.activateById(panel.id);
        await panel.models?.pipeline.start({});
      },
    });
    for (const command of [SHOW_PANEL, RUN]) palette?.addItem({ command, category: "steplab" });
  },
};
