/** Which kernels ran a run's stages, where that was not steplab's own beside the runner, and what they lost. */
import type { KernelFacts, RunRecord } from "../../lineage/record.ts";
import { paint, plural } from "./style.ts";

/** `steplab 0.1.0 on http://127.0.0.1:8888/ (files over its contents interface)`, `tslab 1.0.22` */
export function kernelPhrase({ name, version, server, files }: KernelFacts): string {
  const what = version === null ? name : `${name} ${version}`;
  if (server === undefined) return what;
  const way = files === "contents" ? "over its contents interface" : "in a shared folder";
  return `${what} on ${server} (files ${way})`;
}

/** `lost the idle of cells 3, 5`; null when nothing was. */
export function lostPhrase({ lost = [] }: KernelFacts): string | null {
  if (lost.length === 0) return null;
  const messages = ["idle", "reply"] as const;
  const each = messages.flatMap((message) => {
    const cells = lost.filter((one) => one.message === message).map(({ cell }) => cell);
    const word = cells.length === 1 ? "cell" : "cells";
    return cells.length === 0 ? [] : [`the ${message} of ${word} ${cells.join(", ")}`];
  });
  return `lost ${each.join(" and ")}`;
}

export function kernelLines(record: RunRecord): string[] {
  const stages = new Map<string, string[]>();
  const lost: string[] = [];
  for (const [name, { kernel, status }] of Object.entries(record.stages)) {
    if (kernel === undefined || status === "cached") continue;
    const phrase = kernelPhrase(kernel);
    stages.set(phrase, [...(stages.get(phrase) ?? []), name]);
    const missed = lostPhrase(kernel);
    if (missed !== null)
      lost.push(`  ${paint("yellow", "warning")}  ${name}: ${kernel.name} ${missed}`);
  }
  if (stages.size === 0) return [];
  const lines = [...stages].map(([phrase, names]) => {
    const whose = names.length <= 4 ? names.join(", ") : plural(names.length, "stage");
    return `  ${paint("dim", `${whose}: ${phrase}`)}`;
  });
  return ["", ...lines, ...lost];
}
