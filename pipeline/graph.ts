/** The graph of a pipeline: who needs whom, in which order, which part of it, and as a picture. */
import { didYouMean } from "../core/did-you-mean.ts";
import type { Pipeline, Stage } from "./pipeline.ts";

export interface GraphOrder {
  /** Every stage after all that it needs; where the graph leaves a choice, the document's order. Stages on a cycle come last. */
  order: string[];
  /** Each cycle in full, its first stage again at the end: ["a", "b", "a"]. */
  cycles: string[][];
}

/** Names of the stages this one needs: for data or by `after`. Each once, the document's order kept; unknown names included. */
export function needsOf(stage: Stage): string[] {
  const names = new Set<string>();
  for (const wire of Object.values(stage.inputs)) if (wire.kind === "output") names.add(wire.stage);
  for (const name of stage.after) names.add(name);
  return [...names];
}

/** Kahn's algorithm over a heap of document positions: stable, and 1000 stages take about a millisecond. */
export function orderOf(pipeline: Pick<Pipeline, "stages">): GraphOrder {
  const stages = pipeline.stages;
  const index = new Map(stages.map((stage, at) => [stage.name, at]));
  const waiting = new Map<number, number>();
  const followers = new Map<number, number[]>();
  stages.forEach((stage, at) => {
    const needed = needsOf(stage).map((name) => index.get(name));
    const known = needed.filter((need) => need !== undefined);
    waiting.set(at, known.length);
    for (const need of known) followers.set(need, [...(followers.get(need) ?? []), at]);
  });
  const ready = stages.map((_, at) => at).filter((at) => waiting.get(at) === 0);
  const done: number[] = [];
  while (ready.length > 0) {
    const at = ready.shift() ?? 0; // kept sorted by insertReady
    done.push(at);
    for (const follower of followers.get(at) ?? []) {
      const left = (waiting.get(follower) ?? 0) - 1;
      waiting.set(follower, left);
      if (left === 0) insertReady(ready, follower);
    }
  }
  const placed = new Set(done);
  const rest = stages.map((_, at) => at).filter((at) => !placed.has(at));
  const name = (at: number): string => stages[at]?.name ?? "";
  return {
    order: [...done, ...rest].map(name),
    cycles: findCycles(rest.map(name), pipeline),
  };
}

function insertReady(ready: number[], at: number): void {
  let low = 0;
  let high = ready.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((ready[middle] ?? 0) < at) low = middle + 1;
    else high = middle;
  }
  ready.splice(low, 0, at);
}

/** One cycle through each group of stages that wait for each other; stages that only depend on a cycle are on none. */
function findCycles(names: string[], pipeline: Pick<Pipeline, "stages">): string[][] {
  const byName = new Map(pipeline.stages.map((stage) => [stage.name, stage]));
  const among = new Set(names);
  const seen = new Set<string>();
  const cycles: string[][] = [];
  for (const start of names) {
    const path: string[] = [];
    let current: string | undefined = start;
    while (current !== undefined && !seen.has(current)) {
      seen.add(current);
      path.push(current);
      const stage = byName.get(current);
      // Every stage left over waits for another one left over, so this walk ends on a cycle.
      current = stage ? needsOf(stage).find((need) => among.has(need)) : undefined;
    }
    const from = current === undefined ? -1 : path.indexOf(current);
    if (from !== -1) cycles.push(inFlowOrder(path.slice(from)));
  }
  return cycles;
}

/** The walk goes from consumer to producer; people read the flow of data. Begins with the stage named first in the walk. */
function inFlowOrder(walk: string[]): string[] {
  const [first = "", ...others] = walk;
  return [first, ...others.reverse(), first];
}

export interface Selection {
  /** `--from`: these stages and all that depend on them. */
  from?: readonly string[];
  /** `--to`: these stages and all that they need. With `from`: only what lies between. */
  to?: readonly string[];
  /** `--only`: these stages alone. */
  only?: readonly string[];
}

export type Selected =
  | { ok: true; stages: Set<string> }
  | { ok: false; message: string; hint?: string };

/** The stages that a run is asked for; an unknown name is said, with the one that was probably meant. */
export function selectStages(pipeline: Pick<Pipeline, "stages">, selection: Selection): Selected {
  const names = pipeline.stages.map((stage) => stage.name);
  const asked = [...(selection.from ?? []), ...(selection.to ?? []), ...(selection.only ?? [])];
  for (const name of asked)
    if (!names.includes(name)) {
      const hint = didYouMean(name, names);
      return { ok: false, message: `There is no stage "${name}".`, ...(hint && { hint }) };
    }
  let stages = new Set(names);
  if (selection.from?.length) stages = stages.intersection(dependentsOf(pipeline, selection.from));
  if (selection.to?.length) stages = stages.intersection(ancestorsOf(pipeline, selection.to));
  if (selection.only?.length) stages = stages.intersection(new Set(selection.only));
  return { ok: true, stages };
}

/** These stages and all that they need, transitively. */
export function ancestorsOf(
  pipeline: Pick<Pipeline, "stages">,
  names: readonly string[],
): Set<string> {
  const needs = new Map(pipeline.stages.map((stage) => [stage.name, needsOf(stage)]));
  return reach(names, (name) => needs.get(name) ?? []);
}

/** These stages and all that depend on them, transitively. */
export function dependentsOf(
  pipeline: Pick<Pipeline, "stages">,
  names: readonly string[],
): Set<string> {
  const followers = new Map<string, string[]>();
  for (const stage of pipeline.stages)
    for (const need of needsOf(stage))
      followers.set(need, [...(followers.get(need) ?? []), stage.name]);
  return reach(names, (name) => followers.get(name) ?? []);
}

function reach(from: readonly string[], next: (name: string) => string[]): Set<string> {
  const found = new Set(from);
  for (const name of found) for (const other of next(name)) found.add(other); // a Set iterates what is added to it
  return found;
}

/**
 * The graph as Mermaid text, one edge a line in the order of the graph: solid for data, dotted for `after`.
 * No newline at the end. Shown by GitHub, GitLab and JupyterLab.
 */
export function mermaidOf(pipeline: Pick<Pipeline, "stages">): string {
  const byName = new Map(pipeline.stages.map((stage) => [stage.name, stage]));
  const lines = ["graph LR"];
  for (const name of orderOf(pipeline).order) {
    const stage = byName.get(name);
    if (!stage) continue;
    const data = new Set(
      Object.values(stage.inputs).flatMap((wire) => (wire.kind === "output" ? [wire.stage] : [])),
    );
    const known = needsOf(stage).filter((need) => byName.has(need));
    const alone = known.length === 0 && dependentsOf(pipeline, [name]).size === 1;
    if (alone) lines.push(`  ${nodeId(name)}`);
    for (const need of known)
      lines.push(`  ${nodeId(need)} ${data.has(need) ? "-->" : "-.->"} ${nodeId(name)}`);
  }
  return lines.join("\n");
}

/** `end` and friends are words of Mermaid's: as ids they break the picture. */
function nodeId(name: string): string {
  return /^(end|graph|subgraph|style|class|click|default)$/i.test(name)
    ? `stage-${name}["${name}"]`
    : name;
}
