/** The debugger of JupyterLab on a stage's notebook: a breakpoint in the margin, the panel at the right, on to the end. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { codeCell, makeNotebook, STEPLAB_KERNELSPEC } from "../../core/notebook/index.ts";
import { openStarter, openTab, type Opened } from "./rig/opened.ts";

let opened: Opened;

beforeAll(async () => {
  opened = await openStarter();
});

afterAll(async () => {
  await opened?.[Symbol.asyncDispose]();
});

const CODE = `interface Row { price: number }

function total(rows: Row[]): number {
  let sum = 0;
  for (const row of rows) {
    sum += row.price;
  }
  return sum;
}

const rows: Row[] = [{ price: 2 }, { price: 3 }];
total(rows)`;

test("a cell stops at a line, shows its variables, is stepped and goes on", async () => {
  const { project, browser, lab } = opened;
  const path = "notebooks/explore/debug.ipynb";
  await project.write(path, makeNotebook([codeCell(CODE, { id: "code" })], STEPLAB_KERNELSPEC));
  const tab = await openTab(browser, lab);
  await tab.openNotebook(path);
  const { page } = tab;
  // Clicked before JupyterLab has asked the kernel, it does nothing.
  await page.locator(".jp-DebuggerBugButton[aria-disabled=false]").click();
  await page.locator(".jp-DebuggerBugButton[aria-pressed=true]").waitFor();
  const gutter = tab.cell(0).locator(".cm-breakpoint-gutter .cm-gutterElement");
  // The first element is the gutter's own spacer.
  await gutter.nth(6).click();
  await page.locator(".jp-DebuggerBreakpoint").waitFor();
  await tab.editor(0).click();
  await page.keyboard.press("Control+Enter");
  const frames = page.locator(".jp-DebuggerCallstackFrame");
  await expect.poll(() => frames.count()).toBe(2);
  expect(await frames.first().innerText()).toContain("total");
  await tab
    .cell(0)
    .locator(".jp-DebuggerEditor-highlight", { hasText: "sum += row.price" })
    .waitFor();
  const variables = page.locator(".jp-DebuggerVariables");
  await variables.getByText("sum", { exact: true }).waitFor();
  expect(await variables.innerText()).toMatch(/sum\s*0/);
  await tab.shot("debugger");
  await tab.command("debugger:continue");
  await expect.poll(() => variables.innerText()).toMatch(/sum\s*2/);
  await tab.command("debugger:next");
  await tab.cell(0).locator(".jp-DebuggerEditor-highlight", { hasText: "return sum" }).waitFor();
  await tab.command("debugger:continue");
  await tab.ended(0);
  expect(await tab.output(0).innerText()).toBe("5");
  expect(tab.errors).toEqual([]);
});
