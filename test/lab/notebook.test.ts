/** A stage's notebook in JupyterLab: slots, inputs, diagnostics while typing, the guard, new stages. */
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { readNotebook, withCells, type Notebook } from "../../core/notebook/index.ts";
import type { Project } from "../rig/project.ts";
import { openStarter, openTab, type Opened } from "./rig/opened.ts";
import type { LabPage } from "./rig/page.ts";
import type { RunningLab } from "./rig/server.ts";

const PROCESS = "notebooks/2-process.ipynb";

let opened: Opened;
let project: Project;
let lab: RunningLab;
let browser: Browser;
let saved: Record<string, string>;

beforeAll(async () => {
  opened = await openStarter();
  ({ project, lab, browser } = opened);
  saved = {
    [PROCESS]: await project.read(PROCESS),
    "notebooks/1-collect.ipynb": await project.read("notebooks/1-collect.ipynb"),
  };
});

afterAll(async () => {
  await opened?.[Symbol.asyncDispose]();
});

beforeEach(async () => {
  for (const [path, text] of Object.entries(saved)) await project.write(path, text);
});

async function open(path = PROCESS): Promise<LabPage> {
  const tab = await openTab(browser, lab);
  await tab.openNotebook(path);
  await tab.page.locator(".jp-Notebook .steplab-Slot-name").first().waitFor();
  return tab;
}

/** The number of the first cell of a slot, from 0. */
async function cellOf(path: string, slot: string): Promise<number> {
  return notebookOf(await project.read(path)).cells.findIndex((cell) => cell.slot === slot);
}

function notebookOf(text: string): Notebook {
  const { notebook } = readNotebook(text, PROCESS);
  if (notebook === null) throw new Error("it is no notebook");
  return notebook;
}

test("slots are labelled, inputs say their run and age, and opening changes nothing", async () => {
  const tab = await open();
  const labels = tab.page.locator(".jp-Notebook .steplab-Slot-name");
  await expect
    .poll(() => labels.allInnerTexts())
    .toEqual(
      expect.arrayContaining([
        "description",
        "imports",
        "parameters",
        "inputs",
        "outputs",
        "checks",
      ]),
    );
  const input = tab.page.locator(".steplab-Inputs .steplab-Input");
  await input.getByText(/collect\.days of .*(?:just now|minutes? ago)/).waitFor();
  expect(
    await tab.page.evaluate(() => window.jupyterapp.shell.currentWidget?.context.model.dirty),
  ).toBe(false);
  await tab.shot("stage-light");
  await tab.theme("dark");
  await tab.shot("stage-dark");
  // The stage before it changes: what the input would be bound to is not up to date.
  const collect = notebookOf(await project.read("notebooks/1-collect.ipynb"));
  const at = collect.cells.findLastIndex(({ type, slot }) => type === "code" && slot === null);
  await project.write(
    "notebooks/1-collect.ipynb",
    withCells(
      collect,
      collect.cells.map((cell, i) =>
        i === at ? { ...cell, source: `${cell.source}\nconst one = 1;` } : cell,
      ),
    ),
  );
  await tab.page.locator(".steplab-Input[data-state=stale]").waitFor();
  expect(tab.errors).toEqual([]);
});

test("what lint says shows while typing: under the text, in the list, in the status bar; and goes when it is mended", async () => {
  const tab = await open();
  const body = (await cellOf(PROCESS, "outputs")) + 1;
  await tab.editor(body).click();
  await tab.page.keyboard.press("Control+End");
  await tab.page.keyboard.type("\nkept.array('temprature');");
  const squiggle = tab.cell(body).locator(".steplab-Squiggle.steplab-mod-error").first();
  await squiggle.waitFor();
  await squiggle.hover();
  await tab.page.locator(".steplab-Explanation").getByText("temprature").waitFor();
  await tab.shot("squiggle");
  await tab.command("steplab:show-problems");
  await tab.page.locator(".steplab-Problem").getByText("temprature").waitFor();
  await tab.shot("problems");
  await tab.page.locator('.steplab-Counts-button[title^="steplab: 1 error"]').waitFor();
  // From elsewhere, the list leads back to the cell.
  await tab.cell(0).click();
  await tab.page.locator(".steplab-Problem-place").first().click();
  await tab.page.keyboard.press("Control+z");
  for (let i = 0; i < 40 && (await squiggle.count()) > 0; i++) {
    await tab.page.keyboard.press("Control+z");
    await new Promise((resolve) => setTimeout(resolve, 300));
  }
  await squiggle.waitFor({ state: "detached" });
  expect(tab.errors).toEqual([]);
});

test("a column that is renamed where it is made is an error where it is read, before anything is saved", async () => {
  const tab = await open("notebooks/1-collect.ipynb");
  const notebook = notebookOf(await project.read("notebooks/1-collect.ipynb"));
  const outputs = notebook.cells.findIndex(({ slot }) => slot === "outputs");
  await tab.type(
    outputs,
    "const output = outputs({ days: a.table(z.object({ other: z.string() })) });",
  );
  await tab.command("steplab:show-problems");
  await tab.page.locator(".steplab-Problems-file", { hasText: "2-process.ipynb" }).waitFor();
  await tab.shot("renamed-column");
  expect(tab.errors).toEqual([]);
});

test("a missing slot is put back with one click", async () => {
  const notebook = notebookOf(saved[PROCESS] ?? "");
  await project.write(
    PROCESS,
    withCells(
      notebook,
      notebook.cells.filter(({ slot }) => slot !== "parameters"),
    ),
  );
  const tab = await open();
  const button = tab.page
    .locator('.steplab-PutBack[data-slot^="parameters "]')
    .locator(".steplab-PutBack-button");
  await button.waitFor();
  await tab.shot("missing-slot");
  await button.click();
  await tab.page.locator(".steplab-Slot-name", { hasText: "parameters" }).waitFor();
  await button.waitFor({ state: "detached" });
  const order = await tab.page.locator(".jp-Notebook .steplab-Slot-name").allInnerTexts();
  expect(order.indexOf("parameters")).toBe(order.indexOf("imports") + 1);
  expect(tab.errors).toEqual([]);
});

test("locked cells are not deleted, and not moved past each other", async () => {
  const tab = await open();
  const labels = tab.page.locator(".jp-Notebook .steplab-Slot-name");
  await labels.filter({ hasText: "checks" }).last().waitFor(); // all of them are there
  const before = await labels.allInnerTexts();
  const imports = await cellOf(PROCESS, "imports");
  await tab.cell(imports).locator(".jp-InputPrompt").click();
  await tab.page.keyboard.press("d");
  await tab.page.keyboard.press("d");
  await tab.command("notebook:move-cell-down");
  await tab.page.getByText('The template holds the slot "imports" in its place').waitFor();
  await expect.poll(() => labels.allInnerTexts()).toEqual(before);
  expect(tab.errors).toEqual([]);
});

test("dragging moves cells of the body, and no cell that the template holds", async () => {
  const tab = await open();
  const names = async (): Promise<string[]> =>
    await tab.page.evaluate(
      () =>
        window.jupyterapp.shell.currentWidget?.content.widgets.map(({ model }) => model.id) ?? [],
    );
  await tab.page.locator(".steplab-Slot-name", { hasText: "checks" }).last().waitFor();
  const before = await names();
  const imports = before.indexOf("process-imports");
  await tab.dragCell(imports, imports + 2);
  await tab.page.getByText('The template holds the slot "imports" in its place').waitFor();
  expect(await names()).toEqual(before);
  await tab.page.locator(".Toastify__toast").first().click();
  const chart = before.indexOf("process-chart");
  await tab.cell(chart - 1).scrollIntoViewIfNeeded();
  await tab.dragCell(chart, chart - 1);
  await expect
    .poll(names)
    .toEqual(before.with(chart, before[chart - 1] ?? "").with(chart - 1, "process-chart"));
  expect(tab.errors).toEqual([]);
});

test("a cell that breaks its slot is refused with the reason under it, unless the guard is off; others run", async () => {
  const tab = await open();
  const parameters = await cellOf(PROCESS, "parameters");
  await tab.type(parameters, 'console.log("ran all the same");');
  await tab.editor(parameters).click();
  await tab.page.keyboard.press("Control+Enter");
  await tab.output(parameters).getByText("contract/not-a-declaration").waitFor();
  await tab.shot("guard");
  const printed = '[data-mime-type="application/vnd.jupyter.stdout"]';
  expect(await tab.cell(parameters).locator(printed).count()).toBe(0);
  const imports = await cellOf(PROCESS, "imports");
  await tab.run(imports);
  await tab.page.evaluate(
    async () =>
      void (await window.jupyterapp.serviceManager.settings.save(
        "steplab:guard",
        '{ "guard": false }',
      )),
  );
  const again = await open();
  await again.type(parameters, 'console.log("ran all the same");');
  await again.run(parameters);
  await again.cell(parameters).locator(printed, { hasText: "ran all the same" }).waitFor();
  await again.page.evaluate(
    async () => void (await window.jupyterapp.serviceManager.settings.save("steplab:guard", "{}")),
  );
  expect(tab.errors).toEqual([]);
});

test("a new stage of a file: chosen in the file browser, its rows read, its schema beside the notebook", async () => {
  await project.write("till.csv", "nr;tag;preis\n1;31.12.2024;1.234,50\n2;02.01.2025;35,00\n");
  const tab = await open();
  await tab.command("filebrowser:go-to-path", { path: "" });
  await tab.command("filebrowser:refresh");
  const item = tab.page.locator(".jp-DirListing-item", { hasText: "till.csv" });
  await item.click({ button: "right" });
  await tab.page.locator(".lm-Menu-item", { hasText: "New Stage that Reads this File" }).click();
  const dialog = tab.page.locator(".jp-Dialog");
  await dialog.waitFor();
  expect(await dialog.locator("input[name=file]").inputValue()).toBe("till.csv");
  expect(await dialog.locator("select").first().inputValue()).toBe("collect");
  expect(await dialog.locator("input[type=text]").first().inputValue()).toBe("till");
  await tab.shot("new-stage-of-file");
  await tab.accept();
  await tab.ready();
  await tab.page.locator(".jp-toast-message", { hasText: "2 rows, 3 columns" }).waitFor();
  await tab.shot("new-stage-of-file-made");
  expect(await project.read("notebooks/till.ts")).toContain("preis: z.number()");
  expect(await project.read("PIPELINE.md")).toContain("  till: ./till.csv");
  expect(tab.errors).toEqual([]);
});

test("a new stage: asked for, written, entered into PIPELINE.md, opened", async () => {
  const tab = await open();
  await tab.command("launcher:create");
  const card = tab.page.locator(".jp-LauncherCard[title]", { hasText: "validate" });
  await card.waitFor();
  await tab.shot("launcher");
  await card.click();
  const dialog = tab.page.locator(".jp-Dialog");
  await dialog.waitFor();
  const name = dialog.locator("input[type=text]").first();
  await name.fill("2 much");
  await dialog.locator(".steplab-NewStage-problem", { hasText: /./ }).waitFor();
  expect(await dialog.locator(".jp-mod-accept").isDisabled()).toBe(true);
  await name.fill("guard-days");
  await dialog.locator("input[type=checkbox][value=process]").check();
  await tab.shot("new-stage");
  await tab.accept();
  await tab.ready();
  const path = await tab.page.evaluate(() => window.jupyterapp.shell.currentWidget?.context.path);
  expect(path).toContain("guard-days");
  expect(await project.read("PIPELINE.md")).toContain("name: guard-days");
  expect(tab.errors).toEqual([]);
});
