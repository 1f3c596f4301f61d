/** The Debug Adapter Protocol over the control channel, as JupyterLab speaks it. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { murmur2 } from "../../kernel/debug/murmur2.ts";
import type { Content, Message } from "../../core/wire/message.ts";
import { KernelClient } from "../rig/kernel-client.ts";
import { makeProject, type Project } from "../rig/project.ts";

let project: Project;
let kernel: KernelClient;
/** Events that the test has waited for. */
let seen: number;

beforeEach(async () => {
  project = await makeProject({ "PIPELINE.md": "", "notebooks/twice.ts": MODULE });
  kernel = await KernelClient.start({ folder: project.path("notebooks") });
  seen = 0;
});

afterEach(async () => {
  await kernel[Symbol.asyncDispose]();
  await project[Symbol.asyncDispose]();
});

const MODULE = `export interface Numbers { n: number }

export function twice(of: Numbers): number {
  const result = of.n * 2;
  return result;
}
`;

interface Reply {
  success: boolean;
  message?: string;
  body: Content;
}

async function ask(command: string, given: Content = {}): Promise<Reply> {
  const request = { type: "request", seq: 1, command, arguments: given };
  const { reply } = await kernel.request("debug_request", request, "control");
  expect(reply.header.msg_type).toBe("debug_reply");
  expect(reply.content).toMatchObject({ type: "response", request_seq: 1, command });
  return reply.content as unknown as Reply;
}

/** The next event of that kind. */
async function event(name: string): Promise<Content> {
  const fits = (message: Message, index: number): boolean =>
    index >= seen && message.header.msg_type === "debug_event" && message.content["event"] === name;
  await kernel.until(() => kernel.published.some(fits));
  seen = kernel.published.findIndex(fits) + 1;
  return kernel.published[seen - 1]!.content["body"] as Content;
}

/** As JupyterLab begins. */
async function start(): Promise<void> {
  await ask("debugInfo");
  await ask("initialize", { clientID: "jupyterlab" });
  await ask("attach");
}

/** Breakpoints in a cell, before or after it ran. */
async function stopAt(code: string, ...lines: number[]): Promise<{ path: string; at: unknown[] }> {
  const path = (await ask("dumpCell", { code })).body["sourcePath"] as string;
  const { body } = await ask("setBreakpoints", {
    source: { path },
    breakpoints: lines.map((line) => ({ line })),
  });
  await ask("configurationDone");
  return { path, at: (body["breakpoints"] as { line: number }[]).map(({ line }) => line) };
}

async function frames(): Promise<
  { id: number; name: string; line: number; source: { path: string } }[]
> {
  return (await ask("stackTrace", { threadId: 1 })).body["stackFrames"] as never; // as the protocol has it
}

async function scope(name: string, frameId = 1): Promise<Record<string, string>> {
  const scopes = (await ask("scopes", { frameId })).body["scopes"] as {
    name: string;
    variablesReference: number;
  }[];
  const reference = scopes.find((each) => each.name === name)?.variablesReference ?? 0;
  const { body } = await ask("variables", { variablesReference: reference });
  return Object.fromEntries(
    (body["variables"] as { name: string; value: string }[]).map(({ name: each, value }) => [
      each,
      value,
    ]),
  );
}

const CODE = `interface Sum { of: number[] }

const sum = ({ of }: Sum): number => {
  let total = 0;
  for (const each of of) {
    total += each;
  }
  return total;
};

const all = sum({ of: [1, 2] });
await Promise.resolve(all);
const text: string = \`all: \${all}\`;
text`;

test("a cell is known by its code, as the front end knows it", async () => {
  const { body } = await ask("debugInfo");
  expect(body).toMatchObject({
    isStarted: false,
    hashMethod: "Murmur2",
    breakpoints: [],
    stoppedThreads: [],
  });
  const { path } = await stopAt(CODE, 4);
  const { tmpFilePrefix: prefix, tmpFileSuffix: suffix, hashSeed: seed } = body;
  expect(path).toBe(`${String(prefix)}${murmur2(CODE, seed as number)}${String(suffix)}`);
  // Of JupyterLab's own implementation, with ipykernel's seed.
  expect(murmur2("print('hé')", 0xc70f6907)).toBe(3031500587);
});

test("a cell stops before the line, shows what it has, is stepped through, and goes on to its result", async () => {
  await start();
  const { path, at } = await stopAt(CODE, 6);
  expect(at).toEqual([6]);
  const id = kernel.send("execute_request", { code: CODE });
  expect(await event("stopped")).toMatchObject({ reason: "breakpoint", threadId: 1 });
  expect(await frames()).toMatchObject([
    { id: 1, name: "sum", line: 6, source: { path } },
    { id: 2, line: 11, source: { path } },
  ]);
  expect(await scope("Local")).toEqual({ each: "1", total: "0", of: "Array(2) [1, 2]" });
  expect(
    (await ask("evaluate", { expression: "(total as number) + each", frameId: 1 })).body,
  ).toMatchObject({ result: "1" });
  expect((await ask("evaluate", { expression: "nobody", frameId: 1 })).message).toContain(
    "nobody is not defined",
  );
  // The rest of the kernel answers.
  expect((await kernel.request("kernel_info_request", {}, "control")).reply.content["status"]).toBe(
    "ok",
  );
  await ask("continue");
  await event("continued");
  await event("stopped");
  expect(await scope("Local")).toMatchObject({ total: "1" });
  await ask("setBreakpoints", { source: { path }, breakpoints: [] });
  await ask("stepOut");
  await event("stopped");
  expect((await frames())[0]).toMatchObject({ line: 12 });
  for (const line of [13, 14]) {
    await ask("next");
    expect(await event("stopped")).toMatchObject({ reason: "step" });
    expect((await frames())[0]).toMatchObject({ line });
  }
  expect(await scope("Notebook")).toMatchObject({ all: "3", text: '"all: 3"' });
  await ask("next");
  const { texts } = await kernel.answerOf(id);
  expect(texts).toEqual(["'all: 3'"]);
  // The step out of the last line goes nowhere: the next cell runs through.
  expect((await kernel.execute("1 + 1")).texts).toEqual(["2"]);
});

test("a breakpoint is set in a cell that ran already, and holds for what it declared", async () => {
  const code = "function half(n: number): number {\n  const part = n / 2;\n  return part;\n}";
  await kernel.execute(code);
  await start();
  const { path } = await stopAt(code, 3);
  const id = kernel.send("execute_request", { code: "half(8)" });
  await event("stopped");
  expect((await frames()).map(({ line, source }) => [line, source.path === path])).toEqual([
    [3, true],
    [1, false],
  ]);
  expect(await scope("Local")).toMatchObject({ n: "8", part: "4" });
  expect((await ask("debugInfo")).body).toMatchObject({
    isStarted: true,
    stoppedThreads: [1],
    breakpoints: [{ source: path, breakpoints: [{ line: 3 }] }],
  });
  await ask("disconnect");
  expect((await kernel.answerOf(id)).texts).toEqual(["4"]);
  expect((await kernel.execute("half(6)")).texts).toEqual(["3"]);
});

test("a module of the project stops too, in its own lines", async () => {
  await start();
  const path = project.path("notebooks/twice.ts");
  const { body } = await ask("setBreakpoints", { source: { path }, breakpoints: [{ line: 4 }] });
  expect(body["breakpoints"]).toMatchObject([{ verified: true, line: 4 }]);
  const id = kernel.send("execute_request", {
    code: `import { twice } from "./twice.ts";\ntwice({ n: 4 })`,
  });
  await event("stopped");
  expect((await frames())[0]).toMatchObject({ name: "twice", line: 4, source: { path } });
  await ask("next");
  await event("stopped");
  expect((await frames())[0]).toMatchObject({ line: 5 });
  expect(await scope("Local")).toMatchObject({ of: "{n: 4}", result: "8" });
  expect((await ask("source", { source: { path } })).body["content"]).toBe(MODULE);
  expect((await ask("modules")).body["modules"]).toMatchObject([{ name: "twice.ts", path }]);
  await ask("continue");
  expect((await kernel.answerOf(id)).texts).toEqual(["8"]);
});

test("stops where an error is thrown, when it is asked to", async () => {
  await start();
  await ask("setExceptionBreakpoints", { filters: ["all"] });
  const id = kernel.send("execute_request", {
    code: "const before = 7;\nthrow new RangeError('too much');",
  });
  expect(await event("stopped")).toMatchObject({
    reason: "exception",
    text: "RangeError: too much",
  });
  expect((await frames())[0]).toMatchObject({ line: 2 });
  await ask("continue");
  expect((await kernel.answerOf(id)).error).toMatchObject({ ename: "RangeError" });
});

describe("values", () => {
  test("are a line each, and open into their parts", async () => {
    await start();
    await kernel.execute(
      `const row = { id: 1, name: "one", tags: ["a", "b"], none: null };
const many = Array.from({ length: 5000 }, (_, n) => n);
const byName = new Map([["one", 1], ["two", 2]]);
class Point { constructor(readonly x: number) {} }
const point = new Point(3);`,
    );
    const { body } = await ask("inspectVariables");
    const variables = body["variables"] as {
      name: string;
      value: string;
      variablesReference: number;
    }[];
    const found = (name: string): (typeof variables)[number] =>
      variables.find((each) => each.name === name)!;
    expect(found("row").value).toBe(`{id: 1, name: "one", tags: Array(2), none: null}`);
    expect(found("byName").value).toBe(`Map(2) {"one" => 1, "two" => 2}`);
    expect(found("point")).toMatchObject({ value: "Point {x: 3}" });
    const inside = async (name: string): Promise<{ name: string; value: string }[]> =>
      (await ask("variables", { variablesReference: found(name).variablesReference })).body[
        "variables"
      ] as never; // as above
    expect(await inside("row")).toMatchObject([
      { value: "1" },
      { value: '"one"' },
      { name: "tags" },
      { value: "null" },
    ]);
    expect(await inside("many")).toHaveLength(101); // a hundred, and how many there are
    expect(await inside("byName")).toMatchObject([
      { name: "one", value: "1" },
      { name: "two", value: "2" },
    ]);
    expect((await ask("richInspectVariables", { variableName: "point" })).body["data"]).toEqual({
      "text/plain": "Point {x: 3}",
    });
  });
});

test.each(["an interrupt", "the kernel's end"])(
  "%s reaches a cell that stands at a breakpoint",
  async (what) => {
    await start();
    // A second one, in a loop: what is to be ended does not stand again.
    const code = "const one = 1;\nconst two = one + 1;\nfor (;;) {\n  Math.sqrt(two);\n}";
    await stopAt(code, 2, 4);
    const id = kernel.send("execute_request", { code });
    await event("stopped");
    if (what === "an interrupt") {
      await kernel.interrupt();
      expect((await kernel.answerOf(id)).reply.content["status"]).toMatch(/^(error|ok)$/);
      expect((await kernel.execute("one")).texts).toEqual(["1"]);
    } else {
      await kernel.request("shutdown_request", { restart: false }, "control");
      expect(await kernel.exited()).toMatchObject({ code: 0 });
    }
  },
);

test("what the debugger does not know is refused, and the kernel goes on", async () => {
  await start();
  expect(await ask("restartFrame")).toMatchObject({
    success: false,
    message: expect.stringContaining("restartFrame"),
  });
  expect(await ask("variables", { variablesReference: 99 })).toMatchObject({
    body: { variables: [] },
  });
  expect((await stopAt("// nothing here\n", 1)).at).toEqual([1]);
  expect((await kernel.execute("1")).texts).toEqual(["1"]);
});
