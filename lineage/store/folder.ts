/** A folder as an artifact: its manifest, and what may lie in it. */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { artifactDigest, digestOfFile, type ArtifactDigest } from "../../core/digest.ts";
import { StepLabError } from "../../core/error.ts";
import { canonicalJson } from "../../core/json.ts";
import { findCollision, whyUnsafe } from "../../core/safe-path.ts";
import type { Stored } from "./incoming.ts";

/** Manifest of a folder artifact; its canonical JSON is the object. Paths use forward slashes, sorted. */
export interface FolderManifest {
  folder: 1;
  files: { path: string; digest: ArtifactDigest; bytes: number }[];
}

/** Of artifacts that are a manifest: folders and models. */
export const FOLDER_MEDIA_TYPE = "application/vnd.steplab.folder+json";

/** Stands between a file and its reading: who knows what it holds answers without `read`. */
export type Recall = (file: string, read: () => Stored) => Stored;

/** The digest that a folder would have as an artifact; nothing is stored. */
export function digestOfFolder(path: string, recall: Recall = (_file, read) => read()): Stored {
  const { manifest, bytes } = manifestOf(path, (file) => recall(file, () => digestOfFile(file)));
  return { digest: artifactDigest(manifest), bytes };
}

/** Brings every file in by `store`, in order. @throws StepLabError `store/not-a-file`, `store/unsafe-name` */
export function manifestOf(
  folder: string,
  store: (file: string) => Stored,
): { manifest: string; bytes: number } {
  const paths = listFiles(folder);
  demandSafe(paths);
  const files = paths.map((path) => {
    const { digest, bytes } = store(join(folder, path));
    return { path, digest, bytes };
  });
  const manifest: FolderManifest = { folder: 1, files };
  return {
    manifest: canonicalJson(manifest),
    bytes: files.reduce((sum, file) => sum + file.bytes, 0),
  };
}

/** Relative paths of all files below, sorted, forward slashes. Symbolic links are refused: they could point anywhere. */
export function listFiles(folder: string): string[] {
  const files: string[] = [];
  const read = (prefix: string): void => {
    for (const entry of readdirSync(join(folder, prefix), { withFileTypes: true })) {
      const path = prefix === "" ? entry.name : `${prefix}/${entry.name}`;
      if (entry.isDirectory()) read(path);
      else if (entry.isFile()) files.push(path);
      else
        throw new StepLabError(
          "store/not-a-file",
          `${path} in a folder artifact is neither a file nor a folder.`,
          {
            hint: "Write files and folders only; a symbolic link would point elsewhere on another machine (`cp -L` copies what it points to).",
          },
        );
    }
  };
  read("");
  return files.sort();
}

/** @throws StepLabError `store/unsafe-name` */
export function demandSafe(paths: readonly string[]): void {
  for (const path of paths) {
    const why = whyUnsafe(path);
    if (why !== null) throw unsafe(`The file name ${JSON.stringify(path)} ${why}.`);
  }
  const collision = findCollision(paths);
  if (collision !== null) {
    const [one, other] = collision.map((name) => JSON.stringify(name));
    throw unsafe(`${one} and ${other} are one name on systems that do not tell capitals apart.`);
  }
}

function unsafe(message: string): StepLabError {
  return new StepLabError("store/unsafe-name", message, {
    hint: "Rename the file: a folder artifact must unpack to the same files on every system.",
  });
}

/** Of a manifest that somebody may have made up: nothing is written outside its folder. */
export function isInside(path: string): boolean {
  return (
    path !== "" &&
    !path.startsWith("/") &&
    !path.includes("\\") &&
    !path.split("/").some((part) => part === ".." || part === "")
  );
}

export function isManifest(value: unknown): value is FolderManifest {
  return (
    typeof value === "object" &&
    value !== null &&
    "folder" in value &&
    value.folder === 1 &&
    "files" in value &&
    Array.isArray(value.files)
  );
}
