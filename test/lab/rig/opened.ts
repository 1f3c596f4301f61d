/** What a file of journeys works with: a project that has run once, its JupyterLab, and a browser. */
import type { Browser } from "playwright-core";
import { inject } from "vitest";
import type { Project } from "../../rig/project.ts";
import { startBrowser } from "./page.ts";
import { starterProject } from "./projects.ts";
import { startLab, type RunningLab } from "./server.ts";

export interface Opened extends AsyncDisposable {
  project: Project;
  lab: RunningLab;
  browser: Browser;
}

export async function openStarter(): Promise<Opened> {
  await using stack = new AsyncDisposableStack();
  const project = stack.use(await starterProject());
  const lab = stack.use(await startLab(project.root, { jupyter: inject("jupyter") }));
  const browser = await startBrowser();
  stack.defer(async () => await browser.close());
  const opened = stack.move();
  return { project, lab, browser, [Symbol.asyncDispose]: () => opened.disposeAsync() };
}
