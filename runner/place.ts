/** Artifacts in a run's folder: what a person opens. Small files are copies, large ones links to read-only objects. */
import { constants, copyFileSync, symlinkSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import type { ArtifactDigest } from "../core/digest.ts";
import { StepLabError } from "../core/error.ts";
import { ensureFolder, isErrno, writeFailed } from "../lineage/store/files.ts";
import { isInside } from "../lineage/store/folder.ts";
import type { ObjectStore } from "../lineage/store/objects.ts";
import { STAGE_MARKDOWN } from "./stage-markdown.ts";

/**
 * A file below a folder, as a kernel names it: of a server, or of a process that runs other people's code.
 * @throws StepLabError `store/unsafe-name` when it leads out of the folder
 */
export function placeBelow(folder: string, path: string): string {
  if (path !== "" && isInside(path)) return join(folder, path);
  throw new StepLabError(
    "store/unsafe-name",
    `The kernel names a file outside of its stage: ${path}`,
  );
}

/** Up to here a copy costs less than the surprise of a link that breaks when one folder is moved alone. */
const COPIED_BYTES = 1 << 20;

export interface Placed {
  digest: ArtifactDigest;
  bytes: number;
  folder: boolean;
}

/** `linked`: never copy. Folders of cached stages are links only, which is what makes a run of a thousand of them cheap. */
export function placeArtifact(
  store: ObjectStore,
  artifact: Placed,
  path: string,
  options: { linked: boolean },
): void {
  if (!artifact.folder) {
    placeFile(store, artifact, path, options);
    return;
  }
  ensureFolder(path);
  for (const file of store.readManifest(artifact.digest).files) {
    const target = join(path, file.path);
    ensureFolder(dirname(target));
    placeFile(store, file, target, options);
  }
}

function placeFile(
  store: ObjectStore,
  file: { digest: ArtifactDigest; bytes: number },
  path: string,
  options: { linked: boolean },
): void {
  const object = store.pathOf(file.digest);
  try {
    if (!options.linked && file.bytes <= COPIED_BYTES)
      copyFileSync(object, path, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE);
    else linkTo(object, path);
  } catch (error) {
    throw writeFailed(path, error);
  }
}

/** Relative, so that the archive can be moved or copied whole. */
function linkTo(object: string, path: string): void {
  try {
    symlinkSync(relative(dirname(path), object), path);
  } catch (error) {
    if (!isErrno(error, "EPERM", "ENOTSUP", "EINVAL")) throw error;
    copyFileSync(object, path, constants.COPYFILE_EXCL); // Windows without the right to make links
  }
}

const ENDINGS: Record<string, string> = {
  "application/vnd.apache.parquet": ".parquet",
  "application/json": ".json",
  "text/csv": ".csv",
  "text/plain": ".txt",
  "text/markdown": ".md",
  "text/html": ".html",
  "image/png": ".png",
  "image/jpeg": ".jpg",
  "image/svg+xml": ".svg",
  "application/pdf": ".pdf",
  "application/zip": ".zip",
  "application/gzip": ".gz",
};

/** The output's name with the ending that programs open it by; never that of the stage's own description. */
export function fileNameOf(output: string, mediaType: string, folder: boolean): string {
  if (folder) return output;
  const name = `${output}${ENDINGS[mediaType] ?? ""}`;
  return name.toLowerCase() === STAGE_MARKDOWN ? `output-${name}` : name;
}
