/** Every object that something needs. A doubt counts as a need. */
import { closeSync, existsSync, openSync, readFileSync, readSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { isDigest, type Digest } from "../../core/digest.ts";
import { StepLabError } from "../../core/error.ts";
import { JOURNAL_FILE, RECORD_FILE, archiveOf } from "../archive.ts";
import { readRecord, runFolder } from "../query/runs.ts";
import type { RunId } from "../record.ts";
import type { ObjectStore } from "../store/objects.ts";
import { digestsOf } from "../verify.ts";

/** Collects digests; a folder's or a list's own members with it. */
export class Reached {
  readonly digests = new Set<Digest>();
  readonly #store: ObjectStore;

  constructor(store: ObjectStore) {
    this.#store = store;
  }

  add(digest: Digest): void {
    if (this.digests.has(digest)) return;
    this.digests.add(digest);
    for (const member of membersOf(this.#store, digest)) this.add(member);
  }

  /** @throws StepLabError `gc/unreadable`: of a record that cannot be read nobody knows what it needs */
  addRun(projectRoot: string, run: RunId): void {
    const folder = runFolder(projectRoot, run);
    if (!existsSync(join(folder, RECORD_FILE))) {
      this.addJournal(folder);
      return;
    }
    try {
      const record = readRecord(projectRoot, run);
      if (record !== null) for (const [digest] of digestsOf(record)) this.add(digest);
    } catch (cause) {
      if (!(cause instanceof StepLabError)) throw cause;
      throw new StepLabError(
        "gc/unreadable",
        `${cause.message} What it needs is not known, so that nothing is freed.`,
        {
          hint: `Restore runs/${run}/${RECORD_FILE}, or remove the folder runs/${run} if the run is not wanted.`,
          cause,
        },
      );
    }
  }

  /** The story of a run that has no record yet. */
  addJournal(folder: string): void {
    const path = join(folder, JOURNAL_FILE);
    if (existsSync(path)) this.#addMentioned(path);
  }

  /** What every known key led to: a run under way may find it at any moment. */
  addKeys(projectRoot: string): void {
    this.#addFolder(archiveOf(projectRoot).keys);
  }

  /** What each stage was last decided by, which `--explain` compares with. */
  addLastPlans(projectRoot: string): void {
    this.#addFolder(join(archiveOf(projectRoot).refs, "stages"));
  }

  #addFolder(folder: string): void {
    if (!existsSync(folder)) return;
    for (const name of readdirSync(folder))
      if (name.endsWith(".json")) this.#addMentioned(join(folder, name));
  }

  /** Whatever looks like a digest in a file of our own. */
  #addMentioned(path: string): void {
    for (const digest of readFileSync(path, "utf8").match(/sha256:[0-9a-f]{64}/g) ?? [])
      if (isDigest(digest)) this.add(digest);
  }
}

const LIST_BEGINS = '{"files":';

/** Manifests of folders and lists of changed files are canonical JSON that begins with their files. */
function membersOf(store: ObjectStore, digest: Digest): Digest[] {
  const path = store.pathOf(digest);
  if (!existsSync(path) || !beginsWith(path, LIST_BEGINS)) return [];
  try {
    const { files } = JSON.parse(readFileSync(path, "utf8")) as { files: { digest?: unknown }[] }; // guarded by the catch
    return files.map((file) => file.digest).filter(isDigest);
  } catch {
    return []; // JSON of a user's that only begins like one, or a damaged object, which `steplab verify` names
  }
}

function beginsWith(path: string, text: string): boolean {
  const file = openSync(path, "r");
  try {
    const start = Buffer.alloc(text.length);
    return start.subarray(0, readSync(file, start, 0, text.length, 0)).toString("latin1") === text;
  } finally {
    closeSync(file);
  }
}
