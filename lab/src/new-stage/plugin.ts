import type { JupyterFrontEnd, JupyterFrontEndPlugin } from "@jupyterlab/application";
import { Dialog, ICommandPalette, showDialog, showErrorMessage } from "@jupyterlab/apputils";
import { ILauncher } from "@jupyterlab/launcher";
import { IMainMenu } from "@jupyterlab/mainmenu";
import { DisposableSet } from "@lumino/disposable";
import type { Project } from "../project/project.ts";
import { IProjects } from "../project/projects.ts";
import { failureOf } from "../project/refusal.ts";
import { stageIcon } from "../look/icons.ts";
import { NewStageForm } from "./form.ts";

const NEW_STAGE = "steplab:new-stage";

/** Cards of the launcher and a command: asks, has the stage written and entered into PIPELINE.md, opens it. */
export const newStagePlugin: JupyterFrontEndPlugin<void> = {
  id: "steplab:new-stage",
  description: "Makes stages from templates.",
  autoStart: true,
  requires: [IProjects],
  optional: [ILauncher, ICommandPalette, IMainMenu],
  activate: (
    { commands }: JupyterFrontEnd,
    projects: IProjects,
    launcher: ILauncher | null,
    palette: ICommandPalette | null,
    menu: IMainMenu | null,
  ): void => {
    commands.addCommand(NEW_STAGE, {
      label: ({ template, isPalette }) =>
        typeof template === "string" && isPalette !== true ? template : "New Stage from Template …",
      caption: ({ describes }) =>
        typeof describes === "string"
          ? describes
          : "Writes its notebook and its section of PIPELINE.md",
      icon: stageIcon,
      isEnabled: () => projects.current !== null,
      execute: async ({ template }) => {
        const project = projects.current;
        if (project === null) return;
        const notebook = await askAndMake(
          project,
          typeof template === "string" ? template : undefined,
        );
        if (notebook !== null)
          await commands.execute("docmanager:open", {
            path: project.toServer(notebook),
            factory: "Notebook",
          });
      },
    });
    palette?.addItem({ command: NEW_STAGE, category: "steplab" });
    menu?.fileMenu.newMenu.addItem({ command: NEW_STAGE, rank: 50 });

    let cards = new DisposableSet();
    const deal = async (): Promise<void> => {
      cards.dispose();
      const mine = new DisposableSet();
      cards = mine;
      const project = projects.current;
      if (project === null || launcher === null) return;
      const { templates } = await project.ask("templates", {});
      if (mine.isDisposed) return; // another project came meanwhile
      templates.forEach(({ name, describes }, rank) =>
        mine.add(
          launcher.add({
            command: NEW_STAGE,
            category: "steplab",
            rank,
            args: { template: name, describes },
          }),
        ),
      );
    };
    const dealAgain = (): void => void deal().catch(() => {}); // a lost project has no cards
    projects.currentChanged.connect(dealAgain);
    dealAgain();
  },
};

/** The notebook that was written; null where it was not. */
async function askAndMake(project: Project, template: string | undefined): Promise<string | null> {
  try {
    const [{ templates }, { stages }] = await Promise.all([
      project.ask("templates", {}),
      project.ask("pipeline", {}),
    ]);
    const names = stages.map(({ name }) => name);
    const { button, value } = await showDialog({
      title: "New stage",
      body: new NewStageForm(templates, names, template),
      buttons: [Dialog.cancelButton(), Dialog.okButton({ label: "Make it" })],
    });
    if (!button.accept || value === null) return null;
    return (await project.ask("new", value)).notebook;
  } catch (error) {
    const { message, hint } = failureOf(error);
    await showErrorMessage("The stage was not made", [message, hint].filter(Boolean).join("\n"));
    return null;
  }
}
