/** Sets up what the tests need, once a checkout: Chromium by looking, JupyterLab and the extension. */
import type { TestProject } from "vitest/node";
import { findChromium } from "./rig/chromium.ts";
import { setUpLab } from "./rig/set-up-lab.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** The browser's program. */
    chromium: string;
    /** The folder of JupyterLab's environment. */
    jupyter: string;
  }
}

export default async function setUp(project: TestProject): Promise<void> {
  project.provide("chromium", findChromium());
  project.provide("jupyter", await setUpLab());
}
