/** Registers the kernel with Jupyter: writes a kernelspec, which is a folder with a `kernel.json`. */
import { copyFileSync, mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { jupyterDataFolder, type InstallTarget } from "../core/jupyter-folder.ts";

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
