/** How people name a moment: `30d`, `12h`, `2026-11-20`, or an ISO time. */
import { StepLabError } from "../core/error.ts";

const UNITS: Record<string, number> = {
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 7 * 86_400_000,
};

/** Milliseconds since the epoch; a date alone is its beginning in UTC, as all times of the archive. @throws StepLabError `cli/usage` */
export function momentOf(option: string, text: string, now = Date.now()): number {
  const [, amount, unit] = /^(\d+)([mhdw])$/.exec(text) ?? [];
  if (amount !== undefined && unit !== undefined) return now - Number(amount) * (UNITS[unit] ?? 0);
  const at = /^\d{4}-\d{2}-\d{2}/.test(text) ? Date.parse(text) : NaN;
  if (!Number.isNaN(at)) return at;
  throw new StepLabError("cli/usage", `${option} ${text} is no moment.`, {
    hint: `For example: ${option} 30d, ${option} 12h, ${option} 2026-11-20`,
  });
}
