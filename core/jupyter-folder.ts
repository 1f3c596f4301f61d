/** Where Jupyter keeps its data: kernelspecs, extensions and the like. */
import { homedir } from "node:os";
import { join } from "node:path";

/** `<prefix>/share/jupyter`, or the user's own Jupyter data folder. */
export type InstallTarget = { prefix: string } | { user: true };

/** Where Jupyter looks for kernels, extensions and the like. */
export function jupyterDataFolder(into: InstallTarget): string {
  if ("prefix" in into) return join(into.prefix, "share", "jupyter");
  // As jupyter_core.paths.jupyter_data_dir decides.
  const { JUPYTER_DATA_DIR, XDG_DATA_HOME, APPDATA } = process.env;
  if (JUPYTER_DATA_DIR) return JUPYTER_DATA_DIR;
  if (process.platform === "darwin") return join(homedir(), "Library", "Jupyter");
  if (process.platform === "win32") return join(APPDATA ?? homedir(), "jupyter");
  return join(XDG_DATA_HOME ?? join(homedir(), ".local", "share"), "jupyter");
}
