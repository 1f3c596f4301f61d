/** The notebooks and texts of projects that are open in the page, each with the judge of its project. */
import type { DocumentRegistry, IDocumentWidget } from "@jupyterlab/docregistry";
import type { FileEditor, IEditorTracker } from "@jupyterlab/fileeditor";
import type { INotebookModel, INotebookTracker, NotebookPanel } from "@jupyterlab/notebook";
import { Token } from "@lumino/coreutils";
import type { Project } from "../project/project.ts";
import type { IProjects } from "../project/projects.ts";
import { ProjectJudge } from "./project-judge.ts";
import { sourceText } from "./source-text.ts";

export const IOpenDocuments = new Token<IOpenDocuments>(
  "steplab:IOpenDocuments",
  "Open notebooks and texts of steplab projects, and what lint says of them.",
);

export interface IOpenDocuments {
  judgeOf(project: Project): ProjectJudge;
  /** Calls back for every notebook of a project that is open or is opened; what is returned is called when it closes or moves. */
  eachNotebook(show: (notebook: OpenNotebook) => () => void): void;
  /** The same for PIPELINE.md and TypeScript modules in an editor. */
  eachText(show: (text: OpenEditor) => () => void): void;
}

export interface OpenDocument {
  readonly judge: ProjectJudge;
  /** The project's path. */
  readonly path: string;
}

export interface OpenNotebook extends OpenDocument {
  readonly panel: NotebookPanel;
  readonly model: INotebookModel;
}

export interface OpenEditor extends OpenDocument {
  readonly widget: IDocumentWidget<FileEditor>;
}

type Show<D> = (document: D) => () => void;

export class OpenDocuments implements IOpenDocuments {
  readonly #projects: IProjects;
  readonly #judges = new Map<Project, ProjectJudge>();
  readonly #notebooks = new Shown<OpenNotebook>();
  readonly #texts = new Shown<OpenEditor>();

  constructor(projects: IProjects, notebooks: INotebookTracker, editors: IEditorTracker | null) {
    this.#projects = projects;
    notebooks.forEach((panel) => this.#watchNotebook(panel));
    notebooks.widgetAdded.connect((_, panel) => this.#watchNotebook(panel));
    editors?.forEach((widget) => this.#watchText(widget));
    editors?.widgetAdded.connect((_, widget) => this.#watchText(widget));
  }

  judgeOf(project: Project): ProjectJudge {
    const known = this.#judges.get(project);
    if (known !== undefined) return known;
    const judge = new ProjectJudge(project);
    this.#judges.set(project, judge);
    return judge;
  }

  eachNotebook(show: Show<OpenNotebook>): void {
    this.#notebooks.each(show);
  }

  eachText(show: Show<OpenEditor>): void {
    this.#texts.each(show);
  }

  #watchNotebook(panel: NotebookPanel): void {
    this.#watch(panel, () => {
      const { model } = panel.context;
      if (!isOurs(model)) return null;
      return {
        text: () => sourceText(model.toJSON() as object),
        add: (document) => this.#notebooks.add({ ...document, panel, model }),
      };
    });
  }

  #watchText(widget: IDocumentWidget<FileEditor>): void {
    this.#watch(widget, () => {
      if (!/(?:^|\/)PIPELINE\.md$|\.ts$/.test(widget.context.path)) return null;
      return {
        text: () => widget.context.model.toString(),
        add: (document) => this.#texts.add({ ...document, widget }),
      };
    });
  }

  /** Follows a document through the time it is open, and to the path that it is renamed to. */
  #watch<M extends DocumentRegistry.IModel>(
    widget: {
      context: DocumentRegistry.IContext<M>;
      disposed: { connect(slot: () => void): unknown };
    },
    look: () => {
      text(): string;
      add(document: OpenDocument): () => void;
    } | null,
  ): void {
    const { context } = widget;
    let leave = (): void => {};
    const enter = async (): Promise<void> => {
      leave();
      leave = () => {};
      await context.ready;
      const found = look();
      const { path } = context;
      const project = found === null ? null : await this.#projects.of(path);
      const inside = project?.toProject(path) ?? null;
      if (found === null || project === null || inside === null || context.isDisposed) return;
      if (/^(?:runs|restored)\//.test(inside)) return; // archived: as it ran, and judged then
      const judge = this.judgeOf(project);
      const touch = (): void => judge.touch();
      // A notebook that was run is dirty, and yet nothing that lint reads is unsaved.
      let saved = found.text();
      const onSaved = (): void => {
        saved = found.text();
        touch();
      };
      const unfollow = judge.follow({
        path: inside,
        unsaved: () => {
          const text = found.text();
          return text === saved ? null : text;
        },
      });
      context.model.contentChanged.connect(touch);
      context.fileChanged.connect(onSaved);
      const hide = found.add({ judge, path: inside });
      leave = () => {
        context.model.contentChanged.disconnect(touch);
        context.fileChanged.disconnect(onSaved);
        hide();
        unfollow();
      };
    };
    context.pathChanged.connect(() => void enter());
    widget.disposed.connect(() => leave());
    void enter();
  }
}

/** The look that notebooks of others cost. */
function isOurs(model: INotebookModel): boolean {
  const kernel = model.getMetadata("kernelspec") as { name?: unknown } | undefined;
  return model.getMetadata("steplab") !== undefined || kernel?.name === "steplab";
}

/** What is open, and who shows it. */
class Shown<D> {
  readonly #open = new Map<D, Set<() => void>>();
  readonly #shows: Show<D>[] = [];

  each(show: Show<D>): void {
    this.#shows.push(show);
    for (const [document, hides] of this.#open) hides.add(show(document));
  }

  add(document: D): () => void {
    this.#open.set(document, new Set(this.#shows.map((show) => show(document))));
    return () => {
      for (const hide of this.#open.get(document) ?? []) hide();
      this.#open.delete(document);
    };
  }
}
