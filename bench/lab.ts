/** What somebody waits for who works in JupyterLab: a real one, in a real browser. Times are taken in the page itself. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as after } from "node:timers/promises";
import {
  codeCell,
  makeNotebook,
  STEPLAB_KERNELSPEC,
  writeNotebook,
} from "../core/notebook/index.ts";
import { findChromium } from "../test/lab/rig/chromium.ts";
import { newTab, startBrowser, type LabPage } from "../test/lab/rig/page.ts";
import { startLab, type RunningLab } from "../test/lab/rig/server.ts";
import { setUpLab } from "../test/lab/rig/set-up-lab.ts";
import { median, type Bench, type Figures, type Task } from "./measure.ts";
import { timed } from "./process.ts";
import { benchProject } from "./project.ts";
import { cellsOf, linkPackages } from "./types.ts";

/** Edits and completions in a turn. */
const TIMES = 10;
/** A pause as people make them, in which what was asked for before is over. */
const PAUSE_MS = 1_500;
const PATIENCE_MS = 30_000;

const STAGE = "notebooks/2-process.ipynb";
/** Its first cell of the body. */
const BODY = 5;
const LONG = "notebooks/long.ipynb";

const PANEL = ".steplab-Stage";
const ERROR = ".jp-NotebookPanel:not(.lm-mod-hidden) .steplab-Squiggle.steplab-mod-error";
const COMPLETIONS = ".jp-Completer:not(.lm-mod-hidden) .jp-Completer-item";
const TOOLTIP = ".jp-Tooltip";

export const labTasks: readonly Task[] = [
  {
    name: "lab",
    rounds: 5,
    rows: [
      {
        figure: "shown",
        what: "in JupyterLab: an error is shown, from the last key",
        unit: "ms",
        bound: 500,
        note: "JupyterLab in Chromium, a project of three stages. The pause in typing that is waited for (150 ms) is part of it.",
      },
      { figure: "gone", what: "  and gone, once it is mended", unit: "ms", bound: 500 },
      {
        figure: "panel",
        what: "  the pipeline panel is drawn, after JupyterLab is ready",
        unit: "ms",
        bound: 1000,
        note: "Nothing is running before: the project's service and the kernel that leads to it start in this time.",
      },
      { figure: "again", what: "  the same when the page is loaded anew", unit: "ms", bound: 1000 },
      {
        figure: "completion",
        what: "  Tab until the list of a table's columns shows, notebook of 60 cells",
        unit: "ms",
        note: "arquero, zod and tfjs imported. The server adds some 40 ms to every request.",
      },
      {
        figure: "hover",
        what: "  Shift+Tab until a variable's type shows, the same notebook",
        unit: "ms",
      },
    ],
    async prepare(bench) {
      const { lab, tab } = await openLab(bench);
      return [
        {
          name: "steplab",
          measure: async () => ({
            ...(await panelFigures(tab, lab)),
            ...(await typingFigures(tab)),
            ...(await helpFigures(tab)),
          }),
        },
      ];
    },
  },
];

async function openLab({ resources }: Bench): Promise<{ lab: RunningLab; tab: LabPage }> {
  const chromium = findChromium();
  const jupyter = await setUpLab();
  const { root } = resources.use(benchProject({}));
  linkPackages(root);
  timed(root, ["init"]);
  timed(root, ["run"]);
  const cells = cellsOf(0).map((code, index) => codeCell(code, { id: `c${index}` }));
  const last = codeCell("", { id: "last" });
  writeFileSync(
    join(root, LONG),
    writeNotebook(makeNotebook([...cells, last], STEPLAB_KERNELSPEC)),
  );
  const lab = resources.use(await startLab(root, { jupyter }));
  const browser = await startBrowser(chromium);
  resources.defer(async () => await browser.close());
  const tab = await newTab(browser, lab);
  await tab.page.addInitScript(watchPage, PANEL);
  await tab.openFile("PIPELINE.md");
  return { lab, tab };
}

/** Loads the page where the panel was in front: with nothing running for it, and once more. */
async function panelFigures(tab: LabPage, lab: RunningLab): Promise<Figures> {
  await tab.command("steplab:show-panel"); // JupyterLab keeps that it was in front
  await tab.page.locator(PANEL).first().waitFor();
  await pause();
  await tab.page.goto("about:blank");
  for (const { id } of (await lab.api("/api/sessions")) as { id: string }[])
    await lab.api(`/api/sessions/${id}`, "DELETE");
  const drawn = async (): Promise<number> => {
    await tab.page.goto(lab.url.href);
    await tab.page.locator(PANEL).first().waitFor();
    await tab.until("JupyterLab is ready", () => window.bench.readyAt !== null);
    return await tab.page.evaluate(() =>
      Math.max(0, (window.bench.drawnAt ?? Number.NaN) - (window.bench.readyAt ?? Number.NaN)),
    );
  };
  return { panel: await drawn(), again: await drawn() };
}

/** A letter of a column's name goes and comes back. */
async function typingFigures(tab: LabPage): Promise<Figures> {
  const { keyboard } = tab.page;
  await tab.openNotebook(STAGE);
  await tab.page.locator(".steplab-Slot-name").first().waitFor();
  await tab.editor(BODY).click();
  await keyboard.press("Control+End");
  await keyboard.insertText('\nkept.array("temperature");');
  for (let key = 0; key < '");'.length; key++) await keyboard.press("ArrowLeft");
  const shown: number[] = [];
  const gone: number[] = [];
  for (let time = 0; time < TIMES; time++) {
    await pause();
    await keyboard.press("Backspace");
    shown.push(await sinceKey(tab, ERROR, true));
    await pause();
    await keyboard.press("e");
    gone.push(await sinceKey(tab, ERROR, false));
  }
  return { shown: median(shown), gone: median(gone) };
}

async function helpFigures(tab: LabPage): Promise<Figures> {
  const { keyboard } = tab.page;
  await tab.openNotebook(LONG);
  await tab.command("notebook:run-all-cells");
  await tab.until("every cell has run", () => {
    const cells = window.jupyterapp.shell.currentWidget?.content.widgets.slice(0, -1) ?? [];
    return cells.length > 0 && cells.every(({ prompt }) => /^\d+$/.test(prompt));
  });
  // Cells that are out of sight are not in the page.
  await tab.page.evaluate(async () => {
    const notebook = window.jupyterapp.shell.currentWidget?.content;
    if (notebook === undefined) throw new Error("no notebook is in front");
    notebook.activeCellIndex = notebook.widgets.length - 1;
    await notebook.scrollToItem(notebook.activeCellIndex);
  });
  await tab.page.locator(".jp-Cell.jp-mod-active .cm-content").click();
  const completion: number[] = [];
  const hover: number[] = [];
  for (let time = 0; time < TIMES; time++) {
    await keyboard.press("Control+a");
    await keyboard.insertText(`const kept${time} = table.filter((d) => d.`);
    await pause();
    await keyboard.press("Tab");
    completion.push(await sinceKey(tab, COMPLETIONS, true));
    await keyboard.press("Escape");
    await keyboard.press("Control+a");
    await keyboard.insertText("table");
    await pause();
    await keyboard.press("Shift+Tab");
    hover.push(await sinceKey(tab, TOOLTIP, true));
    await keyboard.press("Escape");
  }
  return { completion: median(completion), hover: median(hover) };
}

/** Milliseconds from the last key until something is there, or is not, when the page was drawn. */
async function sinceKey(tab: LabPage, selector: string, isThere: boolean): Promise<number> {
  return await tab.page.evaluate(
    async ([selector, isThere, patience]) =>
      await new Promise<number>((resolve, reject) => {
        const { keyAt } = window.bench;
        const look = (): void => {
          const now = performance.now();
          if ((window.document.querySelector(selector) !== null) === isThere) resolve(now - keyAt);
          else if (now - keyAt > patience) reject(new Error(`never so: ${selector}, ${isThere}`));
          else window.requestAnimationFrame(look);
        };
        look();
      }),
    [selector, isThere, PATIENCE_MS] as const,
  );
}

/** Runs in the page before its own scripts: notes when JupyterLab was ready, when the panel was there, the last key. */
function watchPage(panel: string): void {
  const bench: Watched = { keyAt: 0, readyAt: null, drawnAt: null };
  window.bench = bench;
  window.document.addEventListener("keydown", () => (bench.keyAt = performance.now()), true);
  let asked = false;
  const look = (): void => {
    const app = window.jupyterapp as typeof window.jupyterapp | undefined;
    if (app !== undefined && !asked) {
      asked = true;
      void app.restored.then(() => (bench.readyAt = performance.now()));
    }
    if (window.document.querySelector(panel) !== null) bench.drawnAt ??= performance.now();
    if (bench.readyAt === null || bench.drawnAt === null) window.requestAnimationFrame(look);
  };
  look();
}

async function pause(): Promise<void> {
  await after(PAUSE_MS);
}

interface Watched {
  /** Milliseconds of the page's clock, as all here. */
  keyAt: number;
  /** JupyterLab has restored its layout. */
  readyAt: number | null;
  drawnAt: number | null;
}

declare global {
  interface Window {
    bench: Watched;
    document: {
      querySelector(selector: string): object | null;
      addEventListener(type: "keydown", listener: () => void, capture: true): void;
    };
    requestAnimationFrame(callback: () => void): void;
  }
}
