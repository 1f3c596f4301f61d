/** A stage of a past run in JupyterLab: by `steplab open`, and from the archive with a click. */
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { lastRecord } from "../rig/run.ts";
import type { Project } from "../rig/project.ts";
import { openStarter, openTab, type Opened } from "./rig/opened.ts";
import { startLab, type RunningLab } from "./rig/server.ts";

let opened: Opened;
let project: Project;
let lab: RunningLab;
let browser: Browser;

beforeAll(async () => {
  opened = await openStarter();
  ({ project, lab, browser } = opened);
});

afterAll(async () => {
  await opened?.[Symbol.asyncDispose]();
});

test("steplab open replays to a cell in the kernel that the page finds", async () => {
  const { run } = lastRecord(project);
  await using own = await startLab(project.root, {
    jupyter: inject("jupyter"),
    command: ["open", "last", "process", "--at", "process-chart"],
  });
  expect(own.said()).toContain("which is yours to run");
  const path = `restored/${run}/process/notebooks/2-process.ipynb`;
  expect(own.url.pathname).toBe(`/lab/tree/${path}`);
  const tab = await openTab(browser, own);
  await tab.page.goto(own.url.href);
  await tab.ready();
  await tab.page.getByText("the archive stays as it is").waitFor();
  await tab.page.locator(".steplab-Slot-name", { hasText: "injected" }).waitFor();
  await tab.shot("restored");
  // What the cells above made is there: nothing was run in this page.
  await tab.page.evaluate(() => {
    const notebook = window.jupyterapp.shell.currentWidget?.content;
    if (notebook !== undefined) notebook.activeCellIndex = notebook.widgets.length - 1;
  });
  await tab.command("notebook:insert-cell-below");
  const last = tab.page.locator(".jp-NotebookPanel:not(.lm-mod-hidden) .jp-Cell.jp-mod-active");
  await last.locator(".cm-content").click();
  await tab.page.keyboard.insertText("kept.numRows()");
  await tab.page.keyboard.press("Control+Enter");
  await last.locator(".jp-OutputArea-output", { hasText: /^\d+$/ }).waitFor();
  expect(tab.errors).toEqual([]);
});

test("the archive opens a stage with its inputs; what is done there changes nothing in the archive", async () => {
  const { run } = lastRecord(project);
  const tab = await openTab(browser, lab);
  await tab.openFile(`runs/${run}/2-process/process.ipynb`);
  await tab.page.getByRole("button", { name: "Open with its inputs" }).click();
  await tab.ready();
  expect(
    await tab.page.evaluate(() => window.jupyterapp.shell.currentWidget?.context.path),
  ).toMatch(/^restored\/.*\/2-process\.ipynb$/);
  await tab.page.getByText("the archive stays as it is").waitFor();
  await tab.command("notebook:run-all-cells");
  await tab.until("every cell has run", () => {
    const cells = window.jupyterapp.shell.currentWidget?.content.widgets ?? [];
    const prompts = cells.map(({ prompt }) => prompt).filter((prompt) => prompt !== undefined);
    return prompts.length > 0 && prompts.every((prompt) => /^\d*$/.test(prompt));
  });
  expect(await tab.page.locator(".jp-RenderedText[data-mime-type*=error]").count()).toBe(0);
  expect(lastRecord(project).run).toBe(run);
  expect(tab.errors).toEqual([]);
});
