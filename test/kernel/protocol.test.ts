import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Dealer, Subscriber } from "zeromq";
import { endpointOf } from "../../core/wire/connection-file.ts";
import { decodeFrames, encodeMessage } from "../../core/wire/frames.ts";
import { newMessage, type Message } from "../../core/wire/message.ts";
import { KernelClient } from "../rig/kernel-client.ts";

let kernel: KernelClient;

beforeAll(async () => {
  kernel = await KernelClient.start();
});

afterAll(async () => {
  await kernel[Symbol.asyncDispose]();
});

describe("kernel_info", () => {
  test("says protocol 5.5 and a language that JupyterLab highlights", async () => {
    const { reply } = await kernel.request("kernel_info_request");
    expect(reply.content).toMatchObject({
      status: "ok",
      protocol_version: "5.5",
      implementation: "steplab",
      language_info: {
        name: "typescript",
        mimetype: "text/typescript",
        file_extension: ".ts",
        codemirror_mode: "typescript",
      },
    });
  });

  test("is answered while a cell computes", async () => {
    const id = kernel.send("execute_request", { code: `console.log("go"); for (;;);` });
    await kernel.message((m) => m.parent_header.msg_id === id && m.content["text"] === "go\n");
    const { reply } = await kernel.request("kernel_info_request", {}, "control");
    expect(reply.content["status"]).toBe("ok");
    await kernel.interrupt();
    await kernel.answerOf(id);
  });
});

test("every new subscriber is welcomed, and the heartbeat answers", async () => {
  const welcome = kernel.published.find((m) => m.header.msg_type === "iopub_welcome");
  expect(welcome?.content).toEqual({ subscription: "" });
  expect(await kernel.beat("ping")).toBe("ping");
});

test.each(["", "kernel"])(
  "a subscriber that comes later, to the topic %j, is welcomed too, and is told what it subscribed to",
  async (topic) => {
    const late = new Subscriber({ linger: 0 });
    late.subscribe(topic);
    late.connect(endpointOf(kernel.connection, "iopub"));
    const { message } = decodeFrames(await late.receive(), kernel.connection.key);
    late.close();
    expect([message.header.msg_type, message.content]).toEqual([
      "iopub_welcome",
      { subscription: topic },
    ]);
    expect(message.parent_header).toEqual({});
  },
);

test("two front ends: each has its own replies, and both see what happens", async () => {
  const other = new Dealer({ linger: 0, routingId: "other" });
  other.connect(endpointOf(kernel.connection, "shell"));
  const asked = newMessage("execute_request", "other session", { code: "'theirs'" });
  await other.send(encodeMessage(asked, kernel.connection.key));
  const { message } = decodeFrames(await other.receive(), kernel.connection.key);
  other.close();
  expect(message.parent_header).toMatchObject({
    msg_id: asked.header.msg_id,
    session: "other session",
  });
  const shown = await kernel.message(
    (m) => m.parent_header.msg_id === asked.header.msg_id && m.header.msg_type === "execute_result",
  );
  expect(shown.content["data"]).toEqual({ "text/plain": "'theirs'" });
  expect((await kernel.execute("'ours'")).texts).toEqual(["'ours'"]);
});

describe("what the protocol leaves to a kernel", () => {
  test("is named in supported_features: there is a debugger, and there are no subshells", async () => {
    const { reply } = await kernel.request("kernel_info_request");
    expect(reply.content).toMatchObject({ supported_features: ["debugger"], debugger: true });
  });

  test.each(["create_subshell_request", "no_such_request"])(
    "%s is passed over: busy, idle, no reply, and the kernel goes on",
    async (type) => {
      const id = kernel.send(type, {}, { channel: "control" });
      const isIts = (m: Message): boolean => m.parent_header.msg_id === id;
      await kernel.message((m) => isIts(m) && m.content["execution_state"] === "idle");
      const states = kernel.published.filter(isIts).map((m) => m.content["execution_state"]);
      expect(states).toEqual(["busy", "idle"]);
      // Same socket: an answer to the first would have come before this one.
      await kernel.request("kernel_info_request", {}, "control");
      expect(kernel.repliesTo(id)).toEqual([]);
      expect((await kernel.execute("'alive'")).texts).toEqual(["'alive'"]);
    },
  );
});

test("a message with a wrong signature is refused without an answer", async () => {
  const intruder = new Dealer({ linger: 0 });
  intruder.connect(endpointOf(kernel.connection, "shell"));
  const forged = newMessage("execute_request", "x", { code: "console.log('forged')" });
  await intruder.send(encodeMessage(forged, "another key"));
  await intruder.send(["no delimiter"]);
  await kernel.until(
    () => kernel.log.includes("not fit the key") && kernel.log.includes("delimiter"),
  );
  expect((await kernel.execute("'alive'")).texts).toEqual(["'alive'"]);
  expect(kernel.published.some((m) => m.parent_header.msg_id === forged.header.msg_id)).toBe(false);
  intruder.close();
});

describe("execute_request", () => {
  test("counts executions; silent ones and those without history do not count and are not shown", async () => {
    const first = await kernel.execute("1");
    const count = Number(first.reply.content["execution_count"]);
    const silent = await kernel.execute("console.log('heard'); 2", { silent: true });
    expect([silent.texts, silent.stdout, silent.reply.content["execution_count"]]).toEqual([
      [],
      "heard\n",
      count,
    ]);
    expect(silent.messages.map((m) => m.header.msg_type)).toEqual(["stream"]);
    await kernel.execute("3", { store_history: false });
    const next = await kernel.execute("4");
    expect(next.reply.content["execution_count"]).toBe(count + 1);
    const input = next.messages.find((m) => m.header.msg_type === "execute_input");
    expect(input?.content).toEqual({ code: "4", execution_count: count + 1 });
    const result = next.messages.find((m) => m.header.msg_type === "execute_result");
    expect(result?.content).toEqual({
      execution_count: count + 1,
      data: { "text/plain": "4" },
      metadata: {},
    });
  });

  test("an error in a silent cell is in the reply alone", async () => {
    const { reply, error } = await kernel.execute("throw new Error('quiet')", { silent: true });
    expect(error).toBeNull();
    expect(reply.content).toMatchObject({ status: "error", ename: "Error", evalue: "quiet" });
  });

  test("user_expressions are answered one by one", async () => {
    const { reply } = await kernel.execute("const ue = 5", {
      user_expressions: { good: "ue * 2", bad: "nope" },
    });
    expect(reply.content["user_expressions"]).toMatchObject({
      good: { status: "ok", data: { "text/plain": "10" }, metadata: {} },
      bad: { status: "error", ename: "ReferenceError" },
    });
    expect(reply.content["payload"]).toEqual([]);
  });

  test("user_expressions of a silent cell are answered too, those of a failing one are not evaluated", async () => {
    const silent = await kernel.execute("", { silent: true, user_expressions: { n: "2 + 3" } });
    expect(silent.reply.content["user_expressions"]).toMatchObject({
      n: { status: "ok", data: { "text/plain": "5" } },
    });
    const failing = await kernel.execute("globalThis.asked = 0; throw new Error('x')", {
      user_expressions: { n: "globalThis.asked++" },
    });
    expect(failing.reply.content["user_expressions"]).toEqual({});
    expect((await kernel.execute("globalThis.asked")).texts).toEqual(["0"]);
  });

  test("a silent cell with store_history is in no history, nor is one without", async () => {
    await kernel.execute("'seen'");
    await kernel.execute("'silent'", { silent: true, store_history: true });
    await kernel.execute("'not stored'", { store_history: false });
    const { reply } = await kernel.request("history_request", { hist_access_type: "tail", n: 1 });
    expect(reply.content["history"]).toMatchObject([[1, expect.any(Number), "'seen'"]]);
  });

  test("a cell without any of the optional fields is as one with their defaults", async () => {
    const { reply, messages } = await kernel.execute("let optional = 1; optional");
    expect(messages.map((m) => m.header.msg_type)).toEqual(["execute_input", "execute_result"]);
    expect(reply.content).toMatchObject({ status: "ok", user_expressions: {}, payload: [] });
  });

  test.each([
    [true, ["error", "aborted", "aborted"], ["", "", ""]],
    [false, ["error", "ok", "ok"], ["", "a\n", "b\n"]],
  ])(
    "with stop_on_error %s, the cells sent behind a failing one are %j",
    async (stop_on_error, statuses, printed) => {
      const codes = [
        `prompt("now?"); throw new Error("x")`,
        "console.log('a')",
        "console.log('b')",
      ];
      const ids = codes.map((code) =>
        kernel.send("execute_request", { code, stop_on_error, allow_stdin: true }),
      );
      // Same socket: once this is answered, the kernel has all three. Then the first may fail.
      await kernel.request("kernel_info_request");
      await kernel.inputRequest();
      kernel.send("input_reply", { value: "" }, { channel: "stdin" });
      const answers = await Promise.all(ids.map((id) => kernel.answerOf(id)));
      expect(answers.map((a) => a.reply.content["status"])).toEqual(statuses);
      expect(answers.map((a) => a.stdout)).toEqual(printed);
      // A cell that never ran has no number: front ends would show one beside it.
      const isNumbered = (a: (typeof answers)[number]): boolean =>
        "execution_count" in a.reply.content;
      expect(answers.map(isNumbered)).toEqual(statuses.map((status) => status !== "aborted"));
    },
  );

  test("a cell sent after the error was told is not aborted", async () => {
    await kernel.execute("throw new Error('x')");
    expect((await kernel.execute("'next'")).texts).toEqual(["'next'"]);
  });
});

describe("stdin", () => {
  test("prompt asks the client and returns the answer; a password is marked", async () => {
    const id = kernel.send("execute_request", {
      code: `prompt("Name? ") + globalThis[Symbol.for("steplab.host/1")].prompt("PIN? ", { password: true })`,
      allow_stdin: true,
    });
    const question = await kernel.inputRequest();
    expect(question.content).toEqual({ prompt: "Name? ", password: false });
    expect(question.parent_header.msg_id).toBe(id);
    kernel.send("input_reply", { value: "Ada €" }, { channel: "stdin" });
    expect((await kernel.inputRequest()).content).toEqual({ prompt: "PIN? ", password: true });
    kernel.send("input_reply", { value: "1234" }, { channel: "stdin" });
    expect((await kernel.answerOf(id)).texts).toEqual(["'Ada €1234'"]);
  });

  test("where nobody can answer, prompt is an error with a remedy", async () => {
    const { error } = await kernel.execute(`prompt("Name?")`, { allow_stdin: false });
    expect(error?.ename).toBe("StepLabError");
    expect(error?.traceback.join("\n")).toContain("Hint: Make the answer a parameter");
  });
});

describe("comms", () => {
  test("steplab.ping sends back data and buffers, also while a cell computes", async () => {
    const id = kernel.send("execute_request", { code: `console.log("go"); for (;;);` });
    await kernel.message((m) => m.parent_header.msg_id === id && m.content["text"] === "go\n");
    const bytes = new Uint8Array([0, 1, 254, 255]);
    kernel.send("comm_open", { comm_id: "p1", target_name: "steplab.ping", data: {} });
    const sent = kernel.send(
      "comm_msg",
      { comm_id: "p1", data: { n: 1 } },
      { buffers: [bytes, new Uint8Array(0)] },
    );
    const echo = await kernel.message(
      (m) => m.parent_header.msg_id === sent && m.header.msg_type === "comm_msg",
    );
    expect(echo.content).toEqual({ comm_id: "p1", data: { n: 1 } });
    expect(echo.buffers.map((b) => [...b])).toEqual([[0, 1, 254, 255], []]);
    await kernel.interrupt();
    await kernel.answerOf(id);
  });

  test("an unknown target is closed; comm_info lists the open ones", async () => {
    const sent = kernel.send("comm_open", { comm_id: "u1", target_name: "no.such", data: {} });
    const closed = await kernel.message(
      (m) => m.parent_header.msg_id === sent && m.header.msg_type === "comm_close",
    );
    expect(closed.content).toEqual({ comm_id: "u1", data: {} });
    kernel.send("comm_open", { comm_id: "p2", target_name: "steplab.ping", data: {} });
    const all = await kernel.request("comm_info_request");
    expect(all.reply.content["comms"]).toMatchObject({ p2: { target_name: "steplab.ping" } });
    kernel.send("comm_close", { comm_id: "p2", data: {} });
    const after = await kernel.request("comm_info_request", { target_name: "steplab.ping" });
    expect(after.reply.content["comms"]).not.toHaveProperty("p2");
    expect(after.reply.content["comms"]).not.toHaveProperty("u1");
  });
});

describe("history", () => {
  test("tail, range, search, with and without outputs", async () => {
    await using fresh = await KernelClient.start();
    for (const code of ["1 + 1", "const q = 3", "q", "1 + 1"]) await fresh.execute(code);
    const ask = async (content: Record<string, unknown>): Promise<unknown> =>
      (await fresh.request("history_request", content)).reply.content["history"];
    expect(await ask({ hist_access_type: "tail", n: 2 })).toEqual([
      [1, 3, "q"],
      [1, 4, "1 + 1"],
    ]);
    expect(
      await ask({ hist_access_type: "range", session: 0, start: 1, stop: 3, output: true }),
    ).toEqual([
      [1, 1, ["1 + 1", "2"]],
      [1, 2, ["const q = 3", null]],
    ]);
    expect(await ask({ hist_access_type: "search", pattern: "1?+*", unique: true, n: 5 })).toEqual([
      [1, 4, "1 + 1"],
    ]);
  });
});

describe("is_complete", () => {
  test.each([
    ["1+1", "complete"],
    ["const a: number = 1;", "complete"],
    ["await fetch('x')", "complete"],
    ["", "complete"],
    ["function f() {", "incomplete"],
    ["const x = [", "incomplete"],
    ["`template", "incomplete"],
    ["/* comment", "incomplete"],
    ["a +", "incomplete"],
    ["if (x) {\n  y", "incomplete"],
    ["`a ${b}", "incomplete"],
    ["f(`a ${", "incomplete"],
    ["'a\\", "incomplete"],
    ["try {}", "incomplete"],
    ["const f = (a: { b: string", "incomplete"],
    ["{ a: 1, b: 2 }", "complete"],
    ["// {", "complete"],
    ["/regex", "invalid"],
    ["const = 4;", "invalid"],
    ["let 1a = 2", "invalid"],
    ["'open string", "invalid"],
    ["}", "invalid"],
  ])("%j is %s", async (code, status) => {
    const { reply } = await kernel.request("is_complete_request", { code });
    expect(reply.content["status"]).toBe(status);
  });

  test("an opening bracket asks for a deeper indent", async () => {
    const { reply } = await kernel.request("is_complete_request", {
      code: "if (a) {\n  for (;;) {",
    });
    expect(reply.content).toEqual({ status: "incomplete", indent: "    " });
  });
});

describe("completion and inspection", () => {
  test("know globals, the cells' names and properties, and run no getter", async () => {
    await kernel.execute(
      "let touched = false; const table = { price: 1, deep: { inner: 2 }, get trap() { touched = true; return {} } }",
    );
    const complete = async (code: string): Promise<unknown> =>
      (await kernel.request("complete_request", { code, cursor_pos: Array.from(code).length }))
        .reply.content;
    expect(await complete("JSON.str")).toMatchObject({
      matches: ["stringify"],
      cursor_start: 5,
      cursor_end: 8,
    });
    expect(await complete("tabl")).toMatchObject({ matches: ["table"], cursor_start: 0 });
    expect(await complete("'😀' + table.deep.in")).toMatchObject({
      matches: ["inner"],
      cursor_start: 17,
    });
    expect(await complete("table.trap.x")).toMatchObject({ matches: [] });
    expect((await kernel.execute("touched")).texts).toEqual(["false"]);
    const inspect = async (code: string, cursor_pos: number): Promise<unknown> =>
      (await kernel.request("inspect_request", { code, cursor_pos, detail_level: 0 })).reply
        .content;
    expect(await inspect("JSON.stringify", 8)).toMatchObject({ status: "ok", found: true });
    expect(await inspect("table.deep", 8)).toMatchObject({
      data: { "text/plain": "(property) deep: { inner: number; }\n\nObject\n{ inner: 2 }" },
    });
    expect(await inspect("nothing_like_it", 3)).toMatchObject({ status: "ok", found: false });
  });
});
