/** `steplab verify`: every object hashed again, every record read again; what is damaged and what that affects. */
import { closeSync, lstatSync, openSync, readSync } from "node:fs";
import { join } from "node:path";
import { digestOfFile, isDigest, type Digest } from "../core/digest.ts";
import { messageOf } from "../core/error.ts";
import { archiveOf } from "./archive.ts";
import { listRuns, readRecord, runFolder } from "./query/runs.ts";
import { RecordSchema } from "./record-schema.ts";
import type { RunRecord, StageRecord } from "./record.ts";
import { FOLDER_MEDIA_TYPE, ObjectStore, type FolderManifest } from "./store/objects.ts";

/** What hashing the whole archive again found. */
export interface VerifyReport {
  objects: number;
  bytes: number;
  runs: number;
  problems: VerifyProblem[];
}

export interface VerifyProblem {
  kind: "damaged-object" | "missing-object" | "unreadable-record" | "changed-file" | "missing-file";
  /** The object's digest, or a path relative to runs/. */
  what: string;
  /** "run, stage, role" of everything that needs it. */
  affects: string[];
  message: string;
}

/** Reads everything and changes nothing. A problem is data, never thrown. */
export function verifyArchive(
  projectRoot: string,
  onProgress: (done: number) => void = () => {},
): VerifyReport {
  const archive = archiveOf(projectRoot);
  const store = new ObjectStore(archive);
  const report: VerifyReport = { objects: 0, bytes: 0, runs: 0, problems: [] };
  const damaged = new Map<Digest, string>();
  for (const digest of store.list()) {
    const found = digestOfFile(store.pathOf(digest));
    if (found.digest !== digest) damaged.set(digest, `its bytes have the digest ${found.digest}`);
    report.objects += 1;
    report.bytes += found.bytes;
    onProgress(report.objects);
  }
  const uses = new Map<Digest, string[]>();
  for (const run of listRuns(projectRoot)) {
    let record: RunRecord | null;
    try {
      record = readRecord(projectRoot, run);
    } catch (error) {
      report.problems.push({
        kind: "unreadable-record",
        what: `${run}/run.json`,
        affects: [run],
        message: messageOf(error),
      });
      continue;
    }
    if (record === null) continue;
    report.runs += 1;
    const form = RecordSchema.safeParse(record);
    if (!form.success) {
      const first = form.error.issues[0];
      const message = `The record does not have the form of a record: ${first?.path.join(".")}: ${first?.message}`;
      report.problems.push({
        kind: "unreadable-record",
        what: `${run}/run.json`,
        affects: [run],
        message,
      });
      continue;
    }
    for (const [digest, role] of digestsOf(record)) {
      uses.set(digest, [...(uses.get(digest) ?? []), `${run}, ${role}`]);
    }
    report.problems.push(...changedFiles(projectRoot, record, store));
  }
  addFolderParts(store, uses, damaged);
  for (const [digest, message] of damaged) {
    report.problems.push({
      kind: "damaged-object",
      what: digest,
      affects: uses.get(digest) ?? [],
      message: `An object is damaged: ${message}.`,
    });
  }
  for (const [digest, affects] of uses) {
    if (!store.has(digest))
      report.problems.push({
        kind: "missing-object",
        what: digest,
        affects,
        message: "An object is missing.",
      });
  }
  return report;
}

/** Every object a record needs, with its role. */
export function* digestsOf(record: RunRecord): Generator<[Digest, string]> {
  if (record.git?.changes) yield [record.git.changes, "changed files"];
  for (const [name, stage] of Object.entries(record.stages)) {
    for (const [input, { digest }] of Object.entries(stage.inputs))
      yield [digest, `${name}, input ${input}`];
    for (const [output, { digest }] of Object.entries(stage.outputs))
      yield [digest, `${name}, output ${output}`];
    if (stage.notebook.executed !== null)
      yield [stage.notebook.executed, `${name}, executed notebook`];
    for (const [index, { failed }] of stage.attempts.entries())
      if (failed !== undefined)
        yield [failed.notebook.executed, `${name}, notebook of attempt ${index + 1}`];
    for (const [path, digest] of Object.entries(stage.modules ?? {}))
      if (digest !== null) yield [digest, `${name}, module ${path}`];
    for (const check of stage.checks) {
      if (check.rows?.artifact)
        yield [check.rows.artifact, `${name}, rows of check "${check.name}"`];
    }
  }
}

/** A folder's files are objects too: a damaged one affects whoever uses the folder. */
function addFolderParts(
  store: ObjectStore,
  uses: Map<Digest, string[]>,
  damaged: Map<Digest, string>,
): void {
  for (const [digest, affects] of Array.from(uses)) {
    if (damaged.has(digest) || !store.has(digest)) continue;
    const start = peek(store.pathOf(digest));
    if (!start.startsWith('{"files":')) continue;
    try {
      for (const file of store.readManifest(digest).files) {
        if (isDigest(file.digest))
          uses.set(file.digest, [...(uses.get(file.digest) ?? []), ...affects]);
      }
    } catch {
      continue; // JSON of a user's that only begins like a manifest
    }
  }
}

function peek(path: string): string {
  const file = openSync(path, "r");
  try {
    const start = Buffer.alloc(16);
    return start.subarray(0, readSync(file, start, 0, 16, 0)).toString("latin1");
  } finally {
    closeSync(file);
  }
}

/**
 * Copies in a run's folder are what people open: an edited or missing one is said, though the store still has the
 * original. Links are only as good as their objects, which are looked at by themselves.
 */
function changedFiles(projectRoot: string, record: RunRecord, store: ObjectStore): VerifyProblem[] {
  const folder = runFolder(projectRoot, record.run);
  const problems: VerifyProblem[] = [];
  for (const [name, stage] of Object.entries(record.stages)) {
    for (const [path, digest] of filesOf(stage, store)) {
      const absolute = join(folder, path);
      const what = { what: `${record.run}/${path}`, affects: [`${record.run}, ${name}`] };
      const stat = lstatSync(absolute, { throwIfNoEntry: false });
      if (stat === undefined) {
        problems.push({
          kind: "missing-file",
          ...what,
          message: "A file of the run's folder is gone (its object is in the store).",
        });
      } else if (stat.isFile() && digestOfFile(absolute).digest !== digest) {
        problems.push({
          kind: "changed-file",
          ...what,
          message:
            "A file of the run's folder was changed after the run (the original is in the store).",
        });
      }
    }
  }
  return problems;
}

/** Every file that the run put into a stage's folder, with the digest of the object it is a copy of. */
function filesOf(stage: StageRecord, store: ObjectStore): [path: string, Digest][] {
  const files: [string, Digest][] = [];
  if (stage.notebook.path !== null && stage.notebook.executed !== null)
    files.push([stage.notebook.path, stage.notebook.executed]);
  for (const { failed } of stage.attempts)
    if (failed !== undefined) files.push([failed.notebook.path, failed.notebook.executed]);
  for (const { mediaType, path, digest } of Object.values(stage.outputs)) {
    if (mediaType !== FOLDER_MEDIA_TYPE) files.push([path, digest]);
    else
      for (const file of filesOfFolder(store, digest))
        files.push([`${path}/${file.path}`, file.digest]);
  }
  return files;
}

/** None when the manifest is missing or damaged, which is said of the object itself. */
function filesOfFolder(store: ObjectStore, digest: Digest): FolderManifest["files"] {
  try {
    return store.readManifest(digest).files;
  } catch {
    return [];
  }
}
