/** JupyterLab as everybody sets it up, once a checkout: by the real command, with the extension as it is built. */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { repositoryRoot } from "../../rig/project.ts";
import { startLab } from "./server.ts";

const BUILD = join(repositoryRoot, "bin", "build-lab.js");

/** The PATH without a JupyterLab that is on it: what is tested and measured is one version everywhere. */
export function pathWithoutLab(): string {
  return (process.env["PATH"] ?? "")
    .split(delimiter)
    .filter(
      (folder) =>
        !["jupyter-lab", "jupyter-lab.exe"].some((name) => existsSync(join(folder, name))),
    )
    .join(delimiter);
}

/** The folder of its environment, for `--jupyter`. @throws Error when the extension does not build, or JupyterLab does not start */
export async function setUpLab(): Promise<string> {
  if (existsSync(BUILD)) {
    const { status } = spawnSync(process.execPath, [BUILD], { stdio: ["ignore", 2, 2] });
    if (status !== 0) throw new Error("The extension for JupyterLab could not be built.");
  }
  // On a fresh clone this is where `npm run lab` sets JupyterLab up.
  const lab = await startLab(repositoryRoot, { env: { PATH: pathWithoutLab() }, echo: true });
  await lab[Symbol.asyncDispose]();
  return join(repositoryRoot, ".steplab", "jupyter", "environment");
}
