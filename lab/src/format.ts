/** Times as people say them. Pure. */

/** `4 s`, `2 min 10 s`, `1 h 5 min` */
export function duration(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${seconds % 60} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** `just now`, `5 minutes ago`, `3 days ago`; `now` and `then` in milliseconds since the epoch. */
export function ago(then: number, now: number = Date.now()): string {
  const minutes = Math.floor((now - then) / 60_000);
  if (minutes < 1) return "just now";
  if (minutes < 60) return said(minutes, "minute");
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return said(hours, "hour");
  return said(Math.floor(hours / 24), "day");
}

function said(count: number, unit: string): string {
  return `${count} ${unit}${count === 1 ? "" : "s"} ago`;
}
