/** Durations and sizes as people write them in PIPELINE.md. */

const MILLISECONDS: Record<string, number> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/** "10m", "90s", "1h30m", "500ms" to milliseconds; undefined for anything else. A bare number has no unit. */
export function parseDuration(text: string): number | undefined {
  if (!/^(?:\d+(?:\.\d+)?(?:ms|[smhd]))+$/.test(text)) return undefined;
  let total = 0;
  for (const [, amount, unit] of text.matchAll(/(\d+(?:\.\d+)?)(ms|[smhd])/g))
    total += Number(amount) * (MILLISECONDS[unit ?? ""] ?? 0);
  return total > 0 ? Math.round(total) : undefined;
}

const BYTES: Record<string, number> = {
  KiB: 2 ** 10,
  MiB: 2 ** 20,
  GiB: 2 ** 30,
  TiB: 2 ** 40,
  kB: 1e3,
  MB: 1e6,
  GB: 1e9,
  TB: 1e12,
};

/** "2GiB", "512 MiB", "1.5GB" to bytes; undefined for anything else. */
export function parseBytes(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)\s*([KMGT]iB|kB|[MGT]B)$/.exec(text);
  if (!match) return undefined;
  const bytes = Math.round(Number(match[1]) * (BYTES[match[2] ?? ""] ?? 0));
  return bytes > 0 ? bytes : undefined;
}
