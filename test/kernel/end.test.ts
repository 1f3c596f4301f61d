import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { writeConnectionFile } from "../../core/wire/connection-file.ts";
import { tcpConnection } from "../../core/wire/tcp-connection.ts";
import { KernelClient } from "../rig/kernel-client.ts";

describe("shutdown_request", () => {
  test.each(["control", undefined] as const)(
    "on %s is answered, and the process ends with 0 and a quiet log",
    async (channel) => {
      await using kernel = await KernelClient.start();
      const { reply } = await kernel.request("shutdown_request", { restart: false }, channel);
      expect(reply.content).toEqual({ status: "ok", restart: false });
      expect(await kernel.exited()).toEqual({ code: 0, signal: null });
      expect(kernel.log).toBe("");
    },
  );

  test("ends a kernel that computes", async () => {
    await using kernel = await KernelClient.start();
    const id = kernel.send("execute_request", {
      code: `console.log("go"); for (;;) { try { for (;;); } catch {} }`,
    });
    await kernel.message((m) => m.parent_header.msg_id === id && m.content["text"] === "go\n");
    await kernel.request("shutdown_request", { restart: true }, "control");
    expect(await kernel.exited()).toEqual({ code: 0, signal: null });
  });
});

describe("process.exit in a cell", () => {
  test("ends the process with its code, after everything that was printed has arrived", async () => {
    await using kernel = await KernelClient.start();
    const id = kernel.send("execute_request", {
      code: `for (let i = 0; i < 20_000; i++) console.log(String(i).padStart(99, ".")); console.error("bye"); process.exit(3)`,
    });
    expect(await kernel.exited()).toEqual({ code: 3, signal: null });
    await kernel.message((m) => m.content["text"] === "bye\n");
    const text = kernel
      .messagesOf(id)
      .filter((m) => m.content["name"] === "stdout")
      .map((m) => String(m.content["text"]))
      .join("");
    expect(text.length).toBe(2_000_000);
    expect(kernel.log).toBe("");
  });

  test("also from a timer, and with process.exitCode", async () => {
    await using kernel = await KernelClient.start();
    kernel.send("execute_request", {
      code: `setTimeout(() => { process.exitCode = 4; process.exit() }, 5)`,
    });
    expect(await kernel.exited()).toEqual({ code: 4, signal: null });
  });
});

test("a kernel whose port is taken says which, and that another try will do", async () => {
  const taken = createServer().listen(0, "127.0.0.1");
  await once(taken, "listening");
  using cleanup = new DisposableStack();
  cleanup.defer(() => taken.close());
  const { port } = taken.address() as AddressInfo; // listening on TCP
  const folder = mkdtempSync(join(tmpdir(), "steplab-ports-"));
  cleanup.defer(() => rmSync(folder, { recursive: true }));
  const file = join(folder, "connection.json");
  writeConnectionFile(file, { ...(await tcpConnection()), iopub_port: port });
  const kernel = spawn(process.execPath, [KernelClient.entry, file]);
  let said = "";
  kernel.stderr.setEncoding("utf8").on("data", (text: string) => (said += text));
  const [code] = (await once(kernel, "close")) as [number];
  expect(said).toBe(
    `steplab kernel: cannot listen at tcp://127.0.0.1:${port}: Address already in use. Start it again, with other ports.\n`,
  );
  expect(code).toBe(75);
});

describe("a kernel dies", () => {
  test("of running out of memory with a reason in its log, not in silence", async () => {
    await using kernel = await KernelClient.start({
      env: { NODE_OPTIONS: "--max-old-space-size=60" },
    });
    kernel.send("execute_request", {
      code: `const hoard: number[][] = []; for (;;) hoard.push(new Array(100_000).fill(1))`,
    });
    const { signal } = await kernel.exited();
    expect(signal).toBe("SIGABRT");
    await kernel.until(() => kernel.log.includes("heap out of memory"));
  });

  test("with its parent, also while a cell computes", async () => {
    const parent = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"], {
      stdio: "ignore",
    });
    await once(parent, "spawn");
    await using kernel = await KernelClient.start({
      env: { STEPLAB_PARENT_PID: String(parent.pid) },
    });
    const id = kernel.send("execute_request", { code: `console.log("go"); for (;;);` });
    await kernel.message((m) => m.parent_header.msg_id === id && m.content["text"] === "go\n");
    parent.kill("SIGKILL");
    expect((await kernel.exited()).code).toBe(0);
  });
});

test("a connection file that cannot be read is refused in one sentence", async () => {
  const child = spawn(process.execPath, [KernelClient.entry, "/no/such/file.json"], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  let log = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => (log += text));
  const [code] = (await once(child, "close")) as [number];
  expect([code, log]).toEqual([
    2,
    "steplab kernel: Cannot read the connection file /no/such/file.json: ENOENT: no such file or directory, open '/no/such/file.json'\n",
  ]);
});
