/** The kernels that are measured beside each other, and the same work in their languages. */
import { stripVTControlCharacters } from "node:util";
import { KernelClient } from "../test/rig/kernel-client.ts";

export interface MeasuredKernel {
  name: string;
  start(options?: { silenceMs: number }): Promise<KernelClient>;
  /** As its kernelspec asks: by message or by signal. */
  interrupt(kernel: KernelClient): void;
  code: {
    sum: string;
    print: string;
    /** Leaves something behind that must still be there after an interrupt. */
    keep: string;
    kept: string;
    /** Prints "go", then goes on for ever; the first is an endless loop in every language. */
    loops: readonly string[];
    /** 100,000 prints of 100 bytes each. */
    flood: string;
  };
}

export const TYPESCRIPT: MeasuredKernel["code"] = {
  sum: "1 + 1",
  print: "const x = 1; console.log(x)",
  keep: "const before = 41",
  kept: "before + 1",
  loops: [`console.log("go"); while (true) {}`],
  flood: `for (let i = 0; i < 100_000; i++) console.log(String(i).padStart(99, "."))`,
};

export const PYTHON: MeasuredKernel["code"] = {
  sum: "1 + 1",
  print: "x = 1; print(x)",
  keep: "before = 41",
  kept: "before + 1",
  loops: [`print("go", flush=True)\nwhile True: pass`],
  flood: `for i in range(100_000): print(str(i).rjust(99, "."))`,
};

export const steplabKernel: MeasuredKernel = {
  name: "steplab",
  start: (options) => KernelClient.start(options),
  interrupt: (kernel) => void kernel.send("interrupt_request", {}, { channel: "control" }),
  code: {
    ...TYPESCRIPT,
    loops: [
      ...TYPESCRIPT.loops,
      `console.log("go"); await null; while (true) { try { while (true) {} } catch {} }`,
      `console.log("go"); await new Promise(() => {})`,
      `setTimeout(() => { console.log("go"); while (true) {} }, 1); await new Promise(() => {})`,
      `console.log("go"); /(a+)+b/.test("a".repeat(40))`,
    ],
  },
};

/** What a person sees of it: no colours, no space around. */
export const seen = (text: string): string => stripVTControlCharacters(text).trim();
