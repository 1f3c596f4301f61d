/** The exploration runs as a person would run it: in a kernel of its own, bound to the newest run. */
import { cpSync, readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readNotebook } from "../../core/notebook/index.ts";
import { generateListings } from "../../notebooks/sample/generate.ts";
import { KernelClient } from "../rig/kernel-client.ts";
import { makeProject, repositoryRoot } from "../rig/project.ts";
import { runProject } from "../rig/run.ts";

test("every cell of the exploration runs on the newest delivery, and shows its notes", async () => {
  await using project = await makeProject({ "data/listings.csv": generateListings() });
  for (const part of ["PIPELINE.md", "notebooks"])
    cpSync(join(repositoryRoot, part), project.path(part), { recursive: true });
  const packages = join("node_modules", "@tensorflow"); // the document is judged as a whole
  symlinkSync(join(repositoryRoot, packages), project.path(packages));
  await runProject(project, { select: { to: ["collect"] } });

  await using kernel = await KernelClient.start({
    folder: project.root,
    env: { STEPLAB_NOTEBOOK: project.path("notebooks/explore/prices.ipynb") },
  });
  const file = project.path("notebooks/explore/prices.ipynb");
  const { notebook } = readNotebook(readFileSync(file, "utf8"), file);
  const shown: string[] = [];
  for (const cell of notebook?.cells ?? []) {
    if (cell.type !== "code") continue;
    const { error, messages } = await kernel.execute(cell.source);
    expect(error, cell.id).toBeNull();
    shown.push(JSON.stringify(messages.map(({ content }) => content["data"] ?? content["text"])));
  }
  const text = shown.join("\n");
  for (const words of ["Prices are log-normal", "Every listing lies inside", "Keep 10 to 350 USD"])
    expect(text).toContain(words);
});
