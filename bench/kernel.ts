/** The kernel's rows of the speed table, over ZeroMQ with the tests' own client: medians. */
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { KernelClient } from "../test/rig/kernel-client.ts";

export interface BenchRow {
  what: string;
  /** What it must not exceed (issue 3, "Speed"). */
  bound: number;
  value: number;
  unit: "ms" | "s" | "MB" | "messages";
}

const STARTS = 9;
const CELLS = 100;
const WARM_UP_CELLS = 20;
const INTERRUPTS = 5;
const FLOODS = 5;

export async function benchKernel(): Promise<BenchRow[]> {
  const { startMs, rssMb } = await starts();
  await using kernel = await KernelClient.start();
  const sum = await cells(kernel, "1 + 1");
  const print = await cells(kernel, "const x = 1; console.log(x)");
  const slowest = await interrupts(kernel);
  const flood = await floods(kernel);
  return [
    { what: "kernel, spawn to ready", bound: 150, value: startMs, unit: "ms" },
    { what: "kernel, resident memory when ready", bound: 100, value: rssMb, unit: "MB" },
    { what: "`1 + 1`, reply and idle", bound: 1.5, value: sum, unit: "ms" },
    { what: "a print, reply and idle", bound: 2, value: print, unit: "ms" },
    { what: "interrupt, slowest situation", bound: 50, value: slowest, unit: "ms" },
    { what: "10 MB in 100,000 writes, complete", bound: 0.8, value: flood.seconds, unit: "s" },
    { what: "the same, messages", bound: 200, value: flood.messages, unit: "messages" },
  ];
}

async function starts(): Promise<{ startMs: number; rssMb: number }> {
  const times: number[] = [];
  const memory: number[] = [];
  for (let i = 0; i < STARTS; i++) {
    const from = performance.now();
    await using kernel = await KernelClient.start();
    times.push(performance.now() - from);
    await kernel.execute("1");
    memory.push(await residentMb(kernel));
  }
  return { startMs: median(times), rssMb: median(memory) };
}

/** As the operating system sees it, without asking the kernel to work; Linux only tells it in a file. */
async function residentMb(kernel: KernelClient): Promise<number> {
  if (process.platform === "linux") {
    const status = readFileSync(`/proc/${kernel.process.pid}/status`, "utf8");
    return (Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) * 1024) / 1e6;
  }
  const { texts } = await kernel.execute("process.memoryUsage.rss()");
  return Number(texts[0]) / 1e6;
}

async function cells(kernel: KernelClient, code: string): Promise<number> {
  const times: number[] = [];
  for (let i = 0; i < WARM_UP_CELLS + CELLS; i++) {
    const from = performance.now();
    const { reply } = await kernel.execute(code);
    if (reply.content["status"] !== "ok") throw new Error(`${code} did not run`);
    if (i >= WARM_UP_CELLS) times.push(performance.now() - from);
  }
  return median(times);
}

/** Median of each situation; of these the largest, because the bound holds for any. */
async function interrupts(kernel: KernelClient): Promise<number> {
  const situations = [
    `console.log("go"); while (true) {}`,
    `console.log("go"); await null; while (true) { try { while (true) {} } catch {} }`,
    `console.log("go"); await new Promise(() => {})`,
    `setTimeout(() => { console.log("go"); while (true) {} }, 1); await new Promise(() => {})`,
    `console.log("go"); /(a+)+b/.test("a".repeat(40))`,
  ];
  const medians: number[] = [];
  for (const code of situations) {
    const times: number[] = [];
    for (let i = 0; i < INTERRUPTS; i++) {
      const id = kernel.send("execute_request", { code });
      await kernel.message((m) => m.parent_header.msg_id === id && m.content["text"] === "go\n");
      const from = performance.now();
      kernel.send("interrupt_request", {}, { channel: "control" });
      const { error } = await kernel.answerOf(id);
      if (error?.ename !== "Interrupted") throw new Error("not interrupted");
      times.push(performance.now() - from);
    }
    medians.push(median(times));
  }
  return Math.max(...medians);
}

async function floods(kernel: KernelClient): Promise<{ seconds: number; messages: number }> {
  const times: number[] = [];
  const messages: number[] = [];
  for (let i = 0; i < FLOODS; i++) {
    const from = performance.now();
    const answer = await kernel.execute(
      `for (let i = 0; i < 100_000; i++) console.log(String(i).padStart(99, "."))`,
    );
    times.push((performance.now() - from) / 1000);
    messages.push(answer.messages.length);
    if (answer.stdout.length !== 10_000_000) throw new Error("output is missing");
  }
  return { seconds: median(times), messages: Math.max(...messages) };
}

function median(values: number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  for (const { what, bound, value, unit } of await benchKernel())
    console.log(`${what.padEnd(40)} ${value.toFixed(2).padStart(9)} ${unit} (bound ${bound})`);
  process.exit();
}
