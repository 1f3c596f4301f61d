/** How the text of a file is read: from disk, from memory where it has not changed, or as an editor holds it unsaved. */
import { readFileSync, statSync, type BigIntStats } from "node:fs";

/** Takes an absolute path; throws what node:fs throws. */
export type ReadText = (path: string) => string;

export const readFromDisk: ReadText = (path) => readFileSync(path, "utf8");

/**
 * What identifies a file's content without reading it; empty where there is no file. A file changed a moment ago may
 * change once more within the same tick of the clock: its version is never the same as another.
 */
export function fileVersion(path: string, known?: BigIntStats): string {
  const stat = known ?? statSync(path, { throwIfNoEntry: false, bigint: true });
  if (!stat) return "";
  const age = Date.now() - Number(stat.mtimeMs);
  const version = `${stat.mtimeNs}:${stat.size}:${stat.ino}`;
  return age < TICK_MS ? `${version}:${++unsure}` : version;
}

/** Longer than the clocks of file systems tick (10 ms on Linux at most, 16 on Windows; 2 s on FAT, which holds no projects). */
const TICK_MS = 100;
let unsure = 0;

/** Reads each file again only when it changed. What `overlay` holds, by absolute path, stands for the files. */
export class TextMemory {
  readonly #texts = new Map<string, { version: string; text: string }>();
  overlay: ReadonlyMap<string, string> = new Map();

  readonly read: ReadText = (path) => {
    const unsaved = this.overlay.get(path);
    if (unsaved !== undefined) return unsaved;
    const version = fileVersion(path);
    const known = this.#texts.get(path);
    if (known && known.version === version) return known.text;
    const text = readFromDisk(path);
    this.#texts.set(path, { version, text });
    return text;
  };
}
