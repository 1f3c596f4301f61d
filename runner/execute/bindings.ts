/** Inputs as a kernel is given them: from what a plan bound, or from what a record says was bound. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { ArtifactDigest } from "../../core/digest.ts";
import type { InputBinding, InputSource } from "../../core/host.ts";
import { readRecord } from "../../lineage/query/runs.ts";
import type { OutputRecord, RunId, RunRecord, StageRecord } from "../../lineage/record.ts";
import { FOLDER_MEDIA_TYPE, type ObjectStore } from "../../lineage/store/objects.ts";

type Given = Omit<InputBinding, "path" | "manifest">;

/**
 * Every byte that is handed over is read and found right. Folders that a kernel reads by path are unpacked at `target`.
 * @throws StepLabError `store/missing`, `store/damaged`
 */
export function bindInput(
  given: Given,
  folder: boolean,
  store: ObjectStore,
  target: string,
): InputBinding {
  const stored = store.verifiedPath(given.digest);
  if (!folder) return { ...given, path: stored };
  // A notebook may want a few of ten thousand files: it reads them in the store.
  if (given.kind === "folder") return { ...given, path: target, manifest: stored };
  if (!existsSync(target)) store.unpackFolder(given.digest, target);
  return { ...given, path: target };
}

/** The same inputs that a stage of a past run had. */
export function bindRecorded(
  projectRoot: string,
  record: RunRecord,
  { inputs }: StageRecord,
  store: ObjectStore,
  folder: string,
): Record<string, InputBinding> {
  return Object.fromEntries(
    Object.entries(inputs).map(([name, { source, digest, bytes }]) => {
      const { kind, mediaType } = kindOf(projectRoot, record, source, digest, store);
      const given = { kind, mediaType, digest, bytes, source: withRun(source, record) };
      const isFolder = mediaType === FOLDER_MEDIA_TYPE;
      return [name, bindInput(given, isFolder, store, join(folder, name))];
    }),
  );
}

/** A record names a source of its own run without the run. */
function withRun(source: InputSource, { run }: RunRecord): InputSource {
  return "stage" in source && !("run" in source) ? { run, ...source } : source;
}

/** What an input was, which its own line of the record does not say: the output that it was, or the look of its bytes. */
function kindOf(
  projectRoot: string,
  record: RunRecord,
  source: InputSource,
  digest: ArtifactDigest,
  store: ObjectStore,
): Pick<InputBinding, "kind" | "mediaType"> {
  const output = "stage" in source ? outputOf(projectRoot, record, source) : null;
  if (output?.digest === digest) return output;
  return isFolder(store, digest)
    ? { kind: "folder", mediaType: FOLDER_MEDIA_TYPE }
    : { kind: "file", mediaType: "" };
}

function outputOf(
  projectRoot: string,
  record: RunRecord,
  source: Extract<InputSource, { stage: string }>,
): OutputRecord | null {
  const of = "run" in source ? readRecord(projectRoot, source.run as RunId) : record; // a record's own word
  return of?.stages[source.stage]?.outputs[source.output] ?? null;
}

function isFolder(store: ObjectStore, digest: ArtifactDigest): boolean {
  try {
    store.readManifest(digest);
    return true;
  } catch {
    return false; // a file
  }
}
