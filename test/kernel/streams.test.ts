import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { KernelClient } from "../rig/kernel-client.ts";

let kernel: KernelClient;

beforeAll(async () => {
  kernel = await KernelClient.start();
});

afterAll(async () => {
  await kernel[Symbol.asyncDispose]();
});

const DISPLAY = `const host = globalThis[Symbol.for("steplab.host/1")];`;

describe("what a cell prints", () => {
  test("keeps its order among stdout, stderr, displays and the result, all before idle", async () => {
    const id = kernel.send("execute_request", {
      code: `${DISPLAY} console.log(1); console.error(2); process.stdout.write("3\\n"); host.display({ "text/plain": "4" }); console.log(5); 6`,
    });
    const { messages } = await kernel.answerOf(id);
    const order = messages.map(({ header, content }) => {
      const data = content["data"] as Record<string, unknown> | undefined; // of results and displays
      return [header.msg_type, content["name"], content["text"] ?? data?.["text/plain"]];
    });
    expect(order).toEqual([
      ["execute_input", undefined, undefined],
      ["stream", "stdout", "1\n"],
      ["stream", "stderr", "2\n"],
      ["stream", "stdout", "3\n"],
      ["display_data", undefined, "4"],
      ["stream", "stdout", "5\n"],
      ["execute_result", undefined, "6"],
    ]);
    const states = kernel.published.filter((m) => m.parent_header.msg_id === id);
    expect(states[0]?.content).toEqual({ execution_state: "busy" });
    expect(states.at(-1)?.content).toEqual({ execution_state: "idle" });
  });

  test("300 small cells: each has its output and its result before its idle", async () => {
    const ids = Array.from({ length: 300 }, (_, n) =>
      kernel.send("execute_request", { code: `console.log(${n}); ${n}` }),
    );
    for (const [n, id] of ids.entries()) {
      const { stdout, texts } = await kernel.answerOf(id);
      expect([stdout, texts]).toEqual([`${n}\n`, [`${n}`]]);
    }
  });

  test.each(["console.log(line(i))", "process.stdout.write(line(i) + '\\n')"])(
    "10 MB in 100,000 calls of %s arrive whole, in at most 200 messages",
    async (call) => {
      const { stdout, messages } = await kernel.execute(
        `const line = (i: number) => String(i).padStart(99, "."); for (let i = 0; i < 100_000; i++) ${call}`,
      );
      expect(stdout.length).toBe(10_000_000);
      expect(stdout.slice(-100)).toBe(`${"99999".padStart(99, ".")}\n`);
      expect(messages.length).toBeLessThanOrEqual(200);
    },
  );

  test("a text larger than the kernel's buffer arrives whole, no character split", async () => {
    const { stdout } = await kernel.execute(
      `process.stdout.write("ä€😀".repeat(1_000_000)); void 0`,
    );
    expect(stdout === "ä€😀".repeat(1_000_000)).toBe(true);
  });

  test("a display larger than the kernel's buffer arrives whole", async () => {
    const { texts } = await kernel.execute(
      `${DISPLAY} host.display({ "text/plain": "😀".repeat(2_000_000) })`,
    );
    expect(texts[0] === "😀".repeat(2_000_000)).toBe(true);
  });

  test("is seen while the cell still computes", async () => {
    const id = kernel.send("execute_request", { code: `console.log("early"); for (;;);` });
    await kernel.message((m) => m.parent_header.msg_id === id && m.content["text"] === "early\n");
    await kernel.interrupt();
    expect((await kernel.answerOf(id)).error?.ename).toBe("Interrupted");
  });

  test("bytes of one character in two writes become the character", async () => {
    const { stdout } = await kernel.execute(
      `const bytes = Buffer.from("€"); process.stdout.write(bytes.subarray(0, 1)); process.stdout.write(bytes.subarray(1)); void 0`,
    );
    expect(stdout).toBe("€");
  });

  test("streams may be piped into, and say when a write is done", async () => {
    const { stdout } = await kernel.execute(
      `import { Readable } from "node:stream"; import { pipeline } from "node:stream/promises";
       await pipeline(Readable.from(["a", "b"]), process.stdout, { end: false });
       await new Promise<void>((done) => process.stdout.write("c", () => done()))`,
    );
    expect(stdout).toBe("abc");
  });

  test("console: table, dir, group, assert, count, trace, and no colours", async () => {
    const { stdout, stderr } = await kernel.execute(
      `console.table([{ a: 1 }]); console.dir({ b: "x" }); console.group("g"); console.log("in\\nside"); console.groupEnd(); console.log("%s is %d", "n", 5, { z: 1 }); console.count(); console.assert(false, "no")`,
    );
    expect(stdout).toContain("│ 0       │ 1 │");
    expect(stdout).toContain("{ b: 'x' }\ng\n  in\n  side\nn is 5 { z: 1 }\ndefault: 1\n");
    expect(stderr).toBe("Assertion failed: no\n");
  });
});

describe("late output", () => {
  test("of a timer belongs to the cell that set it", async () => {
    const id = kernel.send("execute_request", {
      code: `setTimeout(() => { console.log("from the timer") }, 20); console.log("at once")`,
    });
    await kernel.answerOf(id);
    await kernel.execute(
      `await new Promise((r) => setTimeout(r, 40)); console.log("of the second")`,
    );
    const late = await kernel.message((m) => m.content["text"] === "from the timer\n");
    expect(late.parent_header.msg_id).toBe(id);
  });

  test("an error of a timer is shown by its cell, with its line, and the kernel lives", async () => {
    const id = kernel.send(
      "execute_request",
      { code: `setTimeout(() => {\n  throw new Error("late trouble");\n}, 1)` },
      { metadata: { steplab: { cell: 7 } } },
    );
    const late = await kernel.message((m) => String(m.content["text"]).includes("late trouble"));
    expect(late.parent_header.msg_id).toBe(id);
    expect(late.content).toMatchObject({
      name: "stderr",
      text: expect.stringContaining("cell 7, line 2:9") as string,
    });
    expect((await kernel.execute("'alive'")).texts).toEqual(["'alive'"]);
  });

  test("a rejection that nothing handles is shown by its cell", async () => {
    const id = kernel.send("execute_request", {
      code: `const forgotten = async () => { await null; throw new Error("nobody waits") }; forgotten(); 1`,
    });
    const late = await kernel.message((m) => String(m.content["text"]).includes("nobody waits"));
    expect(late.parent_header.msg_id).toBe(id);
  });
});

describe("displays", () => {
  test("update in place, and are cleared", async () => {
    const { messages } = await kernel.execute(
      `${DISPLAY} host.display({ "text/plain": "a" }, { displayId: "bar", metadata: { "text/plain": { w: 1 } } }); host.display({ "text/plain": "b" }, { displayId: "bar", update: true }); host.clearOutput(true); console.clear()`,
    );
    expect(messages.slice(1).map((m) => [m.header.msg_type, m.content])).toEqual([
      [
        "display_data",
        {
          data: { "text/plain": "a" },
          metadata: { "text/plain": { w: 1 } },
          transient: { display_id: "bar" },
        },
      ],
      [
        "update_display_data",
        { data: { "text/plain": "b" }, metadata: {}, transient: { display_id: "bar" } },
      ],
      ["clear_output", { wait: true }],
      ["clear_output", { wait: false }],
    ]);
  });
});
