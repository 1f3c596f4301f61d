/** A digest of steplab's own sources, for everything that is cached on what they made. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { digestOfJson, digestOf, type Digest } from "./digest.ts";

/** Where steplab itself lies: the folder of its package.json. */
export const STEPLAB_ROOT = fileURLToPath(new URL("..", import.meta.url));

const digests = new Map<string, Digest>();

/**
 * Digest of every source of these rooms (`core`, `stage`, …), read once a process: 80 files take about 5 ms.
 * A version number would do for a released steplab; run from a checkout, an edit must count too.
 */
export function ownSourcesDigest(rooms: readonly string[]): Digest {
  const name = rooms.join(" ");
  const known = digests.get(name);
  if (known) return known;
  const files: [string, Digest][] = [];
  for (const room of rooms) collect(join(STEPLAB_ROOT, room), room, files);
  const digest = digestOfJson(files.sort(([a], [b]) => (a < b ? -1 : 1)));
  digests.set(name, digest);
  return digest;
}

function collect(folder: string, name: string, files: [string, Digest][]): void {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    const relative = `${name}/${entry.name}`;
    if (entry.isDirectory()) collect(path, relative, files);
    else if (/\.(?:ts|js|ipynb)$/.test(entry.name))
      files.push([relative, digestOf(readFileSync(path))]);
  }
}
