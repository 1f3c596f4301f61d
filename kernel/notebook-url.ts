/** Which notebook a kernel is for. */
import { pathToFileURL } from "node:url";

/** The notebook the kernel is for: named by the runner, by JupyterLab, or unknown (then the folder decides). */
export function initialNotebookUrl(environment: NodeJS.ProcessEnv): string {
  // JupyterLab puts the notebook's path into JPY_SESSION_NAME, and starts the kernel in its folder.
  const named = environment["STEPLAB_NOTEBOOK"] ?? environment["JPY_SESSION_NAME"];
  return pathToFileURL(named ?? "notebook.ipynb").href;
}
