/** The files of an export: each with its path, its digest, and where its bytes are. */
import { existsSync, lstatSync, readdirSync } from "node:fs";
import { basename, join } from "node:path";
import { digestOf, digestOfFile, hexOf, type Digest } from "../../core/digest.ts";
import { StepLabError } from "../../core/error.ts";
import type { InputSource } from "../../core/host.ts";
import { archiveOf } from "../archive.ts";
import { runFolder } from "../query/runs.ts";
import type { RunRecord, StageRecord } from "../record.ts";
import { FOLDER_MEDIA_TYPE, ObjectStore } from "../store/objects.ts";
import { readmeOf } from "./readme.ts";

/** What can be left out. */
export const EXPORT_PARTS = ["inputs", "outputs", "notebooks", "code", "journal"] as const;
export type ExportPart = (typeof EXPORT_PARTS)[number];

export interface ExportEntry {
  /** Relative, forward slashes. */
  path: string;
  digest: Digest;
  bytes: number;
  /** Absolute path of a file with these bytes, or the bytes themselves. */
  from: string | Buffer;
}

export interface ExportSelection {
  /** Only this stage, with all that it read. */
  stage: string | null;
  without: ReadonlySet<ExportPart>;
}

/** Beside the files, what checks them: `sha256sum -c SHA256SUMS`. */
export const SUMS_FILE = "SHA256SUMS";

/** Sorted by path. @throws StepLabError `store/missing`, `run/unknown-stage`, `export/unsafe-path` */
export function exportEntries(
  projectRoot: string,
  record: RunRecord,
  selection: ExportSelection,
): ExportEntry[] {
  const list = new EntryList(projectRoot, record, selection);
  list.addRun();
  for (const [name, stage] of Object.entries(record.stages))
    if (selection.stage === null || selection.stage === name) list.addStage(name, stage);
  return list.whole();
}

class EntryList {
  readonly #record: RunRecord;
  readonly #selection: ExportSelection;
  readonly #folder: string;
  readonly #store: ObjectStore;
  readonly #entries = new Map<string, ExportEntry>();
  readonly #missing: string[] = [];

  constructor(projectRoot: string, record: RunRecord, selection: ExportSelection) {
    this.#record = record;
    this.#selection = selection;
    this.#folder = runFolder(projectRoot, record.run);
    this.#store = new ObjectStore(archiveOf(projectRoot));
    if (selection.stage !== null && !(selection.stage in record.stages))
      throw new StepLabError(
        "run/unknown-stage",
        `Run ${record.run} has no stage "${selection.stage}".`,
        {
          hint: `It has: ${Object.keys(record.stages).join(", ")}.`,
        },
      );
  }

  /** The run's own files: the document, the record, the journal. */
  addRun(): void {
    for (const name of [
      "PIPELINE.md",
      "run.json",
      ...(this.#has("journal") ? ["events.jsonl"] : []),
    ])
      this.#addFile(name);
  }

  addStage(name: string, stage: StageRecord): void {
    if (this.#has("notebooks")) this.#addNotebooks(stage);
    if (this.#has("outputs"))
      for (const { digest, path, bytes, mediaType } of Object.values(stage.outputs))
        this.#addArtifact(path, digest, bytes, mediaType === FOLDER_MEDIA_TYPE);
    if (this.#has("code"))
      for (const [path, digest] of Object.entries(stage.modules ?? {}))
        if (digest !== null) this.#addObject(this.#codePath(name, path, digest), digest, null);
    if (this.#has("inputs"))
      for (const [input, { source, digest, bytes }] of Object.entries(stage.inputs))
        if (!this.#isElsewhere(source))
          this.#addArtifact(`inputs/${name}.${input}/${nameOf(source)}`, digest, bytes, null);
    this.#addRest(stage.index, name);
  }

  /** @throws StepLabError `store/missing` */
  whole(): ExportEntry[] {
    if (this.#missing.length > 0)
      throw new StepLabError(
        "store/missing",
        `The store lacks what run ${this.#record.run} needs: ${this.#missing.join(", ")}.`,
        {
          hint: "`npx steplab verify` shows what is affected; --without outputs, or inputs, leaves such parts out.",
        },
      );
    const entries = [...this.#entries.values()];
    this.#addBytes(
      "README.md",
      readmeOf(
        this.#record,
        entries.map(({ path }) => path),
      ),
    );
    const sorted = [...this.#entries.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
    this.#addBytes(
      SUMS_FILE,
      sorted.map(({ digest, path }) => `${hexOf(digest)}  ${path}\n`).join(""),
    );
    return [...this.#entries.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
  }

  /** Stages share their modules, but for one that was saved between their executions. */
  #codePath(stage: string, path: string, digest: Digest): string {
    const taken = this.#entries.get(`code/${path}`);
    return taken === undefined || taken.digest === digest
      ? `code/${path}`
      : `code-of-${stage}/${path}`;
  }

  #has(part: ExportPart): boolean {
    return !this.#selection.without.has(part);
  }

  /** What another stage of this run made is exported with that stage. */
  #isElsewhere(source: InputSource): boolean {
    return (
      "stage" in source &&
      !("run" in source) &&
      this.#selection.stage === null &&
      this.#has("outputs")
    );
  }

  #addNotebooks({ notebook, attempts }: StageRecord): void {
    if (notebook.executed !== null && notebook.path !== null)
      this.#addObject(notebook.path, notebook.executed, null);
    for (const { failed } of attempts)
      if (failed !== undefined)
        this.#addObject(failed.notebook.path, failed.notebook.executed, null);
  }

  /** What else lies in the stage's folder and is no output or notebook: its description, long texts of cells. */
  #addRest(index: number, name: string): void {
    const folder = `${index}-${name}`;
    if (!existsSync(join(this.#folder, folder))) return;
    const known = this.#record.stages[name];
    const others = new Set(
      [
        known?.notebook.path,
        ...Object.values(known?.outputs ?? {}).map(({ path }) => path),
        ...(known?.attempts ?? []).map(({ failed }) => failed?.notebook.path),
      ].filter((path) => path != null),
    );
    for (const file of readdirSync(join(this.#folder, folder))) {
      const path = `${folder}/${file}`;
      if (!others.has(path) && lstatSync(join(this.#folder, path)).isFile()) this.#addFile(path);
    }
  }

  /** `folder`: null when the record does not say; then the object itself does. */
  #addArtifact(path: string, digest: Digest, bytes: number, folder: boolean | null): void {
    if (folder === false || !this.#isFolder(digest, folder))
      return this.#addObject(path, digest, bytes);
    for (const file of this.#store.readManifest(digest).files)
      this.#addObject(`${path}/${file.path}`, file.digest, file.bytes);
  }

  #isFolder(digest: Digest, said: boolean | null): boolean {
    if (said !== null || !this.#store.has(digest)) return said === true && this.#store.has(digest);
    try {
      this.#store.readManifest(digest);
      return true;
    } catch {
      return false; // a file
    }
  }

  #addObject(path: string, digest: Digest, bytes: number | null): void {
    const from = this.#store.pathOf(digest);
    const stat = lstatSync(from, { throwIfNoEntry: false });
    if (stat === undefined) this.#missing.push(`${path} (${digest})`);
    else this.#add({ path, digest, bytes: bytes ?? stat.size, from });
  }

  #addFile(path: string): void {
    const from = join(this.#folder, path);
    if (existsSync(from)) this.#add({ path, from, ...digestOfFile(from) });
  }

  #addBytes(path: string, text: string): void {
    const from = Buffer.from(text);
    this.#add({ path, digest: digestOf(from), bytes: from.length, from });
  }

  #add(entry: ExportEntry): void {
    const isSafe = !entry.path
      .split("/")
      .some((part) => part === "" || part === "." || part === "..");
    if (!isSafe || entry.path.includes("\\") || entry.path.includes("\0"))
      throw new StepLabError(
        "export/unsafe-path",
        `The record names ${JSON.stringify(entry.path)}, which leads out of the run.`,
        {
          hint: "Somebody changed the record: `npx steplab verify` looks at all of it.",
        },
      );
    this.#entries.set(entry.path, entry);
  }
}

/** A file name for what came from outside. */
function nameOf(source: InputSource): string {
  if ("path" in source) return basename(source.path) || "data";
  if ("url" in source)
    return basename(source.url.split(/[?#]/)[0] ?? "").replaceAll(/[^\w.-]/g, "_") || "data";
  return source.output;
}
