/** Registers the kernel with Jupyter: writes a kernelspec, which is a folder with a `kernel.json`. */
import { copyFileSync, mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** Where to: `<prefix>/share/jupyter`, or the user's own Jupyter data folder. */
export type InstallTarget = { prefix: string } | { user: true };

export interface InstallOptions {
  /** steplab's own folder (where package.json lies): what runs notebooks whose project has no steplab of its own. */
  root: string;
  into: InstallTarget;
  /** The Node binary that runs the kernel; default: this one. */
  node?: string;
}

export interface InstalledKernel {
  name: "steplab";
  /** The kernelspec's folder. */
  folder: string;
  spec: KernelSpec;
}

export interface KernelSpec {
  argv: string[];
  display_name: string;
  language: "typescript";
  interrupt_mode: "message";
  env: Record<string, string>;
  metadata: { debugger: boolean };
}

const LOGO = fileURLToPath(new URL("./logo-svg.svg", import.meta.url));
const START = fileURLToPath(new URL("./registered.js", import.meta.url));

/**
 * One kernelspec serves every project: `registered.js`, which lies in its folder, finds the steplab of the notebook's
 * own. Paths are absolute, not `{resource_dir}`, which front ends outside of Jupyter's own do not know.
 */
export function installKernel({ root, into, node }: InstallOptions): InstalledKernel {
  const folder = join(jupyterDataFolder(into), "kernels", "steplab");
  const spec = kernelSpec(root, node ?? process.execPath, join(folder, "start.mjs"));
  const temporary = `${folder}.${process.pid}.new`;
  mkdirSync(temporary, { recursive: true });
  writeFileSync(join(temporary, "kernel.json"), `${JSON.stringify(spec, null, 2)}\n`);
  copyFileSync(START, join(temporary, "start.mjs")); // no package.json there says what a .js file is
  copyFileSync(LOGO, join(temporary, "logo-svg.svg"));
  // Jupyter never reads half a kernelspec.
  rmSync(folder, { recursive: true, force: true });
  renameSync(temporary, folder);
  return { name: "steplab", folder, spec };
}

function kernelSpec(root: string, node: string, start: string): KernelSpec {
  return {
    argv: [node, "--no-force-async-hooks-checks", start, "{connection_file}", root],
    display_name: "TypeScript (steplab)",
    language: "typescript",
    interrupt_mode: "message",
    // Headless and JupyterLab alike: dates and sorting must not depend on who runs the notebook.
    env: { TZ: "UTC", LANG: "en_US.UTF-8", LC_ALL: "en_US.UTF-8" },
    metadata: { debugger: true },
  };
}

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
