import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { KernelClient } from "../rig/kernel-client.ts";

let kernel: KernelClient;

beforeAll(async () => {
  kernel = await KernelClient.start();
  await kernel.execute("const before = 41");
});

afterAll(async () => {
  await kernel[Symbol.asyncDispose]();
});

/** Sends a cell and resolves once it has said "go". */
async function started(code: string): Promise<string> {
  const id = kernel.send("execute_request", { code, allow_stdin: true });
  await kernel.message(
    (m) => m.parent_header.msg_id === id && String(m.content["text"]).startsWith("go\n"),
  );
  return id;
}

const SITUATIONS: Record<string, string> = {
  "a loop": `console.log("go"); while (true) {}`,
  "a loop after an await": `console.log("go"); await null; while (true) {}`,
  "a loop that catches everything": `console.log("go"); while (true) { try { while (true) {} } catch {} finally {} }`,
  "an await that never ends": `console.log("go"); await new Promise(() => {})`,
  "an await inside a function": `const hang = async () => { console.log("go"); await new Promise(() => {}) }; await hang()`,
  "a loop in a timer": `setTimeout(() => { console.log("go"); while (true) {} }, 1); await new Promise(() => {})`,
  "a runaway regular expression": `console.log("go"); /(a+)+b/.test("a".repeat(40))`,
  "microtasks without end": `console.log("go"); const spin = async () => { while (true) await null }; await spin()`,
  "a loop of short awaits": `console.log("go"); while (true) await new Promise((r) => setTimeout(r, 1))`,
  "an endless for await": `console.log("go"); for await (const x of (async function* () { for (;;) { await new Promise((r) => setTimeout(r, 1)); yield 1 } })()) {}`,
  "a timer that takes all the time": `setInterval(() => { const end = Date.now() + 20; while (Date.now() < end); }, 1); console.log("go"); await new Promise(() => {})`,
  "Atomics.wait": `console.log("go"); Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)`,
  "a question that nobody answers": `console.log("go"); prompt("?")`,
};

describe.each(["message", "signal"] as const)("an interrupt by %s ends", (way) => {
  test.each(Object.entries(SITUATIONS))("%s, and the state is kept", async (_name, code) => {
    const id = await started(code);
    if (way === "signal") kernel.process.kill("SIGINT");
    else await kernel.interrupt();
    const { error, reply } = await kernel.answerOf(id);
    expect([error?.ename, reply.content["status"]]).toEqual(["Interrupted", "error"]);
    expect((await kernel.execute("before + 1")).texts).toEqual(["42"]);
  });
});

describe("an interrupted cell", () => {
  test("runs its finally blocks and disposals", async () => {
    const id = await started(
      `using u = { [Symbol.dispose]() { console.log("disposed") } }; try { console.log("go"); await new Promise(() => {}) } finally { console.log("finally") }`,
    );
    await kernel.interrupt();
    expect((await kernel.answerOf(id)).stdout).toBe("go\nfinally\ndisposed\n");
  });

  test("disposes also when it was torn out of a loop", async () => {
    const id = await started(
      `using u2 = { [Symbol.dispose]() { console.log("disposed") } }; console.log("go"); for (;;);`,
    );
    await kernel.interrupt();
    expect((await kernel.answerOf(id)).stdout).toBe("go\ndisposed\n");
  });

  test("does not go on in the background", async () => {
    const id = await started(
      `let ticks = 0; const tick = async () => { for (;;) { await new Promise((r) => setTimeout(r, 1)); ticks++ } }; console.log("go"); await tick()`,
    );
    await kernel.interrupt();
    await kernel.answerOf(id);
    const { texts } = await kernel.execute(
      `const then = ticks; await new Promise((r) => setTimeout(r, 30)); ticks - then <= 1`,
    );
    expect(texts).toEqual(["true"]);
  });

  test("is dropped with all its lost promises: collecting garbage afterwards harms nothing", async () => {
    const { texts } = await kernel.execute(
      `import v8 from "node:v8"; import vm from "node:vm"; v8.setFlagsFromString("--expose-gc"); const gc = vm.runInNewContext("gc"); for (let i = 0; i < 3; i++) { gc(); await new Promise((r) => setTimeout(r, 1)) } "alive"`,
    );
    expect(texts).toEqual(["'alive'"]);
  });

  test("aborts the cells behind it", async () => {
    const first = await started(`console.log("go"); for (;;);`);
    const second = kernel.send("execute_request", { code: "console.log('never')" });
    await kernel.interrupt();
    await kernel.answerOf(first);
    const answer = await kernel.answerOf(second);
    expect([answer.reply.content["status"], answer.stdout]).toEqual(["aborted", ""]);
  });
});

test("a cell that prints for ever is interrupted, and what it printed stays in order", async () => {
  const id = await started(`console.log("go"); for (let i = 0; ; i++) console.log(i)`);
  await kernel.interrupt();
  const { stdout, error } = await kernel.answerOf(id);
  expect(error?.ename).toBe("Interrupted");
  const lines = stdout.split("\n").slice(1, -1);
  expect(lines).toEqual(lines.map((_, i) => String(i)));
});

test("a cell that displays for ever costs bounded memory and is interrupted", async () => {
  const id = await started(
    `console.log("go"); for (;;) globalThis[Symbol.for("steplab.host/1")].display({ "text/plain": "x".repeat(100_000) })`,
  );
  await kernel.interrupt();
  expect((await kernel.answerOf(id)).error?.ename).toBe("Interrupted");
  const { texts } = await kernel.execute("process.memoryUsage.rss() < 600e6");
  expect(texts).toEqual(["true"]);
});

test("an interrupt while nothing runs is answered and does nothing", async () => {
  await kernel.interrupt();
  expect((await kernel.execute("before")).texts).toEqual(["41"]);
});

test("an interrupted cell whose finally block loops is ended too", async () => {
  const id = await started(
    `try { console.log("go"); await new Promise(() => {}) } finally { for (;;); }`,
  );
  await kernel.interrupt();
  expect((await kernel.answerOf(id)).error?.ename).toBe("Interrupted");
  expect((await kernel.execute("before")).texts).toEqual(["41"]);
});

test("the traceback of an interrupt shows the await that the cell sat in", async () => {
  const id = await started(`console.log("go");\nawait new Promise(() => {});`);
  await kernel.interrupt();
  const { error } = await kernel.answerOf(id);
  expect(error?.traceback.slice(0, 3)).toEqual([
    "Interrupted: The cell was interrupted; variables keep their values.",
    "  2 | await new Promise(() => {});",
    "    | ^",
  ]);
});

test("40 interrupts in a row, each of a loop in a timer, all end their cell", async () => {
  for (let i = 0; i < 40; i++) {
    const id = await started(
      `setTimeout(() => { console.log("go"); for (;;); }, 1); await new Promise(() => {})`,
    );
    kernel.send("interrupt_request", {}, { channel: "control" });
    expect((await kernel.answerOf(id)).error?.ename).toBe("Interrupted");
  }
});
