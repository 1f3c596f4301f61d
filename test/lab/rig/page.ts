/** JupyterLab in a tab of Chromium: what a person does there, and waits for what a person would see. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import {
  chromium as playwright,
  type Browser,
  type BrowserContext,
  type Locator,
  type Page,
} from "playwright-core";
import { repositoryRoot } from "../../rig/project.ts";
import type { RunningLab } from "./server.ts";

/** Ignored by git: look at them. */
export const SHOTS = join(repositoryRoot, ".steplab", "shots");

/** Against hangs; a busy machine takes its time. */
const PATIENCE_MS = 60_000;
const LOOK_MS = 50;
/** More presses than anybody would make. */
const REACHABLE = 80;

/** @param chromium its program: `findChromium()` */
export async function startBrowser(chromium: string): Promise<Browser> {
  return await playwright.launch({
    executablePath: chromium,
    // Containers run as root, with little shared memory.
    args: ["--no-sandbox", "--disable-dev-shm-usage"],
  });
}

/** A tab of its own session, that is open until its context is closed. */
export async function newTab(browser: Browser, lab: RunningLab): Promise<LabPage> {
  const context = await browser.newContext({ viewport: { width: 1400, height: 900 } });
  const page = await context.newPage();
  page.setDefaultTimeout(PATIENCE_MS);
  return new LabPage(page, context, lab);
}

export class LabPage {
  /** Playwright's own, for what is not here. */
  readonly page: Page;
  readonly context: BrowserContext;
  readonly #lab: RunningLab;
  /** Errors that the page's scripts threw. */
  readonly errors: string[] = [];

  constructor(page: Page, context: BrowserContext, lab: RunningLab) {
    this.page = page;
    this.context = context;
    this.#lab = lab;
    page.on("pageerror", (error) => this.errors.push(error.message));
  }

  /** Opens the address that the command told: the layout as it was left, or the first one. */
  async open(): Promise<void> {
    await this.page.goto(this.#lab.url.href);
    await this.page.locator("#jp-main-dock-panel").waitFor();
    await this.page.locator("#main").waitFor();
  }

  /** Opens one file, in a layout that shows nothing else. */
  async openFile(path: string): Promise<void> {
    const url = new URL(this.#lab.url);
    url.pathname += `/tree/${path}`;
    url.searchParams.set("reset", "");
    await this.page.goto(url.href);
    await this.page.locator("#jp-main-dock-panel").waitFor();
  }

  /** Opens a notebook and waits until its kernel takes cells. */
  async openNotebook(path: string): Promise<void> {
    await this.openFile(path);
    await this.ready();
  }

  /**
   * Resolves when the notebook in front runs cells. What the page shows does not say so: "idle" is shown before the
   * session is connected, and cells run then are lost.
   */
  async ready(): Promise<void> {
    await this.until("the notebook's kernel is ready", async () => {
      const panel = window.jupyterapp.shell.currentWidget;
      if (panel?.sessionContext === undefined) return false;
      await panel.context.ready;
      await panel.sessionContext.ready;
      const kernel = panel.sessionContext.session?.kernel;
      if (!kernel) return false;
      await kernel.info;
      return kernel.connectionStatus === "connected" && kernel.status === "idle";
    });
  }

  /** Asks the page until it says yes. (`waitForFunction` takes the promise of an asynchronous function for a yes.) */
  async until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
    const end = Date.now() + PATIENCE_MS;
    // A page that is going elsewhere cannot answer.
    while (!(await this.page.evaluate(holds).catch(() => false))) {
      if (Date.now() > end) throw new Error(`Not within ${PATIENCE_MS / 1000} s: ${what}`);
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    }
  }

  /** Cells of the notebook in front, all kinds, from 0. */
  cell(number: number): Locator {
    return this.page
      .locator(".jp-NotebookPanel:not(.lm-mod-hidden) .jp-Notebook .jp-Cell")
      .nth(number);
  }

  /** What a cell shows below itself. */
  output(number: number): Locator {
    return this.cell(number).locator(".jp-OutputArea-output");
  }

  /** Its editor's text field. */
  editor(number: number): Locator {
    return this.cell(number).locator(".cm-content");
  }

  /** Goes by the keyboard alone until the focus is there. */
  async tabTo(target: Locator, key: "Tab" | "Shift+Tab" = "Tab"): Promise<void> {
    await target.waitFor();
    for (let presses = 0; presses < REACHABLE; presses++) {
      if (await target.evaluate((node) => node === node.ownerDocument.activeElement)) return;
      await this.page.keyboard.press(key);
    }
    throw new Error(`${REACHABLE} times ${key} did not reach it: ${String(target)}`);
  }

  /** Drags a cell by its prompt to just above another one. */
  async dragCell(from: number, above: number): Promise<void> {
    const handle = await this.cell(from).locator(".jp-InputPrompt").boundingBox();
    const target = await this.cell(above).boundingBox();
    if (handle === null || target === null) throw new Error("the cell is not in sight");
    const { mouse } = this.page;
    await mouse.move(handle.x + handle.width / 2, handle.y + 8);
    await mouse.down();
    await mouse.move(target.x + target.width / 2, target.y + 4, { steps: 12 });
    await this.page.locator(".jp-Cell.jp-mod-dropTarget").waitFor();
    await mouse.up();
  }

  /** Runs the cell as a person does, and resolves when it has ended. */
  async run(number: number): Promise<void> {
    await this.editor(number).click();
    await this.page.keyboard.press("Control+Enter");
    await this.ended(number);
  }

  /** Resolves when a cell has a number again: it has ended, well or not. */
  async ended(number: number): Promise<void> {
    await this.cell(number)
      .locator(".jp-InputPrompt", { hasText: /\[\d+\]/ })
      .waitFor();
  }

  /** Puts new text into a cell. */
  async type(number: number, text: string): Promise<void> {
    await this.editor(number).click();
    await this.page.keyboard.press("Control+a");
    await this.page.keyboard.press("Delete");
    await this.page.keyboard.insertText(text);
  }

  /** One of JupyterLab's commands, as from its palette. */
  async command(id: string, args: Record<string, string | boolean> = {}): Promise<void> {
    await this.page.evaluate(
      async ([id, args]) => void (await window.jupyterapp.commands.execute(id, args)),
      [id, args] as const,
    );
  }

  /** Says yes to the dialog in front. */
  async accept(): Promise<void> {
    await this.page.locator(".jp-Dialog .jp-mod-accept").click();
  }

  /** Keeps a picture of the page as `<name>.png`. */
  async shot(name: string): Promise<void> {
    mkdirSync(SHOTS, { recursive: true });
    await this.page.screenshot({ path: join(SHOTS, `${name}.png`) });
  }

  /** Light or dark, as in the settings. */
  async theme(name: "light" | "dark"): Promise<void> {
    await this.command("apputils:change-theme", {
      theme: name === "light" ? "JupyterLab Light" : "JupyterLab Dark",
    });
    const isLight = String(name === "light");
    // The body has no size of its own: it is never "visible".
    await this.page
      .locator(`body[data-jp-theme-light="${isLight}"]`)
      .waitFor({ state: "attached" });
  }
}

/** What of JupyterLab's application the tests use; it is there because the server was asked to expose it. */
declare global {
  interface Window {
    getComputedStyle(element: unknown): { color: string };
    jupyterapp: {
      restored: Promise<void>;
      shell: { currentWidget: NotebookPanel | null };
      commands: { execute(id: string, args: object): Promise<unknown> };
      serviceManager: { settings: { save(id: string, raw: string): Promise<void> } };
    };
  }
  // The functions that are sent to the page are type-checked here, where there is no page.
  var window: Window & typeof globalThis;
}

interface NotebookPanel {
  context: { ready: Promise<void>; path: string; model: { dirty: boolean } };
  content: {
    widgets: readonly { prompt: string; model: { id: string } }[];
    activeCellIndex: number;
    scrollToItem(index: number): Promise<void>;
  };
  sessionContext: {
    ready: Promise<void>;
    session: {
      kernel: {
        id: string;
        info: Promise<unknown>;
        connectionStatus: string;
        status: string;
      } | null;
    } | null;
  };
}
