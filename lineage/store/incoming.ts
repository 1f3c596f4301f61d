/**
 * Files on their way into the store: written beside their place, brought to the disk together, and only then renamed
 * to their digests. So an object that can be seen is whole, and ten thousand small ones cost one sync.
 */
import {
  chmodSync,
  closeSync,
  mkdirSync,
  openSync,
  readSync,
  renameSync,
  rmSync,
  writeSync,
} from "node:fs";
import { createHash } from "node:crypto";
import { dirname, join } from "node:path";
import {
  artifactDigest,
  digestOfFile,
  type ArtifactDigest,
  type Digest,
} from "../../core/digest.ts";
import { StepLabError, messageOf } from "../../core/error.ts";
import { ensureFolder, temporaryName, writeFailed } from "./files.ts";
import { syncFiles } from "./sync.ts";
import { touchedSize } from "./touch.ts";

export interface Stored {
  digest: ArtifactDigest;
  bytes: number;
}

/** Read and written at once; a file up to here is hashed before it is written, so that a known one is not written at all. */
const CHUNK_BYTES = 1 << 20;
/** Published at the latest when so many wait: what is remembered of them stays small. */
const MOST_WAITING = 4096;
const READ_ONLY = 0o444;

/** One batch. Disposed without `publish`, it leaves nothing behind. */
export class Incoming implements Disposable {
  readonly #objects: string;
  readonly #pathOf: (digest: Digest) => string;
  readonly #onPublished: (folder: string) => void;
  readonly #waiting = new Map<ArtifactDigest, Waiting>();
  #chunk: Buffer | undefined;

  /** `onPublished` is told the folder of every new object: its entry is not on the disk yet. */
  constructor(
    objects: string,
    pathOf: (digest: Digest) => string,
    onPublished: (folder: string) => void,
  ) {
    this.#objects = objects;
    this.#pathOf = pathOf;
    this.#onPublished = onPublished;
  }

  write(bytes: Uint8Array): Stored {
    const stored = { digest: artifactDigest(bytes), bytes: bytes.length };
    if (!this.#holds(stored)) {
      const temporary = this.#temporary();
      const target = this.#create(temporary);
      this.#writeOut(temporary, target, (write) => write(bytes));
      this.#wait(stored.digest, { path: temporary, own: true });
    }
    return stored;
  }

  /** Copies a file in: it is read once, and memory stays flat. The source stays as it is. */
  copy(path: string): Stored {
    const source = openSource(path);
    try {
      this.#chunk ??= Buffer.allocUnsafe(CHUNK_BYTES);
      const first = this.#chunk.subarray(0, fill(source, this.#chunk, path));
      return first.length < CHUNK_BYTES ? this.write(first) : this.#copyLarge(source, path, first);
    } finally {
      closeSync(source);
    }
  }

  /** Takes a file of the same file system over without copying it. It is gone from its place after `publish`. */
  take(path: string): Stored {
    const stored = digestOfFile(path);
    if (this.#holds(stored)) {
      rmSync(path);
      return stored;
    }
    guarded(path, () => chmodSync(path, 0o644)); // its maker may have made it read-only: see syncFiles
    this.#wait(stored.digest, { path, own: false });
    return stored;
  }

  /** Makes all that came in visible, whole and on the disk. */
  publish(): void {
    if (this.#waiting.size === 0) return;
    guarded(this.#objects, () =>
      syncFiles(
        Array.from(this.#waiting.values(), ({ path }) => path),
        this.#objects,
      ),
    );
    for (const [digest, { path }] of this.#waiting) {
      const target = this.#pathOf(digest);
      guarded(target, () => {
        chmodSync(path, READ_ONLY);
        moveInto(path, target);
      });
      this.#waiting.delete(digest);
      this.#onPublished(dirname(target));
    }
  }

  [Symbol.dispose](): void {
    for (const { path, own } of this.#waiting.values()) if (own) rmSync(path, { force: true });
    this.#waiting.clear();
  }

  /** Hashed on the way: the temporary file is dropped when the store turns out to have it. */
  #copyLarge(source: number, path: string, first: Buffer): Stored {
    const hasher = createHash("sha256");
    const temporary = this.#temporary();
    const target = this.#create(temporary);
    let bytes = 0;
    this.#writeOut(temporary, target, (write) => {
      for (let part = first; part.length > 0;) {
        hasher.update(part);
        write(part);
        bytes += part.length;
        part = first.subarray(0, fill(source, first, path));
      }
    });
    const digest = `sha256:${hasher.digest("hex")}` as ArtifactDigest; // hashed above
    if (this.#holds({ digest, bytes })) rmSync(temporary);
    else this.#wait(digest, { path: temporary, own: true });
    return { digest, bytes };
  }

  /** There already or about to be, in full length: a shorter file is the rest of a crash, and is replaced. */
  #holds({ digest, bytes }: Stored): boolean {
    if (this.#waiting.has(digest)) return true;
    return touchedSize(this.#pathOf(digest)) === bytes;
  }

  #wait(digest: ArtifactDigest, waiting: Waiting): void {
    this.#waiting.set(digest, waiting);
    if (this.#waiting.size >= MOST_WAITING) this.publish();
  }

  #temporary(): string {
    return temporaryName(join(this.#objects, "incoming"));
  }

  #create(temporary: string): number {
    try {
      return openSync(temporary, "wx");
    } catch {
      ensureFolder(this.#objects); // the first object of a project
      return guarded(temporary, () => openSync(temporary, "wx"));
    }
  }

  /** Closes the file whatever happens, and removes it when it could not be written whole. */
  #writeOut(
    temporary: string,
    target: number,
    fillIt: (write: (bytes: Uint8Array) => void) => void,
  ): void {
    try {
      try {
        fillIt((bytes) =>
          guarded(temporary, () => {
            for (let rest = bytes; rest.length > 0;) rest = rest.subarray(writeSync(target, rest));
          }),
        );
      } finally {
        closeSync(target);
      }
    } catch (error) {
      rmSync(temporary, { force: true });
      throw error;
    }
  }
}

interface Waiting {
  path: string;
  /** A copy of ours, not the file that is taken over. */
  own: boolean;
}

function moveInto(path: string, target: string): void {
  try {
    renameSync(path, target);
  } catch {
    mkdirSync(dirname(target), { recursive: true }); // the first object with these two digits
    renameSync(path, target);
  }
}

function openSource(path: string): number {
  try {
    return openSync(path, "r");
  } catch (error) {
    throw unreadable(path, error);
  }
}

/** Reads until the buffer is full or the file ends. */
function fill(file: number, buffer: Buffer, path: string): number {
  let length = 0;
  try {
    while (length < buffer.length) {
      const read = readSync(file, buffer, length, buffer.length - length, null);
      if (read === 0) break;
      length += read;
    }
  } catch (error) {
    throw unreadable(path, error);
  }
  return length;
}

function unreadable(path: string, error: unknown): StepLabError {
  return new StepLabError("source/unreadable", `${path} could not be read: ${messageOf(error)}`, {
    hint: "Give yourself permission to read it, or leave it out of what the stage reads.",
    cause: error,
  });
}

/** What can stop a write, in words a person can act on. */
function guarded<T>(path: string, write: () => T): T {
  try {
    return write();
  } catch (error) {
    throw writeFailed(path, error);
  }
}
