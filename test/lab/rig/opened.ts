/** What a file of journeys works with: a project that has run once, its JupyterLab, and a browser. */
import type { Browser } from "playwright-core";
import { inject, onTestFinished } from "vitest";
import type { Project } from "../../rig/project.ts";
import { newTab, startBrowser, type LabPage } from "./page.ts";
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
  const browser = await startBrowser(inject("chromium"));
  stack.defer(async () => await browser.close());
  const opened = stack.move();
  return { project, lab, browser, [Symbol.asyncDispose]: () => opened.disposeAsync() };
}

/** A tab of its own session; closed when the test ends, and its picture kept when it failed. */
export async function openTab(browser: Browser, lab: RunningLab): Promise<LabPage> {
  const tab = await newTab(browser, lab);
  onTestFinished(async ({ task }) => {
    if (task.result?.state === "fail")
      await tab.shot(`failed-${task.name.replace(/[^\w]+/g, "-").slice(0, 80)}`).catch(() => {});
    await tab.context.close();
  });
  return tab;
}
