/**
 * How a project is opened in JupyterLab: finds one or sets it up, registers kernel and extension for it, starts it.
 *
 * Everything lies in `.steplab/jupyter/` of the project. The user's home and a JupyterLab that is there stay as they are.
 */
import { STEPLAB_ROOT, ownLabExtension } from "../core/own-sources.ts";
import { installKernel } from "../kernel/install.ts";
import type { SetUpProgress } from "./environment.ts";
import { installLabExtension, removeLabExtension } from "./extension.ts";
import { findLab, isRecent, makeLabFolder, type JupyterLab } from "./lab.ts";
import { startServer, workspacesFolder, type LabServer } from "./server.ts";
import { layOut } from "./workspace.ts";

export { HOW_TO_BUILD, installLabExtension } from "./extension.ts";
export type { SetUpProgress } from "./environment.ts";
export { pinnedLabVersion } from "./lab.ts";

export interface OpenLabOptions {
  projectRoot: string;
  /** What shows when the project is opened for the first time; relative to the project root. */
  open: { document: string; notebook: string | null };
  /** A `jupyter-lab`, or the folder of its environment, that is used instead of what is found. */
  jupyter?: string | undefined;
  port?: number | undefined;
  openBrowser: boolean;
  /** More options for JupyterLab, as typed. */
  more?: readonly string[];
  onProgress?: (progress: SetUpProgress) => void;
  say?: (text: string) => void;
  /** Aborted: what was begun ends. */
  signal?: AbortSignal;
}

export interface OpenedLab extends LabServer {
  lab: JupyterLab;
  /** `none`: not built. `old-lab`: this JupyterLab cannot load it. */
  extension: "registered" | "none" | "old-lab";
}

/** @throws StepLabError `jupyter/…` */
export async function openLab(options: OpenLabOptions): Promise<OpenedLab> {
  const { projectRoot, open, jupyter, ...rest } = options;
  const folder = makeLabFolder(projectRoot);
  const lab = await findLab({ folder, given: jupyter, ...rest });
  const into = { prefix: folder };
  installKernel({ root: STEPLAB_ROOT, into });
  const extension =
    ownLabExtension() === null ? "none" : isRecent(lab.version) ? "registered" : "old-lab";
  if (extension === "registered") installLabExtension({ into });
  else removeLabExtension({ into });
  layOut(workspacesFolder(folder), open);
  const server = await startServer({ lab, projectRoot, folder, ...rest });
  return { ...server, lab, extension };
}
