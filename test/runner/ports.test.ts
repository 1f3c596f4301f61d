/** Kernels that listen on ports, which another program may take before they do. */
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { expect, test } from "vitest";
import { KernelClient } from "../../runner/jupyter/client.ts";
import { KernelClient as Kernel } from "../rig/kernel-client.ts";

/** A kernel that finds its ports taken as often as `times`, and leaves a file each time. */
async function start(folder: string, times: number): Promise<KernelClient> {
  const script = join(folder, "kernel.mjs");
  writeFileSync(
    script,
    `
    import { readdirSync, writeFileSync } from "node:fs";
    const tries = readdirSync(".").length;
    if (tries <= ${times}) {
      writeFileSync("try " + tries, "");
      console.error("Error: listen EADDRINUSE: address already in use 127.0.0.1:1");
      process.exit(1);
    }
    await import(${JSON.stringify(pathToFileURL(Kernel.entry).href)});`,
  );
  return await KernelClient.start({
    folder,
    onLog: () => undefined,
    command: {
      argv: [process.execPath, "--no-force-async-hooks-checks", script, "{connection_file}"],
      env: {},
    },
  });
}

test("it is started again with others, three times in all", async () => {
  using cleanup = new DisposableStack();
  const folder = mkdtempSync(join(tmpdir(), "steplab-ports-"));
  cleanup.defer(() => rmSync(folder, { recursive: true }));
  await using kernel = await start(folder, 2);
  await kernel.ready();
  expect(await kernel.execute("1 + 1")).toMatchObject({ status: "ok" });
  expect(readdirSync(folder)).toEqual(["kernel.mjs", "try 1", "try 2"]);
});

test("after that it is said why it did not start", async () => {
  using cleanup = new DisposableStack();
  const folder = mkdtempSync(join(tmpdir(), "steplab-ports-"));
  cleanup.defer(() => rmSync(folder, { recursive: true }));
  await using kernel = await start(folder, 9);
  await expect(kernel.ready()).rejects.toMatchObject({
    code: "kernel/not-started",
    hint: expect.stringContaining("EADDRINUSE"),
  });
  expect(readdirSync(folder)).toEqual(["kernel.mjs", "try 1", "try 2", "try 3"]);
});
