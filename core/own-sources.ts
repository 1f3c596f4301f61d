/** A digest of steplab's own sources, for everything that is cached on what they made. */
import { readdirSync, readFileSync } from "node:fs";
import { join, sep } from "node:path";
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
  const files = ownSources(rooms).map((path) => [
    path,
    digestOf(readFileSync(join(STEPLAB_ROOT, path))),
  ]);
  const digest = digestOfJson(files);
  digests.set(name, digest);
  return digest;
}

/** Every source of these rooms, relative to STEPLAB_ROOT, sorted. */
export function ownSources(rooms: readonly string[]): string[] {
  return rooms
    .flatMap((room) =>
      readdirSync(join(STEPLAB_ROOT, room), { recursive: true, encoding: "utf8" })
        .filter((path) => /\.(?:ts|js|ipynb)$/.test(path))
        .map((path) => `${room}/${path.split(sep).join("/")}`),
    )
    .sort();
}
