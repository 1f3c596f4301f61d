/** JupyterLab below a base URL, as JupyterHub starts it. */
import { expect, inject, test } from "vitest";
import { openTab } from "./rig/opened.ts";
import { startBrowser } from "./rig/page.ts";
import { starterProject } from "./rig/projects.ts";
import { startLab } from "./rig/server.ts";

test("the extension works below a base URL, and asks for nothing beside it", async () => {
  await using project = await starterProject();
  await using lab = await startLab(project.root, {
    jupyter: inject("jupyter"),
    more: ["--ServerApp.base_url=/user/ada/"],
  });
  expect(lab.url.pathname).toBe("/user/ada/lab");
  const browser = await startBrowser(inject("chromium"));
  await using _ = { [Symbol.asyncDispose]: async () => await browser.close() };
  const tab = await openTab(browser, lab);
  const asked: string[] = [];
  tab.page.on("request", (request) => asked.push(new URL(request.url()).pathname));
  await tab.openNotebook("notebooks/2-process.ipynb");
  await tab.page.locator(".steplab-Slot-name", { hasText: "parameters" }).waitFor();
  await tab.page
    .locator(".steplab-Input", { hasText: /collect\.days of .*(?:just now|minutes? ago)/ })
    .waitFor();
  await tab.command("steplab:show-panel");
  await tab.page.locator(".steplab-Stage[data-stage=process]").waitFor();
  await tab.page.locator(".steplab-Panel-header .steplab-mod-primary").waitFor();
  await tab.run(1);
  await tab.page.getByRole("tab", { name: "Runs", exact: true }).click();
  await tab.page.locator(".steplab-Run-line").first().click();
  await tab.page
    .locator(".steplab-Run-stages li[data-stage=process] .steplab-Link")
    .first()
    .click();
  await tab.page.getByText("Nothing changed since").waitFor();
  // Never beside it: another user's server would answer there.
  expect(asked.filter((path) => !path.startsWith("/user/ada/"))).toEqual([]);
  expect(tab.errors).toEqual([]);
});
