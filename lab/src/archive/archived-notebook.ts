/**
 * An executed notebook of the archive: shown as it ran, without a kernel, and never written. A banner names its run and
 * stage, and leads to the working copy.
 */
import type { IEditorMimeTypeService } from "@jupyterlab/codeeditor";
import type { DocumentRegistry } from "@jupyterlab/docregistry";
import {
  NotebookWidgetFactory,
  type INotebookModel,
  type NotebookPanel,
} from "@jupyterlab/notebook";
import type { IRenderMimeRegistry } from "@jupyterlab/rendermime";
import { Widget } from "@lumino/widgets";

export const ARCHIVED_FACTORY = "steplab archive";

/** `<anything>/runs/<id>/<stage>/<notebook>.ipynb`, as the server names it. */
const ARCHIVED = /(?:^|\/)runs\/(\d{4}-\d{2}-\d{2}T\d{6}Z-[0-9a-f]{4,})\/[^/]+\/[^/]+\.ipynb$/;

/** The run that an executed notebook belongs to; null for every other notebook. */
export function runOf(path: string): string | null {
  return ARCHIVED.exec(path)?.[1] ?? null;
}

interface FactoryOptions {
  rendermime: IRenderMimeRegistry;
  contentFactory: NotebookPanel.IContentFactory;
  mimeTypeService: IEditorMimeTypeService;
  /** Opens the notebook that a stage is edited in. */
  openWorkingCopy: (archivedPath: string, stage: string) => void;
}

export class ArchivedNotebookFactory extends NotebookWidgetFactory {
  readonly #openWorkingCopy: FactoryOptions["openWorkingCopy"];

  constructor({ openWorkingCopy, ...parts }: FactoryOptions) {
    super({
      name: ARCHIVED_FACTORY,
      label: "Notebook as it ran (steplab)",
      fileTypes: ["notebook"],
      modelName: "notebook",
      readOnly: true,
      preferKernel: false,
      canStartKernel: false,
      ...parts,
    });
    this.#openWorkingCopy = openWorkingCopy;
  }

  protected override createNewWidget(
    context: DocumentRegistry.IContext<INotebookModel>,
    source?: NotebookPanel,
  ): NotebookPanel {
    const panel = super.createNewWidget(context, source);
    panel.addClass("steplab-archived");
    panel.toolbar.hide();
    void context.ready.then(() => {
      const facts = factsOf(context);
      // JupyterLab's own locks, in this page's model alone: it is never saved.
      for (const model of context.model.cells)
        for (const lock of ["editable", "deletable"])
          if (model.getMetadata(lock) !== false) model.setMetadata(lock, false);
      // What JupyterLab changes by itself while it shows it is no change either.
      const forget = (): void => {
        if (context.model.dirty) context.model.dirty = false;
      };
      context.model.stateChanged.connect(forget);
      forget();
      panel.contentHeader.addWidget(
        new Banner(facts, () => this.#openWorkingCopy(context.path, facts.stage)),
      );
    });
    return panel;
  }
}

interface ArchivedFacts {
  run: string;
  stage: string;
  status: string;
}

/** What the runner wrote into the executed copy's metadata. */
function factsOf(context: DocumentRegistry.IContext<INotebookModel>): ArchivedFacts {
  const ours = context.model.getMetadata("steplab") as Record<string, unknown> | undefined;
  const text = (value: unknown): string => (typeof value === "string" ? value : "");
  return {
    run: text(ours?.["run"]) || (runOf(context.path) ?? ""),
    stage: text(ours?.["stage"]) || context.path.slice(context.path.lastIndexOf("/") + 1, -6),
    status: text(ours?.["status"]),
  };
}

class Banner extends Widget {
  constructor({ run, stage, status }: ArchivedFacts, openWorkingCopy: () => void) {
    super();
    this.addClass("steplab-banner");
    const text = document.createElement("span");
    text.append("Stage ", strong(stage), " as it ran in ", strong(run));
    if (status !== "") text.append(`: ${status}`);
    const open = document.createElement("button");
    open.type = "button";
    open.className = "steplab-link";
    open.textContent = "Open the working copy";
    open.addEventListener("click", openWorkingCopy);
    this.node.append(text, open);
  }
}

function strong(text: string): HTMLElement {
  const element = document.createElement("strong");
  element.textContent = text;
  return element;
}
