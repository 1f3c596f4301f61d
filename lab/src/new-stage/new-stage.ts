/** Asks for a new stage until there is one, or nobody wants it any more. */
import { Dialog, Notification, showDialog, showErrorMessage } from "@jupyterlab/apputils";
import type { CommandRegistry } from "@lumino/commands";
import type { Failure, NewStage } from "../../../runner/service/protocol.ts";
import type { Project } from "../project/project.ts";
import { failureOf } from "../project/refusal.ts";
import { NewStageForm } from "./new-stage-form.ts";

export async function makeStage(
  project: Project,
  commands: CommandRegistry,
  asked: Partial<NewStage>,
): Promise<void> {
  const known = await readProject(project);
  if (known === null) return;
  let wanted = asked;
  let refused: Failure | null = null;
  for (;;) {
    const form = new NewStageForm(known.stages, known.templates, wanted, refused);
    const { button, value } = await showDialog({
      title: "New stage from template",
      body: form,
      focusNodeSelector: "input",
      buttons: [Dialog.cancelButton(), Dialog.okButton({ label: "Create" })],
    });
    if (!button.accept || value === null) return;
    wanted = value;
    try {
      const { notebook, read } = await reading(value.file, project.ask("new", value));
      if (read !== null) Notification.info(read, { autoClose: 15_000 });
      await commands.execute("docmanager:open", {
        path: project.toServer(notebook),
        factory: "Notebook",
      });
      return;
    } catch (error) {
      refused = failureOf(error); // shown in the form, which keeps what was typed
    }
  }
}

/** A large file takes a while: somebody who waits sees for what. */
async function reading<T>(file: string | undefined, answer: Promise<T>): Promise<T> {
  if (file === undefined) return await answer;
  const shown = Notification.emit(`Reading ${file} …`, "in-progress", { autoClose: false });
  try {
    return await answer;
  } finally {
    Notification.dismiss(shown);
  }
}

async function readProject(project: Project) {
  try {
    const [{ stages }, { templates }] = await Promise.all([
      project.ask("pipeline", {}),
      project.ask("templates", {}),
    ]);
    return { stages, templates };
  } catch (error) {
    const { message, hint } = failureOf(error);
    await showErrorMessage("New stage", [message, hint].filter(Boolean).join("\n"));
    return null;
  }
}
