/** Below the cell of the inputs: what they are bound to. Its line is there from the beginning, so that nothing jumps. */
import type { Cell } from "@jupyterlab/cells";
import type { InputView } from "../../../runner/service/protocol.ts";
import type { OpenNotebook } from "../judge/open-documents.ts";
import { element } from "../look/element.ts";
import { inputsLine } from "./inputs-line.ts";

/** For ages in words. */
const AGE_MS = 60_000;

/** @returns what ends it */
export function showInputs({ panel, path, judge }: OpenNotebook): () => void {
  const notebook = panel.content;
  const { project } = judge;
  const line = element("div", { class: "steplab-Inputs", role: "status", "aria-label": "Inputs" });
  let inputs: InputView[] = [];
  let asked = 0;

  const draw = (): void => line.replaceChildren(...inputsLine(inputs));
  const place = (): void => {
    const cell = notebook.widgets.find(holdsInputs);
    const footer = cell?.node.querySelector(":scope > .jp-Cell-footer");
    if (cell && !footer) return void cell.ready.then(place); // it is out of sight, and not drawn yet
    if (line.parentElement === footer) return;
    line.parentElement?.classList.remove("steplab-hasInputs");
    if (!footer) return line.remove();
    footer.classList.add("steplab-hasInputs");
    footer.append(line);
  };
  const ask = async (): Promise<void> => {
    const number = ++asked;
    const answer = await project.ask("inputs", { notebook: path }).catch(() => null); // the panel tells why
    if (answer === null || number !== asked) return;
    ({ inputs } = answer);
    draw();
  };
  const onPush = (_: unknown, { push }: { push: string }): void => {
    if (push === "changed") void ask();
  };

  place();
  void panel.revealed.then(place); // before, a notebook may have no cells
  notebook.model?.cells.changed.connect(place);
  project.pushed.connect(onPush);
  const timer = window.setInterval(draw, AGE_MS);
  void ask();
  return () => {
    window.clearInterval(timer);
    project.pushed.disconnect(onPush);
    line.parentElement?.classList.remove("steplab-hasInputs");
    line.remove();
    if (!notebook.isDisposed) notebook.model?.cells.changed.disconnect(place);
  };
}

function holdsInputs({ model }: Cell): boolean {
  const tags: unknown = model.getMetadata("tags");
  return model.type === "code" && Array.isArray(tags) && tags.includes("inputs");
}
