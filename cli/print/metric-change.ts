/** A metric beside what it was: `32.1 → 31.8 USD  -0.9 %, better`. */
import type { MetricChange } from "../../lineage/query/metric-changes.ts";
import { figure, paint } from "./style.ts";

type Change = Pick<MetricChange, "value" | "goal" | "unit"> & { before: number | null };

/** Columns: the figures, the unit, and what the difference means; words carry it, colour helps. */
export function changeCells({ value, goal, unit, before }: Change): [string, string, string] {
  if (before === null) return [figure(value), unit ?? "", paint("dim", goalPhrase(goal))];
  if (before === value) return [figure(value), unit ?? "", paint("dim", "as before")];
  const isBetter = goal === "min" ? value < before : value > before;
  const verdict = `${differencePhrase(before, value)}, ${isBetter ? "better" : "worse"}`;
  return [
    `${figure(before)} → ${figure(value)}`,
    unit ?? "",
    paint(isBetter ? "green" : "red", verdict),
  ];
}

/** Of what it was; a difference from zero has no percentage. */
function differencePhrase(before: number, after: number): string {
  if (before === 0) return `${after > 0 ? "+" : ""}${figure(after)}`;
  const percent = ((after - before) / Math.abs(before)) * 100;
  const digits = Math.abs(percent) >= 0.1 ? percent.toFixed(1) : percent.toPrecision(1);
  return `${percent > 0 ? "+" : ""}${digits} %`;
}

export function goalPhrase(goal: "min" | "max"): string {
  return `${goal === "min" ? "lower" : "higher"} is better`;
}
