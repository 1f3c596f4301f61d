/** What a person does in JupyterLab with a project, from opening it to closing it. */
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { codeCell, makeNotebook, STEPLAB_KERNELSPEC } from "../../core/notebook/index.ts";
import type { Project } from "../rig/project.ts";
import { openStarter, openTab, type Opened } from "./rig/opened.ts";
import type { RunningLab } from "./rig/server.ts";

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

/** A notebook of these cells, ready in a tab. */
async function notebook(name: string, ...sources: string[]): ReturnType<typeof openTab> {
  await project.write(
    `${name}.ipynb`,
    makeNotebook(
      sources.map((source, i) => codeCell(source, { id: `cell-${i}` })),
      STEPLAB_KERNELSPEC,
    ),
  );
  const tab = await openTab(browser, lab);
  await tab.openNotebook(`${name}.ipynb`);
  return tab;
}

test("the project opens with its document, rendered, beside its first notebook, and nothing asks anything", async () => {
  const tab = await openTab(browser, lab);
  await tab.open();
  await tab.page.locator(".jp-MarkdownViewer h1, .jp-MarkdownViewer h2").first().waitFor();
  await tab.ready();
  const tabs = await tab.page.locator("#jp-main-dock-panel .lm-TabBar-tabLabel").allInnerTexts();
  expect(tabs).toEqual(["PIPELINE.md", "1-collect.ipynb"]);
  expect(await tab.page.locator(".jp-Dialog, .jp-toast-message").count()).toBe(0);
  await tab.shot("opened");
  expect(tab.errors).toEqual([]);
});

describe("a stage's notebook", () => {
  test("runs cell by cell, bound to the newest artifacts, and shows what it shows in the archive", async () => {
    const tab = await openTab(browser, lab);
    await tab.openNotebook("notebooks/2-process.ipynb");
    for (let cell = 1; cell <= 8; cell++) await tab.run(cell);
    await tab.output(5).locator("table").first().waitFor();
    await tab.output(6).locator("svg, canvas").first().waitFor();
    await tab.shot("stage-ran");
    expect(await tab.page.locator("[data-mime-type*=error]").count()).toBe(0);
  });

  test("is highlighted as TypeScript", async () => {
    const tab = await openTab(browser, lab);
    await tab.openNotebook("notebooks/2-process.ipynb");
    const colours = await tab
      .editor(1)
      .locator("span")
      .evaluateAll((spans) => spans.map((span) => window.getComputedStyle(span).color));
    expect(new Set(colours).size).toBeGreaterThan(2);
  });
});

test("completion pops up with what the types offer, and Shift+Tab says what a name is", async () => {
  const tab = await notebook(
    "completion",
    `/** Nights a guest stays. */\nconst nights = 3;\nconst stay = { nights, price: 120.5 };`,
    "",
  );
  await tab.run(0);
  await tab.editor(1).click();
  await tab.page.keyboard.type("stay.");
  await tab.page.keyboard.press("Tab");
  const popup = tab.page.locator(".jp-Completer");
  await popup.waitFor();
  expect(await popup.locator(".jp-Completer-item").allInnerTexts()).toEqual(
    expect.arrayContaining([expect.stringContaining("nights"), expect.stringContaining("price")]),
  );
  await tab.shot("completion");
  await tab.page.keyboard.press("Escape");
  await tab.type(1, "nights");
  await tab.page.keyboard.press("Shift+Tab");
  const tooltip = tab.page.locator(".jp-Tooltip");
  await tooltip.waitFor();
  await tab.shot("tooltip");
  expect(await tooltip.innerText()).toMatch(
    /const nights: (3|number)[\s\S]*Nights a guest stays\./,
  );
});

test("a cell that never ends is interrupted, and what was there before still is", async () => {
  const tab = await notebook("interrupt", "let n = 41;", "for (;;);", "n + 1");
  await tab.run(0);
  await tab.editor(1).click();
  await tab.page.keyboard.press("Control+Enter");
  await tab.cell(1).locator(".jp-InputPrompt", { hasText: "[*]" }).waitFor();
  await tab.command("notebook:interrupt-kernel");
  await tab.ended(1);
  await tab.output(1).filter({ hasText: "Interrupted" }).waitFor();
  await tab.run(2);
  expect(await tab.output(2).innerText()).toBe("42");
  await tab.shot("interrupted");
});

test("a restarted kernel has forgotten everything, and runs", async () => {
  const tab = await notebook("restart", "const secret = 5; secret", "typeof secret");
  await tab.run(0);
  const pid = await kernelOf("restart.ipynb");
  const restarting = tab.command("kernelmenu:restart");
  await tab.accept();
  await restarting;
  await tab.ready();
  expect(await kernelOf("restart.ipynb")).toBe(pid); // Jupyter keeps the name of a kernel that it restarts
  await tab.run(1);
  expect(await tab.output(1).innerText()).toBe("'undefined'");
});

test("a closed tab leaves its kernel at work, and finds it and its state again", async () => {
  const tab = await notebook(
    "reconnect",
    "let n = 1;",
    "await new Promise((r) => setTimeout(r, 1500)); n = 7; console.log('later')",
    "n",
  );
  await tab.run(0);
  await tab.editor(1).click();
  await tab.page.keyboard.press("Control+Enter");
  await tab.cell(1).locator(".jp-InputPrompt", { hasText: "[*]" }).waitFor();
  const before = await kernelOf("reconnect.ipynb");
  await tab.page.close();
  const again = await openTab(browser, lab);
  await again.openNotebook("reconnect.ipynb");
  expect(await kernelOf("reconnect.ipynb")).toBe(before);
  await again.run(2);
  expect(await again.output(2).innerText()).toBe("7");
});

/** The id of the kernel that serves a notebook. */
async function kernelOf(path: string): Promise<string | undefined> {
  const sessions = (await lab.api("/api/sessions")) as { path: string; kernel: { id: string } }[]; // Jupyter's form
  return sessions.find((session) => session.path === path)?.kernel.id;
}
