import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { KernelClient } from "../rig/kernel-client.ts";

let root: string;
beforeAll(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), "steplab-project-")));
  for (const folder of ["notebooks", "models", "runs/one/1-fit"])
    mkdirSync(join(root, folder), { recursive: true });
  writeFileSync(join(root, "package.json"), `{ "type": "module" }`);
  for (const document of ["PIPELINE.md", "runs/one/PIPELINE.md", "runs/one/run.json"])
    writeFileSync(join(root, document), "");
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** As JupyterLab does it: in the notebook's folder, the notebook named by its session. */
async function open(notebook: string): Promise<KernelClient> {
  const path = join(root, notebook);
  return await KernelClient.start({ folder: join(path, ".."), env: { JPY_SESSION_NAME: path } });
}

describe("a notebook opened in JupyterLab", () => {
  test.each(["notebooks/fit.ipynb", "runs/one/1-fit/fit.ipynb"])(
    "works in the project's root, as in a run: %s",
    async (notebook) => {
      await using kernel = await open(notebook);
      const { texts } = await kernel.execute("process.cwd()");
      expect(texts).toEqual([`'${root}'`]);
    },
  );

  test("sees an edit of a module that lies beside the notebooks' folder", async () => {
    writeFileSync(join(root, "models/ridge.ts"), `export const steps: number = 1;`);
    await using kernel = await open("notebooks/fit.ipynb");
    const cell = `import { steps } from "../models/ridge.ts"; steps`;
    expect((await kernel.execute(cell)).texts).toEqual(["1"]);
    writeFileSync(join(root, "models/ridge.ts"), `export const steps: number = 200;`);
    expect((await kernel.execute(cell)).texts).toEqual(["200"]);
  });
});
