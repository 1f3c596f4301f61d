import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";
import { installKernel } from "../../kernel/install.ts";
import { KernelClient } from "../rig/kernel-client.ts";
import { makeProject } from "../rig/project.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
let prefix: string;

beforeEach(() => {
  prefix = mkdtempSync(join(tmpdir(), "steplab-prefix-"));
});

afterEach(() => {
  rmSync(prefix, { recursive: true, force: true });
});

test("install writes a kernelspec that Jupyter finds, and again replaces it", () => {
  installKernel({ root: ROOT, into: { prefix }, node: "/old/node" });
  const { folder, spec } = installKernel({ root: ROOT, into: { prefix } });
  expect(folder).toBe(join(prefix, "share", "jupyter", "kernels", "steplab"));
  expect(readdirSync(join(folder, "..")).sort()).toEqual(["steplab"]);
  expect(readdirSync(folder).sort()).toEqual(["kernel.json", "logo-svg.svg", "start.mjs"]);
  expect(JSON.parse(readFileSync(join(folder, "kernel.json"), "utf8"))).toEqual(spec);
  expect(spec).toMatchObject({
    display_name: "TypeScript (steplab)",
    language: "typescript",
    interrupt_mode: "message",
    env: { TZ: "UTC", LANG: "en_US.UTF-8", LC_ALL: "en_US.UTF-8" },
  });
});

test("the command that is installed starts a kernel", async () => {
  const { spec } = installKernel({ root: ROOT, into: { prefix } });
  await using kernel = await KernelClient.start({ argv: spec.argv, env: spec.env });
  expect((await kernel.execute("new Date(0).getHours() + 1")).texts).toEqual(["1"]);
});

test("a notebook has the steplab of its own project, also when the registered one is gone", async () => {
  await using project = await makeProject({});
  const { spec } = installKernel({ root: join(prefix, "gone"), into: { prefix } });
  await using kernel = await KernelClient.start({ argv: spec.argv, folder: project.root });
  expect((await kernel.execute("1 + 1")).texts).toEqual(["2"]);
});

test("without any steplab left, the kernel says what to do", () => {
  const gone = join(prefix, "gone");
  const { spec } = installKernel({ root: gone, into: { prefix } });
  const [command = "", ...words] = spec.argv;
  const { status, stderr } = spawnSync(command, words, { cwd: prefix, encoding: "utf8" });
  expect(status).toBe(2);
  expect(stderr.replaceAll(prefix, "<prefix>")).toBe(
    "There is no steplab above <prefix>, and none any more where this kernel was registered from (<prefix>/gone).\n" +
      "Install it in the notebook's project (npm install steplab), or register the kernel again: npx steplab kernel install --user\n",
  );
});
