/** Digest of the steplab that notebooks see: part of every key, because its code decides what stages write. */
import { readFileSync, readdirSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { digestOf, digestOfJson, type Digest } from "../../core/digest.ts";
import type { Archive } from "../../lineage/archive.ts";
import { ensureFolder, writeFileAtomic } from "../../lineage/store/files.ts";

export const PACKAGE_ROOT = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** The rooms whose code runs in a notebook's process. */
const ROOMS = ["core", "stage", "kernel"];

export interface OwnVersion {
  version: string;
  /** Run from source: a digest of the rooms that notebooks see. Installed: the minor version, which promises equal results. */
  key: string;
}

export function ownVersion(archive: Archive): OwnVersion {
  const { version } = JSON.parse(readFileSync(join(PACKAGE_ROOT, "package.json"), "utf8")) as { version: string }; // our own
  if (PACKAGE_ROOT.split(/[/\\]/).includes("node_modules")) {
    return { version, key: version.split(".").slice(0, 2).join(".") };
  }
  return { version, key: sourceDigest(archive) };
}

interface Remembered {
  signature: Digest;
  digest: Digest;
}

/** Hashed again only when a file's size or time changed. */
function sourceDigest(archive: Archive): Digest {
  const files = ROOMS.flatMap((room) => sourcesBelow(join(PACKAGE_ROOT, room)));
  const signature = digestOfJson(files.map((file) => [file, statSync(file).size, statSync(file).mtimeMs]));
  const memory = join(archive.cache, "steplab.json");
  try {
    const remembered = JSON.parse(readFileSync(memory, "utf8")) as Remembered; // our own cache
    if (remembered.signature === signature) return remembered.digest;
  } catch {
    // none yet
  }
  const digest = digestOfJson(files.map((file) => [file.slice(PACKAGE_ROOT.length), digestOf(readFileSync(file))]));
  ensureFolder(archive.cache);
  writeFileAtomic(memory, JSON.stringify({ signature, digest } satisfies Remembered), { durable: false });
  return digest;
}

function sourcesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => /\.[cm]?[jt]s$/.test(name))
    .sort()
    .map((name) => join(folder, name));
}
