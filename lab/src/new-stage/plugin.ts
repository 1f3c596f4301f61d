import type { JupyterFrontEnd, JupyterFrontEndPlugin } from "@jupyterlab/application";
import { ICommandPalette, Notification } from "@jupyterlab/apputils";
import { IDefaultFileBrowser } from "@jupyterlab/filebrowser";
import { ILauncher } from "@jupyterlab/launcher";
import { IMainMenu } from "@jupyterlab/mainmenu";
import { DisposableSet } from "@lumino/disposable";
import type { TemplateView } from "../../../runner/service/protocol.ts";
import { stageIcon } from "../look/icons.ts";
import { onServer } from "../project/paths.ts";
import type { Project } from "../project/project.ts";
import { IProjects } from "../project/projects.ts";
import { makeStage } from "./new-stage.ts";
import { stageNameOf } from "./stage-name.ts";

const NEW_STAGE = "steplab:new-stage";
const NEW_STAGE_OF_FILE = "steplab:new-stage-of-file";
/** Files whose rows are read for their schema. */
const ROWS = /\.(?:csv|tsv|parquet|jsonl|ndjson)$/i;

/** A card in the launcher for each template of the current project, and the command behind them. */
export const newStagePlugin: JupyterFrontEndPlugin<void> = {
  id: "steplab:new-stage",
  description: "Makes stages from templates.",
  autoStart: true,
  requires: [IProjects],
  optional: [ILauncher, ICommandPalette, IMainMenu, IDefaultFileBrowser],
  activate: (
    { commands, contextMenu }: JupyterFrontEnd,
    projects: IProjects,
    launcher: ILauncher | null,
    palette: ICommandPalette | null,
    menu: IMainMenu | null,
    browser: IDefaultFileBrowser | null,
  ): void => {
    commands.addCommand(NEW_STAGE, {
      label: ({ template, isPalette }) =>
        typeof template === "string" && isPalette !== true ? template : "New Stage from Template…",
      caption: ({ describes }) =>
        typeof describes === "string"
          ? describes
          : "Writes a stage's notebook and its section of PIPELINE.md",
      icon: stageIcon,
      describedBy: {
        args: {
          type: "object",
          properties: {
            template: { type: "string", description: "The template that is chosen first" },
            describes: { type: "string" },
            cwd: { type: "string", description: "A folder of the project" },
          },
        },
      },
      execute: async ({ template, cwd }) => {
        const here = typeof cwd === "string" ? await projects.of(onServer(cwd, ".")) : null;
        const project = here ?? projects.current;
        if (project === null)
          Notification.info("There is no steplab project here: a folder with a PIPELINE.md.");
        else await makeStage(project, commands, typeof template === "string" ? { template } : {});
      },
    });
    const chosen = (): string | null => {
      const item = browser?.selectedItems().next().value;
      return item !== undefined && ROWS.test(item.name) ? item.path : null;
    };
    commands.addCommand(NEW_STAGE_OF_FILE, {
      label: "New Stage that Reads this File…",
      caption: "Writes a stage for the file, with the schema that all of its rows fit",
      icon: stageIcon,
      describedBy: { args: { type: "object", properties: {} } },
      isVisible: () => chosen() !== null,
      execute: async () => {
        const path = chosen();
        const project = path === null ? null : await projects.of(path);
        const file = path === null ? null : (project?.toProject(path) ?? null);
        if (project === null || file === null)
          Notification.info("This file is in no steplab project: a folder with a PIPELINE.md.");
        else
          await makeStage(project, commands, {
            template: "collect",
            name: stageNameOf(file),
            file,
          });
      },
    });
    contextMenu.addItem({
      command: NEW_STAGE_OF_FILE,
      selector: '.jp-DirListing-item[data-isdir="false"]',
      rank: 3,
    });
    palette?.addItem({ command: NEW_STAGE, category: "steplab" });
    menu?.fileMenu.newMenu.addGroup([{ command: NEW_STAGE }], 40);
    if (launcher !== null) keepCards(launcher, projects);
  },
};

function keepCards(launcher: ILauncher, projects: IProjects): void {
  let cards = new DisposableSet();
  let shown = "";
  const draw = (templates: readonly TemplateView[]): void => {
    const drawn = JSON.stringify(templates);
    if (drawn === shown) return; // an open launcher draws itself anew with each card
    shown = drawn;
    cards.dispose();
    cards = new DisposableSet();
    for (const [rank, { name, describes }] of templates.entries())
      cards.add(
        launcher.add({
          command: NEW_STAGE,
          category: "steplab",
          rank,
          args: { template: name, describes },
        }),
      );
  };
  const ask = async (project: Project): Promise<void> => {
    const answer = await project.ask("templates", {}).catch(() => null); // the side panel tells why
    if (answer !== null && project === projects.current) draw(answer.templates);
  };
  projects.currentChanged.connect((_, project) => {
    if (project === null) return draw([]);
    void ask(project);
    project.stateChanged.connect((_, state) => {
      if (state === "connected") void ask(project);
    });
  });
}
