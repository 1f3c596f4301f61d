/** Colour that only helps, numbers and times as people read them, columns that line up. */
import { styleText } from "node:util";
import type { RunStatus, StageStatus } from "../../lineage/status.ts";
import { count } from "../../core/count.ts";

export { count, plural } from "../../core/count.ts";

type Format = Parameters<typeof styleText>[0];

/** Plain where the stream is no terminal, or NO_COLOR is set (no-color.org). */
export function paint(
  format: Format,
  text: string,
  stream: NodeJS.WriteStream = process.stdout,
): string {
  return styleText(format, text, { stream });
}

export function statusColor(status: StageStatus | RunStatus): Format {
  switch (status) {
    case "succeeded":
      return "green";
    case "cached":
      return "cyan";
    case "failed":
    case "checks-failed":
    case "killed":
    case "timed-out":
      return "red";
    case "cancelled":
    case "interrupted":
      return "yellow";
    case "not-run":
      return "dim";
  }
}

/** `0.4 s`, `12 s`, `3 min 20 s`. */
export function duration(ms: number): string {
  if (ms < 9_950) return `${(ms / 1000).toFixed(1)} s`;
  if (ms < 59_500) return `${Math.round(ms / 1000)} s`;
  const seconds = Math.round(ms / 1000);
  return seconds < 3600
    ? `${Math.floor(seconds / 60)} min ${seconds % 60} s`
    : `${Math.floor(seconds / 3600)} h ${Math.floor((seconds % 3600) / 60)} min`;
}

export function bytes(value: number): string {
  if (value < 1000) return `${value} B`;
  for (const [unit, size] of [
    ["GB", 1e9],
    ["MB", 1e6],
    ["kB", 1e3],
  ] as const)
    if (value >= size) return `${(value / size).toFixed(1)} ${unit}`;
  return `${value} B`;
}

/** Up to five significant digits, no exponent for everyday numbers. */
export function figure(value: number): string {
  return Number.isInteger(value) ? count(value) : String(Number(value.toPrecision(5)));
}

export interface Column {
  align?: "left" | "right";
}

/** Rows padded to the widest cell of each column; colour codes do not count. */
export function columns(
  rows: readonly (readonly string[])[],
  layout: readonly Column[] = [],
): string[] {
  const widths: number[] = [];
  for (const row of rows)
    row.forEach((cell, i) => (widths[i] = Math.max(widths[i] ?? 0, width(cell))));
  return rows.map((row) =>
    row
      .map((cell, i) => {
        const pad = " ".repeat((widths[i] ?? 0) - width(cell));
        return layout[i]?.align === "right" ? pad + cell : cell + pad;
      })
      .join("  ")
      .trimEnd(),
  );
}

// oxlint-disable-next-line no-control-regex -- colour codes are control characters
const COLOR = /\u001b\[[0-9;]*m/g;

export function width(text: string): number {
  return text.replace(COLOR, "").length;
}
