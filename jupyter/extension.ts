/** Puts the extension for JupyterLab where a Jupyter looks for it: a copy of the folder that its build makes. */
import { cpSync, mkdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { FROM_SOURCE, ownLabExtension } from "../core/own-sources.ts";
import { StepLabError } from "../core/error.ts";
import { jupyterDataFolder, type InstallTarget } from "../core/jupyter-folder.ts";

/** JupyterLab finds an extension in the folder of its package's name. */
const NAME = "steplab";

export interface InstalledExtension {
  name: typeof NAME;
  version: string;
  /** Where it lies now. */
  folder: string;
}

/** How to come by an extension where none is built. */
export const HOW_TO_BUILD = FROM_SOURCE
  ? "npm run build:lab builds it."
  : "This steplab was packed without it: install another version.";

/** @throws StepLabError `jupyter/extension-not-built` */
export function installLabExtension({ into }: { into: InstallTarget }): InstalledExtension {
  const source = ownLabExtension();
  if (source === null)
    throw new StepLabError(
      "jupyter/extension-not-built",
      "The extension for JupyterLab is not built.",
      { hint: HOW_TO_BUILD },
    );
  const { version } = JSON.parse(readFileSync(join(source, "package.json"), "utf8")) as {
    version: string;
  }; // our own
  const folder = folderOf(into);
  const temporary = `${folder}.${process.pid}.new`;
  mkdirSync(dirname(folder), { recursive: true });
  cpSync(source, temporary, { recursive: true });
  // A server never serves half of it.
  rmSync(folder, { recursive: true, force: true });
  renameSync(temporary, folder);
  return { name: NAME, version, folder };
}

/** What an earlier build left must not be taken for one that is there. */
export function removeLabExtension({ into }: { into: InstallTarget }): void {
  rmSync(folderOf(into), { recursive: true, force: true });
}

function folderOf(into: InstallTarget): string {
  return join(jupyterDataFolder(into), "labextensions", NAME);
}
