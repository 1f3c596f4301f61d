/**
 * An executed notebook of the archive: shown as it ran, without a kernel, and never written. A banner names its run and
 * stage, says what changed since, and leads to the working copy; slots stand in the margin.
 */
import type { IEditorMimeTypeService } from "@jupyterlab/codeeditor";
import type { DocumentRegistry } from "@jupyterlab/docregistry";
import {
  NotebookWidgetFactory,
  type INotebookModel,
  type NotebookPanel,
} from "@jupyterlab/notebook";
import type { IRenderMimeRegistry } from "@jupyterlab/rendermime";
import type { SinceView } from "../../../runner/service/protocol.ts";
import { labelByTags } from "../slots/label-by-tags.ts";
import { Banner, type ArchivedFacts } from "./banner.ts";

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
  /** Opens the stage as a live notebook, with what it had. */
  restore: (archivedPath: string, run: string, stage: string) => Promise<void>;
  /** What changed since in what made the stage; null outside of a project. */
  since: (archivedPath: string, run: string, stage: string) => Promise<SinceView | null>;
}

export class ArchivedNotebookFactory extends NotebookWidgetFactory {
  readonly #openWorkingCopy: FactoryOptions["openWorkingCopy"];
  readonly #restore: FactoryOptions["restore"];
  readonly #since: FactoryOptions["since"];

  constructor({ openWorkingCopy, restore, since, ...parts }: FactoryOptions) {
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
    this.#restore = restore;
    this.#since = since;
  }

  protected override createNewWidget(
    context: DocumentRegistry.IContext<INotebookModel>,
    source?: NotebookPanel,
  ): NotebookPanel {
    const panel = super.createNewWidget(context, source);
    panel.addClass("steplab-isArchived");
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
      const banner = new Banner(facts, {
        openWorkingCopy: () => this.#openWorkingCopy(context.path, facts.stage),
        restore: async () => await this.#restore(context.path, facts.run, facts.stage),
        since: async () => await this.#since(context.path, facts.run, facts.stage),
      });
      panel.contentHeader.addWidget(banner);
      panel.contentHeader.addWidget(banner.changes);
    });
    labelByTags(panel);
    return panel;
  }
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
