/** Sets up what the tests need, once a checkout: JupyterLab by the real command, the extension by its build, Chromium by looking. */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { TestProject } from "vitest/node";
import { findChromium } from "./rig/chromium.ts";
import { startLab } from "./rig/server.ts";
import { repositoryRoot } from "../rig/project.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** The browser's program. */
    chromium: string;
    /** The folder of JupyterLab's environment. */
    jupyter: string;
  }
}

const BUILD = join(repositoryRoot, "bin", "build-lab.js");

export default async function setUp(project: TestProject): Promise<void> {
  const chromium = findChromium();
  if (existsSync(BUILD)) {
    const { status } = spawnSync(process.execPath, [BUILD], { stdio: "inherit" });
    if (status !== 0) throw new Error("The extension for JupyterLab could not be built.");
  }
  // On a fresh clone this is where `npm run lab` sets JupyterLab up: as everybody meets it.
  const lab = await startLab(repositoryRoot, { echo: true });
  await lab[Symbol.asyncDispose]();
  project.provide("chromium", chromium);
  project.provide("jupyter", join(repositoryRoot, ".steplab", "jupyter", "environment"));
}
