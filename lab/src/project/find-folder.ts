import type { Contents } from "@jupyterlab/services";
import { foldersAbove } from "./paths.ts";

const DOCUMENT = "PIPELINE.md";

/** A run's folder holds a copy of the document beside its record, and is no project. */
const RECORD = "run.json";

/** For how long a folder is believed to hold no document: a project may be made by a terminal at any time. */
const BELIEVED_MS = 5_000;

/** Finds the projects of paths through the server's contents, and remembers which folders hold a document. */
export class FolderFinder {
  readonly #contents: Contents.IManager;
  readonly #looks = new Map<string, { holds: Promise<boolean>; at: number }>();

  constructor(contents: Contents.IManager) {
    this.#contents = contents;
    contents.fileChanged.connect((_, { oldValue, newValue }) => {
      const paths = [oldValue?.path, newValue?.path];
      if (paths.some((path) => path === undefined || path.endsWith(DOCUMENT))) this.#looks.clear();
    });
  }

  /** The nearest folder upwards that holds a PIPELINE.md, never above the server's root; null: there is none. */
  async find(path: string): Promise<string | null> {
    for (const folder of foldersAbove(path))
      if (!isOfPackages(folder) && (await this.#holds(folder))) return folder;
    return null;
  }

  async #holds(folder: string): Promise<boolean> {
    const known = this.#looks.get(folder);
    if (known && (Date.now() - known.at < BELIEVED_MS || (await known.holds)))
      return await known.holds;
    const holds = this.#list(folder);
    this.#looks.set(folder, { holds, at: Date.now() });
    return await holds;
  }

  /** By listing: to ask for a file that is not there would be an error in the server's log. */
  async #list(folder: string): Promise<boolean> {
    try {
      const { content } = await this.#contents.get(folder, { content: true });
      const entries = content as Contents.IModel[]; // a directory's, as the server defines it
      const names = new Set(entries.map(({ name }) => name));
      return names.has(DOCUMENT) && !names.has(RECORD);
    } catch {
      return false; // a folder that nobody may list is no project
    }
  }
}

/** An installed steplab may be a checkout, with a pipeline of its own: nobody's project here. */
function isOfPackages(folder: string): boolean {
  return folder.split("/").includes("node_modules");
}
