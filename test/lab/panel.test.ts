/** The side panel: the pipeline, runs started and followed there, and the archive. */
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { codeCell } from "../../core/notebook/index.ts";
import { readNotebook, withCells } from "../../core/notebook/index.ts";
import type { Project } from "../rig/project.ts";
import { steplab } from "../rig/run.ts";
import { openStarter, openTab, type Opened } from "./rig/opened.ts";
import type { LabPage } from "./rig/page.ts";
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

async function openPanel(): Promise<LabPage> {
  const tab = await openTab(browser, lab);
  await tab.openFile("PIPELINE.md");
  await tab.command("steplab:show-panel");
  await tab.page.locator(".steplab-Stages").waitFor();
  await tab.page.locator(".jp-FileEditor .cm-content").waitFor(); // or it would come to the front later
  return tab;
}

const stage = (tab: LabPage, name: string) =>
  tab.page.locator(`.steplab-Stage[data-stage=${name}]`);

/** Adds a cell that takes its time to a stage's body. */
async function slow(notebook: string, code: string): Promise<void> {
  const read = readNotebook(await project.read(notebook), notebook);
  if (!read.notebook) throw new Error("no notebook");
  const { cells } = read.notebook;
  const at = cells.findIndex(({ slot }) => slot === "checks");
  expect(at).toBeGreaterThan(0);
  await project.write(
    notebook,
    withCells(
      read.notebook,
      cells.filter(({ id }) => id !== "slow").toSpliced(at, 0, codeCell(code, { id: "slow" })),
    ),
  );
}

test("shows every stage with its freshness, and what changed after a save", async () => {
  const tab = await openPanel();
  const stages = tab.page.locator(".steplab-Stage");
  await expect
    .poll(() => stages.evaluateAll((all) => all.map((each) => each.getAttribute("data-look"))))
    .toEqual(await stages.evaluateAll((all) => all.map(() => "good")));
  await tab.shot("panel-light");
  await tab.theme("dark");
  await tab.shot("panel-dark");
  await slow("notebooks/2-process.ipynb", "const pause = 1;");
  await stage(tab, "process").and(tab.page.locator("[data-look=stale]")).waitFor();
  expect(tab.errors).toEqual([]);
});

test("runs what is stale, cell by cell, and finds the run again after the tab was closed", async () => {
  await slow(
    "notebooks/2-process.ipynb",
    "await new Promise((resolve) => setTimeout(resolve, 20_000)); // waits",
  );
  const tab = await openPanel();
  await tab.page.locator(".steplab-Panel-header .steplab-mod-primary").click();
  await stage(tab, "process").locator("[role=progressbar]").waitFor();
  await stage(tab, "process").getByText("setTimeout").waitFor();
  await tab.shot("panel-running");
  await tab.page.close();
  const again = await openPanel();
  await stage(again, "process").locator("[role=progressbar]").waitFor();
  await again.page.getByText("The run succeeded").waitFor();
  await again.page.locator('.steplab-Stage:not([data-look="good"])').waitFor({ state: "detached" });
  await again.shot("panel-ran");
  expect(again.errors).toEqual([]);
});

test("a stage runs with parameters from its form; a run can be cancelled; one of a terminal shows", async () => {
  const tab = await openPanel();
  await stage(tab, "process").locator(".steplab-Stage-name").click();
  await tab.shot("panel-details");
  const field = stage(tab, "process").locator(".steplab-Field input[type=number]").first();
  const label = await stage(tab, "process").locator(".steplab-Field label").first().innerText();
  await field.fill("-1");
  await expect(stage(tab, "process").getByText("The least is 0.").innerText()).resolves.toBe(
    "The least is 0.",
  );
  await field.fill("0.5");
  await stage(tab, "process").getByRole("button", { name: "This stage" }).click();
  await stage(tab, "process").locator("[role=progressbar]").waitFor();
  await tab.page.getByRole("button", { name: "Cancel" }).click();
  await tab.page.getByText("The run cancelled").waitFor();
  await tab.page.getByRole("tab", { name: "Runs", exact: true }).click();
  await tab.page.locator(".steplab-Run").first().locator("[aria-label=cancelled]").waitFor();
  const shown = JSON.parse((await steplab(project, ["show", "last", "--json"])).stdout) as {
    stages: Record<string, { params: Record<string, unknown> }>;
  };
  expect(shown.stages["process"]?.params[label]).toBe(0.5);
  await tab.page.getByRole("tab", { name: "Pipeline", exact: true }).click();
  const terminal = steplab(project, ["run", "--force"]);
  await stage(tab, "process").locator("[role=progressbar]").waitFor();
  await tab.page.getByText("The run succeeded").waitFor();
  expect((await terminal).code).toBe(0);
});

test("the archive lists runs; an executed notebook opens read-only, and leads to the working copy", async () => {
  const tab = await openPanel();
  await tab.page.getByRole("tab", { name: "Runs", exact: true }).click();
  await tab.page.locator(".steplab-Run-line").first().click();
  await tab.page.locator(".steplab-Run-stages li").first().waitFor();
  await tab.shot("archive");
  await tab.page
    .locator(".steplab-Run-stages li[data-stage=process] .steplab-Link")
    .first()
    .click();
  await tab.page.locator(".steplab-Archived").waitFor();
  await tab.page.locator(".steplab-isArchived .jp-Cell").nth(3).waitFor();
  await tab.shot("archived-notebook");
  const slots = tab.page.locator(".steplab-isArchived .steplab-Slot-name");
  await expect
    .poll(() => slots.allInnerTexts())
    .toEqual(expect.arrayContaining(["imports", "injected", "parameters", "body", "checks"]));
  const kernels = (await lab.api("/api/sessions")) as { path: string; type: string }[];
  expect(kernels.filter(({ path }) => path.startsWith("runs/"))).toEqual([]);
  const editor = tab.page.locator(".steplab-isArchived .cm-content").nth(2);
  const before = await editor.innerText();
  await editor.click();
  await tab.page.keyboard.type("const typed = 1;");
  expect(await editor.innerText()).toBe(before);
  const inFront = () =>
    tab.page.evaluate(() => window.jupyterapp.shell.currentWidget?.context.path);
  expect(await inFront()).toMatch(/^runs\/[^/]+\/\d-process\/process\.ipynb$/);
  await tab.page.getByRole("button", { name: "Open the working copy" }).click();
  await tab.ready();
  // Opening it has not changed it: what JupyterLab writes into a notebook stands there already.
  expect(
    await tab.page.evaluate(() => window.jupyterapp.shell.currentWidget?.context.model.dirty),
  ).toBe(false);
  expect(await inFront()).toBe("notebooks/2-process.ipynb");
  // From the file browser too.
  const [run] = (await project.read("runs/.store/refs/last.json")).match(/\d{4}-[^"]+/) ?? [];
  const { content } = (await lab.api(`/api/contents/runs/${run}`)) as {
    content: { path: string; name: string }[];
  };
  const folder = content.find(({ name }) => name.endsWith("-process"))?.path;
  await tab.openFile(`${folder}/process.ipynb`);
  await tab.page.locator(".steplab-isArchived .steplab-Archived").waitFor();
  expect(tab.errors).toEqual([]);
});

test("an archived stage says what changed since, as a diff", async () => {
  const before = await project.read("notebooks/2-process.ipynb");
  expect((await steplab(project, ["run"])).code).toBe(0);
  await slow("notebooks/2-process.ipynb", "const since = 1; // what is new");
  const tab = await openPanel();
  await tab.page.getByRole("tab", { name: "Runs", exact: true }).click();
  await tab.page.locator(".steplab-Run-line").first().click();
  const process = tab.page.locator(".steplab-Run-stages li[data-stage=process] .steplab-Link");
  await process.first().click();
  const toggle = tab.page.getByRole("button", { name: /^What changed since \(\d+ changes?\)$/ });
  await toggle.click();
  await tab.page
    .locator(".steplab-Change-lines [data-kind=added]", { hasText: "what is new" })
    .waitFor();
  await tab.theme("light");
  await tab.shot("archived-changes-light");
  await tab.theme("dark");
  await tab.shot("archived-changes-dark");
  await project.write("notebooks/2-process.ipynb", before);
  expect(tab.errors).toEqual([]);
});

test("all of it is reached and used by the keyboard alone", async () => {
  const tab = await openPanel();
  const { keyboard } = tab.page;
  await tab.command("steplab:show-panel");
  const pipeline = tab.page.getByRole("tab", { name: "Pipeline", exact: true });
  await expect
    .poll(() => pipeline.evaluate((node) => node === node.ownerDocument.activeElement))
    .toBe(true);
  await tab.tabTo(stage(tab, "process").locator(".steplab-Stage-name"));
  await keyboard.press("Enter");
  await tab.tabTo(stage(tab, "process").locator(".steplab-Field input[type=number]").first());
  await keyboard.press("Control+a");
  await keyboard.type("0.25");
  await tab.tabTo(stage(tab, "process").getByRole("button", { name: "This stage" }));
  await tab.tabTo(pipeline, "Shift+Tab");
  await keyboard.press("ArrowRight");
  const run = tab.page.locator(".steplab-Run-line").first();
  await run.waitFor();
  await tab.tabTo(run);
  await keyboard.press("Enter");
  await tab.tabTo(
    tab.page.locator(".steplab-Run-stages li[data-stage=process] .steplab-Link").first(),
  );
  await keyboard.press("Enter");
  const open = tab.page.getByRole("button", { name: "Open the working copy" });
  await tab.tabTo(open, "Shift+Tab");
  await keyboard.press("Enter");
  await tab.ready();
  expect(await tab.page.evaluate(() => window.jupyterapp.shell.currentWidget?.context.path)).toBe(
    "notebooks/2-process.ipynb",
  );
  expect(tab.errors).toEqual([]);
});
