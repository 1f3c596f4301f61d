/** "3 minutes ago", "yesterday": how long ago a moment was, roughly. */
const UNITS: [Intl.RelativeTimeFormatUnit, number][] = [
  ["day", 86_400_000],
  ["hour", 3_600_000],
  ["minute", 60_000],
  ["second", 1_000],
];

export function ago(at: number, now = Date.now()): string {
  const format = new Intl.RelativeTimeFormat("en", { numeric: "auto" });
  for (const [unit, size] of UNITS)
    if (now - at >= size) return format.format(-Math.floor((now - at) / size), unit);
  return "just now";
}
