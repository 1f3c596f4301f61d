/** Front ends that are not JupyterLab: jupyter console, and the classic notebook's page. */
import { once } from "node:events";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { openClients, type Clients } from "./rig/clients.ts";
import { startBrowser } from "./rig/page.ts";

let clients: Clients;

beforeAll(async () => {
  clients = await openClients();
});

afterAll(async () => {
  await clients?.[Symbol.asyncDispose]();
});

test("jupyter console: cells, results, state, errors", () => {
  const typed = [
    "const three: number = 1 + 2",
    "three * 14",
    "function half(n: number) { return n / 2; }",
    "half(three)",
    "throw new RangeError('too far')",
    "console.log('still', three)",
    "exit",
  ];
  const { stdout, stderr, code } = clients.run(
    ["jupyter", "console", "--kernel", "steplab", "--simple-prompt"],
    { input: `${typed.join("\n")}\n`, cwd: "notebooks" },
  );
  expect(code, stderr).toBe(0);
  expect(stdout).toContain("42");
  expect(stdout).toContain("1.5");
  expect(stdout + stderr).toContain("RangeError: too far");
  expect(stdout).toContain("still 3");
});

/** As far as the test goes. */
interface ClassicNotebook {
  insert_cell_at_bottom(type: "code"): { set_text(text: string): void };
  ncells(): number;
  select(cell: number): void;
  execute_cell(): void;
}

test("the classic notebook: inputs that name their source are bound, cells run and are interrupted", async () => {
  const server = clients.start([
    "jupyter",
    "nbclassic",
    "--no-browser",
    "--allow-root",
    "--ServerApp.port=0",
    "--IdentityProvider.token=classic",
    "--ServerApp.ip=127.0.0.1",
  ]);
  const ended = once(server, "exit");
  let said = "";
  const address = new Promise<URL>((resolve, reject) => {
    for (const stream of [server.stdout, server.stderr])
      stream?.setEncoding("utf8").on("data", (text: string) => {
        said += text;
        const [found] = /http:\/\/127\.0\.0\.1:[1-9]\d*/.exec(said) ?? [];
        if (found !== undefined) resolve(new URL(found));
      });
    void ended.then(() => reject(new Error(said)));
  });
  const browser = await startBrowser(inject("chromium"));
  try {
    const page = await browser.newPage();
    page.setDefaultTimeout(60_000);
    const url = new URL("/notebooks/notebooks/explore/weather.ipynb?token=classic", await address);
    await page.goto(url.href);
    await page.locator("#kernel_indicator", { hasText: "TypeScript (steplab)" }).waitFor();
    await page.locator("#kernel_indicator_icon.kernel_idle_icon").waitFor();
    await page.locator("#celllink").click();
    await page.locator("#run_all_cells").click();
    const outputs = page.locator(".output_area");
    await expect
      .poll(async () => (await outputs.allInnerTexts()).join("\n"), { timeout: 60_000 })
      .toContain("A degree more brings more riders");
    expect((await outputs.allInnerTexts()).join("\n")).not.toContain("StepLabError");
    // A cell of one's own, which is interrupted.
    await page.evaluate(() => {
      const { notebook } = (window as unknown as { Jupyter: { notebook: ClassicNotebook } })
        .Jupyter; // the page's own
      notebook.insert_cell_at_bottom("code").set_text("const answer: number = 42; for (;;) {}");
      notebook.select(notebook.ncells() - 1);
      notebook.execute_cell();
    });
    await page.locator("#kernel_indicator_icon.kernel_busy_icon").waitFor();
    await page.locator("#kernellink").click();
    await page.locator("#int_kernel").click();
    await page.locator("#kernel_indicator_icon.kernel_idle_icon").waitFor();
    await expect
      .poll(async () => (await outputs.allInnerTexts()).join("\n"))
      .toContain("Interrupted");
  } finally {
    await browser.close();
    server.kill("SIGTERM");
    await ended;
  }
});
