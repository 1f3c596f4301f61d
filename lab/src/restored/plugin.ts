/** Stages of past runs that are open as live notebooks: slots in the margin, and a line that says what this is. */
import type { JupyterFrontEnd, JupyterFrontEndPlugin } from "@jupyterlab/application";
import { INotebookTracker, type NotebookPanel } from "@jupyterlab/notebook";
import { Widget } from "@lumino/widgets";
import { button, element } from "../look/element.ts";
import { labelByTags } from "../slots/label-by-tags.ts";
import { replayTo } from "./replay.ts";

export const restoredPlugin: JupyterFrontEndPlugin<void> = {
  id: "steplab:restored",
  description: "Says of a restored stage which run it is of, and replays it.",
  autoStart: true,
  requires: [INotebookTracker],
  activate: (_: JupyterFrontEnd, notebooks: INotebookTracker): void => {
    const show = (panel: NotebookPanel): void => {
      void panel.context.ready.then(() => {
        const restored = restoredOf(panel);
        if (restored === null || panel.isDisposed) return;
        panel.contentHeader.addWidget(new RestoredLine(panel, restored));
        labelByTags(panel);
      });
    };
    notebooks.forEach(show);
    notebooks.widgetAdded.connect((_, panel) => show(panel));
  },
};

interface Restored {
  run: string;
  stage: string;
}

/** What `steplab open` wrote into its metadata; null of every other notebook. */
function restoredOf({ context }: NotebookPanel): Restored | null {
  const ours = context.model.getMetadata("steplab") as { restored?: Partial<Restored> } | undefined;
  const { run, stage } = ours?.restored ?? {};
  return typeof run === "string" && typeof stage === "string" ? { run, stage } : null;
}

class RestoredLine extends Widget {
  constructor(panel: NotebookPanel, { run, stage }: Restored) {
    super();
    this.addClass("steplab-Archived");
    this.node.append(
      element(
        "span",
        {},
        "Stage ",
        element("strong", {}, stage),
        " with the inputs, parameters and seed of ",
        element("strong", {}, run),
        "; the archive stays as it is",
      ),
      button(
        { class: "steplab-Link", title: "Runs every cell above the selected one" },
        () => {
          const active = panel.content.activeCell;
          if (active !== null) void replayTo(panel, active.model.id);
        },
        "Replay to the selected cell",
      ),
    );
  }
}
