/** Kernels over ZeroMQ with the tests' own client, nothing of a runner in between. */
import type { Message } from "../core/wire/message.ts";
import { KernelSilent, type KernelClient } from "../test/rig/kernel-client.ts";
import { DidNotDo, median, type Contestant, type Task } from "./measure.ts";
import { seen, steplabKernel, type MeasuredKernel } from "./kernels.ts";
import type { Peers } from "./peers/index.ts";
import { peerKernels } from "./peers/kernels.ts";
import { memoryOf } from "./process.ts";

const CELLS = 100;
const WARM_UP_CELLS = 20;
const INTERRUPTS = 5;

export const kernelTasks: readonly Task[] = [
  {
    name: "kernel-start",
    rounds: 9,
    rows: [
      { figure: "ready", what: "kernel, spawn to ready", unit: "ms", bound: 150 },
      {
        figure: "memory",
        what: "kernel, resident memory when ready",
        unit: "MB",
        bound: 100,
        note: "The process and what it has started, as the operating system counts it after one cell.",
      },
    ],
    prepare: ({ peers }) => contestantsOf(peers, start),
  },
  {
    name: "kernel-cells",
    rounds: 5,
    rows: [
      { figure: "sum", what: "`1 + 1`, until reply and idle", unit: "ms", bound: 1.5 },
      {
        figure: "print",
        what: "a constant and a print, until reply and idle",
        unit: "ms",
        bound: 2,
      },
    ],
    prepare: ({ peers }) => contestantsOf(peers, cells),
  },
  {
    name: "kernel-interrupt",
    rounds: 5,
    rows: [
      {
        figure: "loop",
        what: "interrupt of an endless loop, until idle, names kept",
        unit: "ms",
        bound: 50,
      },
      { figure: "slowest", what: "  slowest of five situations", unit: "ms", bound: 50 },
    ],
    prepare: ({ peers }) => contestantsOf(peers, interrupts),
  },
  {
    name: "kernel-output",
    rounds: 5,
    rows: [
      {
        figure: "seconds",
        what: "10 MB of output in 100,000 writes, complete",
        unit: "s",
        bound: 0.8,
      },
      { figure: "messages", what: "  messages it took", unit: "messages", bound: 200 },
    ],
    prepare: ({ peers }) => contestantsOf(peers, flood),
  },
];

type Measurement = (
  kernel: MeasuredKernel,
) => Promise<{ figures: Record<string, number>; work: unknown }>;

function contestantsOf(peers: Peers | null, measurement: Measurement): Contestant[] {
  return [steplabKernel, ...peerKernels(peers)].map((kernel) => {
    let work: unknown;
    return {
      name: kernel.name,
      async measure() {
        try {
          const measured = await measurement(kernel);
          work = measured.work;
          return measured.figures;
        } catch (error) {
          if (kernel === steplabKernel || !(error instanceof KernelSilent)) throw error;
          throw new DidNotDo("a reply or an idle never came");
        }
      },
      work: () => work,
    };
  });
}

const start: Measurement = async (kind) => {
  const from = performance.now();
  await using kernel = await kind.start();
  const ready = performance.now() - from;
  await kernel.subscribed();
  const id = kernel.send("execute_request", { code: kind.code.sum });
  await kernel.answerOf(id);
  const memory = memoryOf(kernel.process.pid);
  return { figures: { ready, memory }, work: await shown(kernel, [id]) };
};

const cells: Measurement = async (kind) => {
  await using kernel = await kind.start();
  await kernel.subscribed();
  const sum = await medianCell(kernel, kind.code.sum);
  const print = await medianCell(kernel, kind.code.print);
  return { figures: { sum: sum.ms, print: print.ms }, work: [sum.shown, print.shown] };
};

async function medianCell(
  kernel: KernelClient,
  code: string,
): Promise<{ ms: number; shown: string[] }> {
  const times: number[] = [];
  const ids: string[] = [];
  for (let i = 0; i < WARM_UP_CELLS + CELLS; i++) {
    const from = performance.now();
    const id = kernel.send("execute_request", { code });
    const { reply } = await kernel.answerOf(id);
    if (i >= WARM_UP_CELLS) times.push(performance.now() - from);
    if (reply.content["status"] !== "ok") throw new Error(`did not run ${code}`);
    ids.push(id);
  }
  return { ms: median(times), shown: await shown(kernel, ids) };
}

/** What a person would see of these cells, each text once. Deno sends some results after idle: they may come a little later, not timed. */
async function shown(kernel: KernelClient, ids: readonly string[]): Promise<string[]> {
  const textOf = (id: string): string => seen(kernel.messagesOf(id).map(textIn).join(""));
  for (let waited = 0; waited < 20 && ids.some((id) => textOf(id) === ""); waited++)
    await new Promise((resolve) => setTimeout(resolve, 50));
  return [...new Set(ids.map(textOf))];
}

/** Of a stream, a result or a display: tslab prints its results, the others send them. */
function textIn({ content }: Message): string {
  const data = content["data"] as Record<string, unknown> | undefined; // of results and displays
  const text = content["text"] ?? data?.["text/plain"];
  return typeof text === "string" ? text : "";
}

const interrupts: Measurement = async (kind) => {
  await using kernel = await kind.start();
  await kernel.subscribed();
  await kernel.execute(kind.code.keep);
  const medians: number[] = [];
  for (const code of kind.code.loops) {
    const times: number[] = [];
    for (let i = 0; i < INTERRUPTS; i++) {
      const id = kernel.send("execute_request", { code });
      await kernel.message(
        (m) => m.parent_header.msg_id === id && String(m.content["text"]).includes("go"),
      );
      const from = performance.now();
      kind.interrupt(kernel);
      const { reply } = await kernel.answerOf(id).catch((error: unknown) => {
        if (kernel.process.exitCode === null && kernel.process.signalCode === null) throw error;
        throw new DidNotDo("the signal ends the kernel");
      });
      times.push(performance.now() - from);
      if (reply.content["status"] === "ok") throw new Error("ended by itself");
    }
    medians.push(median(times));
  }
  const id = kernel.send("execute_request", { code: kind.code.kept });
  const { reply } = await kernel.answerOf(id);
  if (reply.content["status"] !== "ok")
    throw new DidNotDo(`${medians[0]?.toFixed(1)} ms, but the next cell is not run`);
  const figures = {
    loop: medians[0] ?? Number.NaN,
    ...(medians.length > 1 && { slowest: Math.max(...medians) }),
  };
  return { figures, work: await shown(kernel, [id]) };
};

const flood: Measurement = async (kind) => {
  await using kernel = await kind.start();
  await kernel.subscribed();
  const from = performance.now();
  const id = kernel.send("execute_request", { code: kind.code.flood });
  const answer = await kernel.answerOf(id).catch(() => null);
  const seconds = (performance.now() - from) / 1000;
  const bytes = kernel.messagesOf(id).reduce((sum, message) => sum + textIn(message).length, 0);
  if (bytes !== 10_000_000 && kind !== steplabKernel)
    throw new DidNotDo(
      `${(bytes / 1e6).toFixed(2)} of 10 MB came${answer ? "" : ", and never an idle"}`,
    );
  return { figures: { seconds, messages: kernel.messagesOf(id).length }, work: bytes };
};
