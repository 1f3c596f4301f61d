/**
 * The object store: bytes under their SHA-256, written once, read-only, never overwritten.
 *
 * `.store/objects/ab/cdef…` holds the bytes themselves, uncompressed: any tool can read them, links to
 * them work, and hashing a gigabyte takes a second. A folder artifact is a canonical manifest whose files
 * are objects of their own, so equal files of two folders are stored once.
 */
import {
  chmodSync,
  closeSync,
  constants,
  copyFileSync,
  existsSync,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  readdirSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from "node:fs";
import { createHash } from "node:crypto";
import { join } from "node:path";
import {
  artifactDigest,
  digestOfFile,
  hexOf,
  type ArtifactDigest,
  type Digest,
} from "../../core/digest.ts";
import { StepLabError } from "../../core/error.ts";
import { canonicalJson } from "../../core/json.ts";
import type { Archive } from "../archive.ts";
import { ensureFolder, syncFolder, temporaryName, writeFailed } from "./files.ts";

export interface Stored {
  digest: ArtifactDigest;
  bytes: number;
}

/** Manifest of a folder artifact; its canonical JSON is the object. Paths use forward slashes, sorted. */
export interface FolderManifest {
  folder: 1;
  files: { path: string; digest: ArtifactDigest; bytes: number }[];
}

/** Of artifacts that are a manifest: folders and models. */
export const FOLDER_MEDIA_TYPE = "application/vnd.steplab.folder+json";
const CHUNK_BYTES = 1 << 20;
const READ_ONLY = 0o444;

/** One project's objects. Safe beside other processes: an object is renamed into its place, whole. */
export class ObjectStore {
  readonly #objects: string;
  /** Folders that new objects were renamed into since the last `sync`. */
  readonly #unsynced = new Set<string>();

  constructor(archive: Archive) {
    this.#objects = archive.objects;
  }

  /** Absolute path of an object, there or not. */
  pathOf(digest: Digest): string {
    const hex = hexOf(digest);
    return join(this.#objects, hex.slice(0, 2), hex.slice(2));
  }

  has(digest: Digest): boolean {
    return existsSync(this.pathOf(digest));
  }

  putBytes(bytes: string | Uint8Array): Stored {
    const buffer = typeof bytes === "string" ? Buffer.from(bytes) : bytes;
    const digest = artifactDigest(buffer);
    if (this.#holds(digest, buffer.length)) return { digest, bytes: buffer.length };
    const temporary = this.#temporaryFor(digest);
    this.#guarded(temporary, () => {
      const file = openSync(temporary, "wx");
      try {
        let rest: Uint8Array = buffer;
        while (rest.length > 0) rest = rest.subarray(writeSync(file, rest));
        fsyncSync(file);
      } finally {
        closeSync(file);
      }
      this.#publish(temporary, digest);
    });
    return { digest, bytes: buffer.length };
  }

  /** Copies a file in, hashing on the way: one pass, flat memory. The source stays as it is. */
  putFile(path: string): Stored {
    ensureFolder(this.#objects);
    const temporary = temporaryName(join(this.#objects, "incoming"));
    return this.#guarded(temporary, () => {
      const stored = copyHashed(path, temporary);
      if (this.#holds(stored.digest, stored.bytes)) rmSync(temporary);
      else this.#publish(temporary, stored.digest);
      return stored;
    });
  }

  /** Takes a staged file of the same file system over without copying: hash, sync, rename. The file is gone from its place afterwards. */
  takeFile(path: string): Stored {
    const stored = digestOfFile(path);
    if (this.#holds(stored.digest, stored.bytes)) {
      rmSync(path);
      return stored;
    }
    return this.#guarded(path, () => {
      chmodSync(path, 0o644); // its maker may have made it read-only, and only what may be written can be synced everywhere
      const file = openSync(path, "r+");
      try {
        fsyncSync(file);
      } finally {
        closeSync(file);
      }
      this.#publish(path, stored.digest);
      return stored;
    });
  }

  /** Takes a staged folder over: every file an object, the manifest another. `bytes` is the sum of the files. */
  takeFolder(path: string): Stored {
    const { manifest, bytes } = manifestOf(path, (file) => this.takeFile(file));
    const { digest } = this.putBytes(manifest);
    rmSync(path, { recursive: true, force: true });
    return { digest, bytes };
  }

  /** Copies a folder in as an artifact; the source stays as it is. */
  putFolder(path: string): Stored {
    const { manifest, bytes } = manifestOf(path, (file) => this.putFile(file));
    return { digest: this.putBytes(manifest).digest, bytes };
  }

  /** Reads and checks an object. @throws StepLabError `store/missing`, `store/damaged` */
  readBytes(digest: Digest): Buffer {
    const path = this.pathOf(digest);
    if (!existsSync(path)) throw missing(digest);
    const bytes = readFileSync(path);
    if (artifactDigest(bytes) !== digest) throw damaged(digest, path);
    return bytes;
  }

  readManifest(digest: Digest): FolderManifest {
    const manifest: unknown = JSON.parse(this.readBytes(digest).toString("utf8"));
    if (!isManifest(manifest)) throw damaged(digest, this.pathOf(digest));
    return manifest;
  }

  /**
   * Path of an object whose bytes were just hashed and found right: what a kernel is given to read.
   * Mode bits prove nothing, so every hand-over pays the read (about a second a gigabyte).
   */
  verifiedPath(digest: Digest): string {
    const path = this.pathOf(digest);
    if (!existsSync(path)) throw missing(digest);
    if (digestOfFile(path).digest !== digest) throw damaged(digest, path);
    return path;
  }

  /** Copies a folder artifact's files to `target`, each checked. Copies, not links: what user code does there must not reach the store. */
  unpackFolder(digest: Digest, target: string): void {
    ensureFolder(target);
    for (const file of this.readManifest(digest).files) {
      if (!isInside(file.path)) throw damaged(digest, this.pathOf(digest));
      const to = join(target, file.path);
      ensureFolder(join(to, ".."));
      copyFileSync(this.verifiedPath(file.digest), to, constants.COPYFILE_FICLONE);
      chmodSync(to, READ_ONLY);
    }
  }

  /** Makes the renames of all new objects durable: called once before something refers to them. */
  sync(): void {
    for (const folder of this.#unsynced) syncFolder(folder);
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

  /** There already, in full length: a shorter file is the rest of a crash, and is replaced. */
  #holds(digest: Digest, bytes: number): boolean {
    return statSync(this.pathOf(digest), { throwIfNoEntry: false })?.size === bytes;
  }

  #temporaryFor(digest: Digest): string {
    const path = this.pathOf(digest);
    ensureFolder(join(path, ".."));
    return temporaryName(path);
  }

  #publish(temporary: string, digest: Digest): void {
    const path = this.pathOf(digest);
    const folder = join(path, "..");
    mkdirSync(folder, { recursive: true });
    chmodSync(temporary, READ_ONLY);
    renameSync(temporary, path);
    this.#unsynced.add(folder);
  }

  /** Removes the temporary file when the write fails, and says why in words a person can act on. */
  #guarded<T>(temporary: string, write: () => T): T {
    try {
      return write();
    } catch (error) {
      if (temporary.endsWith(".tmp")) rmSync(temporary, { force: true });
      throw writeFailed(temporary, error);
    }
  }
}

/** The digest that a folder would have as an artifact; nothing is stored. */
export function digestOfFolder(path: string): Stored {
  const { manifest, bytes } = manifestOf(path, digestOfFile);
  return { digest: artifactDigest(manifest), bytes };
}

function manifestOf(
  folder: string,
  store: (file: string) => Stored,
): { manifest: string; bytes: number } {
  const files = listFiles(folder).map((path) => {
    const { digest, bytes } = store(join(folder, path));
    return { path, digest, bytes };
  });
  const manifest: FolderManifest = { folder: 1, files };
  return {
    manifest: canonicalJson(manifest),
    bytes: files.reduce((sum, file) => sum + file.bytes, 0),
  };
}

function copyHashed(from: string, to: string): Stored {
  const hasher = createHash("sha256");
  const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
  const source = openSync(from, "r");
  try {
    const target = openSync(to, "wx");
    try {
      let bytes = 0;
      for (;;) {
        const length = readSync(source, chunk, 0, CHUNK_BYTES, null);
        if (length === 0) break;
        const part = chunk.subarray(0, length);
        hasher.update(part);
        for (let rest = part; rest.length > 0;) rest = rest.subarray(writeSync(target, rest));
        bytes += length;
      }
      fsyncSync(target);
      return { digest: `sha256:${hasher.digest("hex")}` as ArtifactDigest, bytes }; // hashed above
    } finally {
      closeSync(target);
    }
  } finally {
    closeSync(source);
  }
}

/** Relative paths of all files below, sorted, forward slashes. Symbolic links are refused: they could point anywhere. */
export function listFiles(folder: string, prefix = ""): string[] {
  const files: string[] = [];
  const names = readdirSync(join(folder, prefix)).sort();
  for (const name of names) {
    const path = prefix === "" ? name : `${prefix}/${name}`;
    const stat = lstatSync(join(folder, path));
    if (stat.isDirectory()) files.push(...listFiles(folder, path));
    else if (stat.isFile()) files.push(path);
    else {
      throw new StepLabError(
        "store/not-a-file",
        `${path} in a folder artifact is neither a file nor a folder.`,
        {
          hint: "Write files and folders only; a symbolic link would point elsewhere on another machine.",
        },
      );
    }
  }
  return files.sort();
}

function isInside(path: string): boolean {
  return (
    path !== "" &&
    !path.startsWith("/") &&
    !path.includes("\\") &&
    !path.split("/").some((part) => part === ".." || part === "")
  );
}

function isManifest(value: unknown): value is FolderManifest {
  return (
    typeof value === "object" &&
    value !== null &&
    "folder" in value &&
    value.folder === 1 &&
    "files" in value &&
    Array.isArray(value.files)
  );
}

function missing(digest: Digest): StepLabError {
  return new StepLabError("store/missing", `The object ${digest} is not in the store.`, {
    hint: "Run `steplab verify` to see what it affects; running its stage with --force makes it again.",
  });
}

function damaged(digest: Digest, path: string): StepLabError {
  return new StepLabError(
    "store/damaged",
    `The object ${digest} is damaged: its bytes have another digest.`,
    {
      hint: `Remove ${path} and run its stage with --force, or copy the object from a backup. \`steplab verify\` shows what it affects.`,
    },
  );
}
