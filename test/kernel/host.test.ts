import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Bindings } from "../../core/host.ts";
import { createRandom } from "../../core/random.ts";
import { KernelClient } from "../rig/kernel-client.ts";

const HOST = `globalThis[Symbol.for("steplab.host/1")]`;
const SEED = "0123456789abcdef".repeat(4);

let kernel: KernelClient;
let folder: string;

beforeEach(async () => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), "steplab-host-")));
  kernel = await KernelClient.start();
});

afterEach(async () => {
  await kernel[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

function bindings(more: Partial<Bindings> = {}): Bindings {
  return {
    version: 1,
    mode: "headless",
    run: "2026-11-21T010203Z-6f3a",
    stage: "process",
    seed: SEED,
    inputs: {},
    staging: join(folder, "staging"),
    scratch: join(folder, "scratch"),
    projectRoot: folder,
    notebook: join(folder, "notebooks", "3-process.ipynb"),
    ...more,
  };
}

/** As the runner binds. */
async function bind(more: Partial<Bindings> = {}): Promise<void> {
  const { reply } = await kernel.execute(`${HOST}.bind(${JSON.stringify(bindings(more))})`, {
    silent: true,
  });
  expect(reply.content["status"]).toBe("ok");
}

async function shown(code: string): Promise<string | undefined> {
  const { texts, error } = await kernel.execute(code);
  expect(error?.traceback.join("\n")).toBeUndefined();
  return texts.at(-1);
}

describe("bind", () => {
  test("makes the bindings, the notebook and the working directory those of the stage", async () => {
    writeFileSync(join(folder, "beside.ts"), `export const beside: string = "found";`);
    expect(await shown(`${HOST}.bindings`)).toBe("null");
    await bind();
    expect(
      await shown(
        `[${HOST}.bindings.stage, process.cwd() === ${JSON.stringify(folder)}, ${HOST}.notebookUrl.endsWith("notebooks/3-process.ipynb")]`,
      ),
    ).toBe("[ 'process', true, true ]");
    expect(await shown(`import { beside } from "../beside.ts"; beside`)).toBe("'found'");
  });

  test("seeds Math.random, also for a module that took it before", async () => {
    const expected = createRandom(SEED);
    const [first, second, third] = [expected(), expected(), expected()];
    await kernel.execute("const taken = Math.random; taken()");
    await bind();
    expect(await shown("[Math.random(), taken()]")).toBe(`[ ${first}, ${second} ]`);
    expect(await shown(`[${HOST}.random(), Math.random === taken]`)).toBe(`[ ${third}, true ]`);
    await bind();
    expect(await shown("Math.random()")).toBe(String(first));
  });

  test("without a seed leaves randomness alone", async () => {
    await bind({ seed: null });
    expect(await shown("Math.random() !== Math.random()")).toBe("true");
  });

  test("cell says which cell runs", async () => {
    const { texts } = await kernel.execute(`${HOST}.cell`, {}, { cellId: "abc-1" });
    expect(texts).toEqual(["{ id: 'abc-1', count: 1 }"]);
  });
});

describe("facts", () => {
  const metric = (value: number): string =>
    `${HOST}.emit({ fact: "metric", name: "mae", value: ${value} })`;

  test("go to every comm opened for them, in order with outputs; without one they are dropped", async () => {
    await kernel.execute(metric(0));
    kernel.send("comm_open", { comm_id: "f1", target_name: "steplab.facts", data: {} });
    kernel.send("comm_open", { comm_id: "f2", target_name: "steplab.facts", data: {} });
    const { messages } = await kernel.execute(`console.log("a"); ${metric(1)}; console.log("b")`);
    expect(messages.slice(1).map((m) => m.content)).toEqual([
      { name: "stdout", text: "a\n" },
      { comm_id: "f1", data: { fact: "metric", name: "mae", value: 1 } },
      { comm_id: "f2", data: { fact: "metric", name: "mae", value: 1 } },
      { name: "stdout", text: "b\n" },
    ]);
    kernel.send("comm_close", { comm_id: "f1", data: {} });
    const after = await kernel.execute(metric(2));
    expect(after.messages.filter((m) => m.header.msg_type === "comm_msg")).toHaveLength(1);
  });
});

describe("hooks", () => {
  test("run after every cell, before its reply, in order; what they throw is the cell's error", async () => {
    await kernel.execute(
      `${HOST}.onCellEnd(async (end) => { await null; console.log("first", end.status) }); ${HOST}.onCellEnd((end) => { if (globalThis.refuse) throw new Error("a check failed") })`,
    );
    const good = await kernel.execute("1");
    expect([good.stdout, good.reply.content["status"]]).toEqual(["first ok\n", "ok"]);
    const refused = await kernel.execute("globalThis.refuse = true; 5");
    expect([refused.error?.evalue, refused.texts]).toEqual(["a check failed", ["5"]]);
    const own = await kernel.execute("throw new Error('its own')");
    expect([own.error?.evalue, own.stdout]).toEqual(["its own", "first error\n"]);
  });
});

describe("settle", () => {
  const settle = (): ReturnType<KernelClient["execute"]> =>
    kernel.execute(`await ${HOST}.settle()`, { silent: true });

  test("runs its hooks and is content when nothing is left", async () => {
    await kernel.execute(`${HOST}.onSettle(async () => { await null; console.log("settled") })`);
    const { reply, stdout } = await settle();
    expect([reply.content["status"], stdout]).toEqual(["ok", "settled\n"]);
  });

  test("fails for a rejection that nothing handled, and names it", async () => {
    await kernel.execute(`Promise.reject(new Error("forgotten write")); 1`);
    const { reply } = await settle();
    expect(reply.content).toMatchObject({ status: "error", ename: "StepLabError" });
    expect(String(reply.content["traceback"])).toContain("Caused by: Error: forgotten write");
  });

  test("fails for what a timer threw", async () => {
    await kernel.execute(
      `setTimeout(() => { throw new Error("late") }, 1); await new Promise((r) => setTimeout(r, 10))`,
    );
    expect((await settle()).reply.content["status"]).toBe("error");
  });

  test("does not fail for what an interrupt left behind", async () => {
    const id = kernel.send("execute_request", {
      code: `const work = async () => { for (;;) await new Promise((r) => setTimeout(r, 1)) }; work(); console.log("go"); await new Promise(() => {})`,
    });
    await kernel.message((m) => m.parent_header.msg_id === id && m.content["text"] === "go\n");
    await kernel.interrupt();
    await kernel.answerOf(id);
    await kernel.execute("await new Promise((r) => setTimeout(r, 10))");
    expect((await settle()).reply.content["status"]).toBe("ok");
  });
});
