/** Which notebook a kernel is for. */
import { sep } from "node:path";
import { pathToFileURL } from "node:url";

/** The notebook the kernel is for: named by the runner, by JupyterLab, or unknown (then the folder decides). */
export function initialNotebookUrl(environment: NodeJS.ProcessEnv): string {
  // JupyterLab puts the notebook's path into JPY_SESSION_NAME, and starts the kernel in its folder. The classic notebook
  // names no notebook, and Jupyter Server then puts the folder there alone.
  const session = environment["JPY_SESSION_NAME"];
  const named =
    environment["STEPLAB_NOTEBOOK"] ?? (session?.endsWith(sep) === true ? undefined : session);
  return pathToFileURL(named ?? "notebook.ipynb").href;
}
