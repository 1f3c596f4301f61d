/**
 * The object store: bytes under their SHA-256, written once, read-only, never overwritten.
 *
 * `.store/objects/ab/cdef…` holds the bytes themselves, uncompressed: any tool can read them, links to
 * them work, and hashing a gigabyte takes a second. A folder artifact is a canonical manifest whose files
 * are objects of their own, so equal files of two folders are stored once.
 */
import {
  chmodSync,
  constants,
  copyFileSync,
  existsSync,
  readFileSync,
  readdirSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import {
  artifactDigest,
  digestOfFile,
  hexOf,
  type ArtifactDigest,
  type Digest,
} from "../../core/digest.ts";
import { StepLabError } from "../../core/error.ts";
import type { Archive } from "../archive.ts";
import { ensureFolder } from "./files.ts";
import { isManifest, isInside, manifestOf, type FolderManifest, type Recall } from "./folder.ts";
import { Incoming, type Stored } from "./incoming.ts";
import { syncFolders } from "./sync.ts";
import { touchedSize } from "./touch.ts";

export { digestOfFolder, FOLDER_MEDIA_TYPE, type FolderManifest, type Recall } from "./folder.ts";
export type { Stored } from "./incoming.ts";

/** A file up to here is read whole, checked, and these very bytes are written: one read instead of two. */
const WHOLE_BYTES = 1 << 20;
const READ_ONLY = 0o444;

/** Of an object below the objects' folder, with forward slashes. */
export function objectPath(digest: Digest): string {
  const hex = hexOf(digest);
  return `${hex.slice(0, 2)}/${hex.slice(2)}`;
}

/** One project's objects. Safe beside other processes: an object is renamed into its place, whole. */
export class ObjectStore {
  readonly #objects: string;
  /** Folders that new objects were renamed into since the last `sync`. */
  readonly #unsynced = new Set<string>();

  constructor(archive: Pick<Archive, "objects">) {
    this.#objects = archive.objects;
  }

  /** Absolute path of an object, there or not. */
  pathOf(digest: Digest): string {
    return join(this.#objects, objectPath(digest));
  }

  has(digest: Digest): boolean {
    return existsSync(this.pathOf(digest));
  }

  /** Whether an object is there, for who will rely on it: it is then safe from `steplab gc` for its grace period. */
  keep(digest: Digest): boolean {
    return touchedSize(this.pathOf(digest)) !== null;
  }

  putBytes(bytes: string | Uint8Array): Stored {
    return this.#take((incoming) =>
      incoming.write(typeof bytes === "string" ? Buffer.from(bytes) : bytes),
    );
  }

  /** Copies a file in, hashing on the way: one pass, flat memory. The source stays as it is. */
  putFile(path: string): Stored {
    return this.#take((incoming) => incoming.copy(path));
  }

  /** Takes a staged file of the same file system over without copying: hash, sync, rename. The file is gone from its place afterwards. */
  takeFile(path: string): Stored {
    return this.#take((incoming) => incoming.take(path));
  }

  /** Copies a folder in as an artifact: every file an object, the manifest another. `bytes` is the sum of the files. */
  putFolder(path: string, recall: Recall = (_file, read) => read()): Stored {
    return this.#takeFolder(path, (incoming, file) => recall(file, () => incoming.copy(file)));
  }

  /** Takes a staged folder over as an artifact; it is left empty. */
  takeFolder(path: string): Stored {
    return this.#takeFolder(path, (incoming, file) => incoming.take(file));
  }

  /** Reads and checks an object. @throws StepLabError `store/missing`, `store/damaged` */
  readBytes(digest: Digest): Buffer {
    const path = this.pathOf(digest);
    if (!existsSync(path)) throw missing(digest);
    const bytes = readFileSync(path);
    if (artifactDigest(bytes) !== digest) throw damagedObject(digest, path);
    return bytes;
  }

  readManifest(digest: Digest): FolderManifest {
    const manifest: unknown = JSON.parse(this.readBytes(digest).toString("utf8"));
    if (!isManifest(manifest)) throw damagedObject(digest, this.pathOf(digest));
    return manifest;
  }

  /**
   * Path of an object whose bytes were just hashed and found right: what a kernel is given to read.
   * Mode bits prove nothing, so every hand-over pays the read (about a second a gigabyte).
   */
  verifiedPath(digest: Digest): string {
    const path = this.pathOf(digest);
    if (!existsSync(path)) throw missing(digest);
    if (digestOfFile(path).digest !== digest) throw damagedObject(digest, path);
    return path;
  }

  /** Copies a folder artifact's files to `target`, each checked. Copies, not links: what user code does there must not reach the store. */
  unpackFolder(digest: Digest, target: string): void {
    const made = new Set<string>();
    const make = (folder: string): void => {
      if (!made.has(folder)) ensureFolder(folder);
      made.add(folder);
    };
    make(target);
    for (const file of this.readManifest(digest).files) {
      if (!isInside(file.path)) throw damagedObject(digest, this.pathOf(digest));
      const to = join(target, file.path);
      make(dirname(to));
      if (file.bytes <= WHOLE_BYTES) {
        writeFileSync(to, this.readBytes(file.digest), { mode: READ_ONLY });
        continue;
      }
      copyFileSync(this.verifiedPath(file.digest), to, constants.COPYFILE_FICLONE);
      chmodSync(to, READ_ONLY);
    }
  }

  /** Makes the renames of all new objects durable: called once before something refers to them. */
  sync(): void {
    syncFolders([...this.#unsynced], this.#objects);
    this.#unsynced.clear();
  }

  /** Every object's digest, in order. */
  *list(): Generator<ArtifactDigest> {
    if (!existsSync(this.#objects)) return;
    for (const prefix of readdirSync(this.#objects).sort()) {
      if (!/^[0-9a-f]{2}$/.test(prefix)) continue;
      for (const rest of readdirSync(join(this.#objects, prefix)).sort()) {
        if (/^[0-9a-f]{62}$/.test(rest)) yield `sha256:${prefix}${rest}` as ArtifactDigest; // the name is the digest
      }
    }
  }

  /** One batch: nothing of it is visible before all of it is on the disk. */
  #take(bring: (incoming: Incoming) => Stored): Stored {
    using incoming = new Incoming(
      this.#objects,
      (digest) => this.pathOf(digest),
      (folder) => this.#unsynced.add(folder),
    );
    const stored = bring(incoming);
    incoming.publish();
    return stored;
  }

  #takeFolder(path: string, bring: (incoming: Incoming, file: string) => Stored): Stored {
    return this.#take((incoming) => {
      const { manifest, bytes } = manifestOf(path, (file) => bring(incoming, file));
      return { digest: incoming.write(Buffer.from(manifest)).digest, bytes };
    });
  }
}

function missing(digest: Digest): StepLabError {
  return new StepLabError("store/missing", `The object ${digest} is not in the store.`, {
    hint: "Run `npx steplab verify` to see what it affects; running its stage with --force makes it again.",
  });
}

/** What was read is not what was stored. */
export function damagedObject(digest: Digest, path: string): StepLabError {
  return new StepLabError(
    "store/damaged",
    `The object ${digest} is damaged: its bytes have another digest.`,
    {
      hint: `Remove ${path} and run its stage with --force, or copy the object from a backup. \`npx steplab verify\` shows what it affects.`,
    },
  );
}
