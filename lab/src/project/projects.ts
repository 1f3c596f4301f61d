/** The projects that the page has to do with: which one a path belongs to, and which one is being looked at. */
import type { JupyterFrontEnd } from "@jupyterlab/application";
import type { ServiceManager } from "@jupyterlab/services";
import { Token } from "@lumino/coreutils";
import { Signal, type ISignal } from "@lumino/signaling";
import { FolderFinder } from "./find-folder.ts";
import { Project } from "./project.ts";

/** For plugins: `requires: [IProjects]`. */
export const IProjects = new Token<IProjects>(
  "steplab:IProjects",
  "The steplab projects on this server, and the connection to each one's service.",
);

export interface IProjects {
  /** The project of the document that was looked at last, or of the folder in the file browser. Null: none so far. */
  readonly current: Project | null;
  readonly currentChanged: ISignal<IProjects, Project | null>;
  /** The project around a path of the server; null outside of any, and on other drives. Connects at the first question. */
  of(path: string): Promise<Project | null>;
}

export class Projects implements IProjects {
  readonly #manager: ServiceManager.IManager;
  readonly #finder: FolderFinder;
  readonly #projects = new Map<string, Project>();
  readonly #currentChanged = new Signal<IProjects, Project | null>(this);
  #current: Project | null = null;
  /** What was looked at last: an answer about something else comes too late. */
  #looking = 0;

  constructor({ serviceManager }: JupyterFrontEnd) {
    this.#manager = serviceManager;
    this.#finder = new FolderFinder(serviceManager.contents);
    // The service forgets what this page had told it.
    window.addEventListener("pagehide", () => {
      for (const project of this.#projects.values()) project.dispose();
    });
  }

  get current(): Project | null {
    return this.#current;
  }

  get currentChanged(): ISignal<IProjects, Project | null> {
    return this.#currentChanged;
  }

  async of(path: string): Promise<Project | null> {
    const local = this.#localPath(path);
    const folder = local === null ? null : await this.#finder.find(local);
    if (folder === null) return null;
    const known = this.#projects.get(folder);
    if (known !== undefined) return known;
    const project = new Project(this.#manager, folder);
    this.#projects.set(folder, project);
    return project;
  }

  /** The person looks at this path now. Outside of a project the one before stays current. */
  async lookAt(path: string): Promise<void> {
    const look = ++this.#looking;
    const project = await this.of(path);
    if (project === null || project === this.#current || look !== this.#looking) return;
    this.#current = project;
    project.connect(); // what shows it will ask, and is not there yet when JupyterLab starts
    this.#currentChanged.emit(project);
  }

  /** Null on a drive that is not the server's own: kernels do not see its files. */
  #localPath(path: string): string | null {
    const { contents } = this.#manager;
    const drive = contents.driveName(path);
    return drive === "" || drive === "RTC" ? contents.localPath(path) : null; // RTC: the same files, edited together
  }
}
