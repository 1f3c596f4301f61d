/** What a collection frees, or would. */
import { UNUSED_DAYS, type GcPlan } from "../../lineage/gc/plan.ts";
import type { GcOutput } from "../schemas/gc.ts";
import { bytes, columns, paint, plural } from "./style.ts";

const RUNS_LISTED = 10;

export function gcFacts(plan: GcPlan, freed: boolean): GcOutput {
  const { running, drop, kept, keys, recent, needed } = plan;
  return {
    steplab: 1,
    freed,
    running,
    runs: drop,
    kept,
    objects: totalOf(plan.objects),
    keys: keys.length,
    leftovers: totalOf(plan.leftovers),
    unused: totalOf(plan.unused),
    recent,
    needed,
    bytes: bytesOf(drop) + bytesOf(plan.objects) + bytesOf(plan.leftovers) + bytesOf(plan.unused),
  };
}

export function gcLines(plan: GcPlan, freed: boolean): string[] {
  const facts = gcFacts(plan, freed);
  const lines: string[] = [];
  for (const run of facts.running)
    lines.push(`Run ${run} is going on: runs stay, and all that it could take from the cache.`);
  for (const { run } of facts.runs.slice(0, RUNS_LISTED))
    lines.push(`${freed ? "dropped" : "drops"}  run ${run}`);
  if (facts.runs.length > RUNS_LISTED)
    lines.push(`       and ${plural(facts.runs.length - RUNS_LISTED, "run")} more`);
  for (const { run, why } of facts.kept.slice(0, RUNS_LISTED))
    lines.push(`keeps  run ${run}: ${why}`);
  if (facts.kept.length > RUNS_LISTED)
    lines.push(`       and ${plural(facts.kept.length - RUNS_LISTED, "run")} more`);
  if (lines.length > 0) lines.push("");
  const rows: string[][] = [];
  const row = (what: string, { count, bytes: size }: { count: number; bytes: number }): void => {
    if (count > 0) rows.push([what, String(count), bytes(size)]);
  };
  row("runs' folders", totalOf(plan.drop));
  row("objects that nothing needs", facts.objects);
  row("left behind by what was killed", facts.leftovers);
  row(`kept for code not judged in ${UNUSED_DAYS} days`, facts.unused);
  lines.push(...columns(rows, [{}, { align: "right" }, { align: "right" }]));
  if (facts.recent.count > 0)
    lines.push(
      paint(
        "dim",
        `${plural(facts.recent.count, "object")}, ${bytes(facts.recent.bytes)}: needed by nothing, too young to be sure (--grace)`,
      ),
    );
  lines.push(
    paint("dim", `${plural(facts.needed.count, "object")}, ${bytes(facts.needed.bytes)}: needed`),
  );
  lines.push("", verdict(facts));
  return lines;
}

function verdict({ freed, bytes: size, keys, runs }: GcOutput): string {
  if (size === 0 && keys === 0 && runs.length === 0) return "There is nothing to free.";
  return freed
    ? `${bytes(size)} freed`
    : `${bytes(size)} would be freed. Free it: the same command with --yes`;
}

function totalOf(items: readonly { bytes: number }[]): { count: number; bytes: number } {
  return { count: items.length, bytes: bytesOf(items) };
}

function bytesOf(items: readonly { bytes: number }[]): number {
  return items.reduce((sum, item) => sum + item.bytes, 0);
}
