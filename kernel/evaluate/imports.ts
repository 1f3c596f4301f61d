/** Imports of cells: they resolve from the notebook, and see edited project modules. */
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import type { ProjectModules } from "./modules.ts";
import { FROM_CELL } from "./modules.ts";

export interface ImportOptions {
  names?: string[];
  with?: Record<string, string>;
}

/** What `import.meta` is in a cell: the notebook's. */
export interface CellMeta {
  url: string;
  filename: string;
  dirname: string;
  main: boolean;
  resolve(specifier: string): string;
}

export class CellModules {
  readonly #project: ProjectModules;

  constructor(project: ProjectModules) {
    this.#project = project;
  }

  /** A static import: the module, once it is certain to have the names. */
  async importNames(specifier: string, options: ImportOptions = {}): Promise<unknown> {
    const attributes = options.with ?? {};
    const hasAttributes = Object.keys(attributes).length > 0;
    const module = await this.load(specifier, hasAttributes ? { with: attributes } : undefined);
    const missing = (options.names ?? []).find((name) => !(name in module));
    if (missing !== undefined) {
      throw new SyntaxError(
        `The requested module '${specifier}' does not provide an export named '${missing}'. ` +
          `If it is a type, write \`import type { ${missing} }\`.`,
      );
    }
    return module;
  }

  /** A dynamic import. */
  async load(specifier: string, options?: ImportCallOptions): Promise<object> {
    this.#project.refresh(specifier);
    const module: unknown = await import(FROM_CELL + specifier, options);
    return module as object; // a namespace object always is one
  }

  meta(): CellMeta {
    const url = this.#project.notebookUrl;
    const filename = fileURLToPath(url);
    const resolve = (specifier: string): string => this.#project.resolve(specifier);
    return { url, filename, dirname: dirname(filename), main: false, resolve };
  }
}
