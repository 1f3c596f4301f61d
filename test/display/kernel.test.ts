/** Display through a real kernel: what a front end is sent, and in which order. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Message } from "../../core/wire/message.ts";
import { KernelClient } from "../rig/kernel-client.ts";

const ROOT = resolve(import.meta.dirname, "..", "..");

let kernel: KernelClient;
let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "steplab-display-"));
  kernel = await KernelClient.start({ folder });
  const stage = JSON.stringify(join(ROOT, "stage", "display", "index.ts"));
  const notes = JSON.stringify(join(ROOT, "stage", "notes", "index.ts"));
  const answer = await kernel.execute(
    `import { display, plot, progress } from ${stage};\nimport { finding } from ${notes};\nconst rows = [{ price: 1, kind: "a" }, { price: 2, kind: "b" }];`,
  );
  expect(answer.error).toBeNull();
});
afterAll(async () => {
  await kernel[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

const kinds = (messages: Message[]): string[] =>
  messages.map((message) => message.header.msg_type).filter((type) => type !== "execute_input");
const dataOf = (message: Message | undefined): Record<string, unknown> =>
  (message?.content["data"] ?? {}) as Record<string, unknown>; // the protocol's shape

test("a chart as a cell's last value is one result with its picture, for every kind of front end", async () => {
  const { messages } = await kernel.execute(`plot(rows, { mark: "bar", x: "kind" })`);
  expect(kinds(messages)).toEqual(["execute_result"]);
  expect(Object.keys(dataOf(messages.at(-1))).sort()).toEqual([
    "application/vnd.vegalite.v5+json",
    "image/svg+xml",
    "text/plain",
  ]);
});

test("a displayed chart keeps its place before what is printed after it, and is whole before idle", async () => {
  const { messages } = await kernel.execute(
    `display(plot(rows, { mark: "bar", x: "price" }));\nconsole.log("after");`,
  );
  const [shown, printed, updated] = messages.filter(
    ({ header }) => header.msg_type !== "execute_input",
  );
  expect(kinds(messages)).toEqual(["display_data", "stream", "update_display_data"]);
  expect(printed?.content["text"]).toBe("after\n");
  expect(updated?.content["transient"]).toEqual(shown?.content["transient"]);
  expect(dataOf(updated)["image/svg+xml"]).toMatch(/^<svg/);
});

test("rows are shown as a table, and a handle as nothing more", async () => {
  const table = await kernel.execute("rows");
  expect(kinds(table.messages)).toEqual(["execute_result"]);
  expect(dataOf(table.messages.at(-1))["text/html"]).toContain("<table>");
  expect(kinds((await kernel.execute(`display("x")`)).messages)).toEqual(["display_data"]);
  expect(kinds((await kernel.execute(`finding("seen")`)).messages)).toEqual(["display_data"]);
});

test("a bar is updated in place and ends where the loop ended", async () => {
  const { messages } = await kernel.execute(
    `for (const n of progress(Array.from({ length: 100_000 }, (_, i) => i), "loop")) void n;`,
  );
  const updates = messages.filter(({ header }) => header.msg_type === "update_display_data");
  expect(kinds(messages)[0]).toBe("display_data");
  expect(updates.length).toBeLessThan(50);
  expect(dataOf(updates.at(-1))["text/plain"]).toContain("100,000/100,000");
});
