/** A path or a glob as a source: found, copied into the store, hashed, before any key is computed. */
import { readFileSync, statSync, type Stats } from "node:fs";
import { basename, isAbsolute, join, relative, resolve, sep } from "node:path";
import { digestOfFile, type ArtifactDigest, type Digest } from "../../core/digest.ts";
import { StepLabError } from "../../core/error.ts";
import type { InputSource } from "../../core/host.ts";
import { ensureFolder, writeFileAtomic } from "../../lineage/store/files.ts";
import {
  digestOfFolder,
  FOLDER_MEDIA_TYPE,
  type ObjectStore,
  type Recall,
  type Stored,
} from "../../lineage/store/objects.ts";
import { mediaTypeOf } from "../../core/media-type.ts";
import { lastMatch } from "../../pipeline/document/wire.ts";

export interface FetchedSource {
  source: InputSource;
  digest: ArtifactDigest;
  bytes: number;
  mediaType: string;
  kind: "file" | "folder";
}

interface Seen extends Stored {
  stamp: string;
}

/** A file changed this recently may change again within one tick of the clock: its times prove nothing yet ("racy git"). */
const RACY_MS = 2_000;

/** Sources on this machine; a file whose size and times are as they were is not read again. */
export class LocalSources {
  readonly #root: string;
  readonly #store: ObjectStore;
  readonly #memory: string;
  readonly #seen: Record<string, Seen>;
  readonly #mode: "keep" | "look";
  #changed = false;

  /** `look`: hash only, store nothing. */
  constructor(projectRoot: string, store: ObjectStore, cacheFolder: string, mode: "keep" | "look") {
    this.#root = projectRoot;
    this.#store = store;
    this.#mode = mode;
    this.#memory = join(cacheFolder, "sources.json");
    this.#seen = readSeen(this.#memory);
  }

  /** @throws StepLabError `source/missing` */
  fetchPath(path: string, wanted: { stage: string; input: string }): FetchedSource {
    const absolute = isAbsolute(path) ? path : resolve(this.#root, path);
    const stat = statSync(absolute, { throwIfNoEntry: false });
    if (stat === undefined) {
      throw new StepLabError(
        "source/missing",
        `There is no ${path}, which input "${wanted.input}" of stage "${wanted.stage}" reads.`,
        {
          hint: `Put the file there, write another path in PIPELINE.md, or run with -i ${wanted.stage}.${wanted.input}=<path>.`,
        },
      );
    }
    const source = { path: this.#recordedPath(absolute) };
    if (stat.isDirectory()) {
      const recall: Recall = (file, read) => this.#recall(file, statSync(file), read);
      const { digest, bytes } =
        this.#mode === "keep"
          ? this.#store.putFolder(absolute, recall)
          : digestOfFolder(absolute, recall);
      return { source, digest, bytes, mediaType: FOLDER_MEDIA_TYPE, kind: "folder" };
    }
    const { digest, bytes } = this.#putFile(absolute, stat);
    return { source, digest, bytes, mediaType: mediaTypeOf(path), kind: "file" };
  }

  fetchGlob(pattern: string, wanted: { stage: string; input: string }): FetchedSource {
    const last = lastMatch(this.#root, pattern);
    if (last === null) {
      throw new StepLabError(
        "source/missing",
        `No file fits ${pattern}, which input "${wanted.input}" of stage "${wanted.stage}" reads.`,
        {
          hint: `Put a file there, or run with -i ${wanted.stage}.${wanted.input}=<path>.`,
        },
      );
    }
    return this.fetchPath(last, wanted);
  }

  save(): void {
    if (!this.#changed) return;
    ensureFolder(join(this.#memory, ".."));
    writeFileAtomic(this.#memory, JSON.stringify(this.#seen), { durable: false });
  }

  #putFile(absolute: string, stat: Stats): Stored {
    return this.#recall(absolute, stat, () =>
      this.#mode === "keep" ? this.#store.putFile(absolute) : digestOfFile(absolute),
    );
  }

  /** What is known of a file that is as it was; otherwise it is read, and remembered when its times can be trusted. */
  #recall(absolute: string, stat: Stats, read: () => Stored): Stored {
    const stamp = `${stat.size}:${stat.mtimeMs}:${stat.ctimeMs}:${stat.ino}`;
    const seen = this.#seen[absolute];
    const isKept = (digest: Digest): boolean => this.#mode === "look" || this.#store.keep(digest);
    if (seen?.stamp === stamp && isKept(seen.digest))
      return { digest: seen.digest, bytes: seen.bytes };
    const stored = read();
    const settled = Date.now() - Math.max(stat.mtimeMs, stat.ctimeMs) > RACY_MS;
    if (settled) this.#seen[absolute] = { stamp, ...stored };
    else delete this.#seen[absolute];
    this.#changed = true;
    return stored;
  }

  /** Relative inside the project; outside it the base name alone: no home paths in records. */
  #recordedPath(absolute: string): string {
    const inside = relative(this.#root, absolute);
    return inside.startsWith("..") || isAbsolute(inside)
      ? basename(absolute)
      : inside.split(sep).join("/");
  }
}

function readSeen(path: string): Record<string, Seen> {
  try {
    return JSON.parse(readFileSync(path, "utf8")) as Record<string, Seen>; // our own cache
  } catch {
    return {}; // none yet: everything is hashed again
  }
}
