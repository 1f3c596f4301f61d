/** `a.folder()`: files that belong together: images, texts, what a model server needs. */
import { cpSync, existsSync, mkdirSync, rmSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Port } from "../../core/contract.ts";
import type { ArtifactDigest } from "../../core/digest.ts";
import { StepLabError } from "../../core/error.ts";
import type { InputBinding, MimeBundle } from "../../core/host.ts";
import { isMedia } from "../../core/media-type.ts";
import { demandSafe, FOLDER_MEDIA_TYPE, listFiles } from "../../lineage/store/folder.ts";
import { ObjectStore } from "../../lineage/store/objects.ts";
import { bindingOf } from "../bind.ts";
import type { InputKind, OutputKind } from "../contract/ports.ts";
import { DISPLAY, type Displayable } from "../display/displayable.ts";
import { StoredFile } from "../files/folder-file.ts";
import { FileSelection, type Files } from "../files/selection.ts";
import { summaryOf } from "../files/summary.ts";
import { writeContent, type Writable } from "../files/write-content.ts";
import { claimOutput, publish, stagedPlace, type Published, type StagedPlace } from "../publish.ts";
import { currentSession } from "../session.ts";

/** What a stage reads of an input declared with `a.folder()`: its files one by one, or its path. */
export interface FolderInput extends Files {
  /**
   * Absolute path of the folder, for what can only read files by path; its files are read-only. They are laid out
   * when this is first asked: who walks through the files here has no need of it.
   */
  path(): Promise<string>;
}

/** What an output declared with `a.folder()` takes: files one by one, files written in place, or a whole folder. */
export interface FolderOutput extends Displayable {
  /**
   * Adds one file: text, bytes, a stream of either, a file of any artifact, or a value to be kept as JSON.
   *
   * @param path relative to the folder, forward slashes: `cats/001.png`
   * @throws StepLabError `store/unsafe-name` for a name that another system could not keep
   */
  add(path: string, content: Writable): Promise<void>;
  /** An empty folder to write into. What lies there when the stage ends is the output. */
  path(): Promise<string>;
  /** Takes a folder over as it is, or passes an input (which copies nothing) or some of its files on. */
  write(from: string | Files): Promise<void>;
}

/** What `a.folder()` demands of its files; each is checked when it is written. */
export interface FolderOptions {
  /** Of every file, by the ending of its name: `image/png`, `image/*`. */
  media?: string;
  /** Fewest and most files. */
  min?: number;
  max?: number;
}

export interface FolderKind extends InputKind<FolderInput>, OutputKind<FolderOutput> {
  from(reference: string): FolderKind;
}

type FolderPort = Extract<Port, { kind: "folder" }>;

/** See `a.folder`. */
export function folderKind(options: FolderOptions = {}, from?: string): FolderKind {
  const port: FolderPort = { kind: "folder", ...options, ...(from !== undefined && { from }) };
  return {
    port,
    from: (reference) => folderKind(options, reference),
    input: (name) => new BoundFolder(name, port),
    output: (name) => new StagedFolder(name, port),
  };
}

class BoundFolder extends FileSelection implements FolderInput {
  readonly #binding: () => Promise<InputBinding>;

  constructor(name: string, port: FolderPort) {
    const subject = `Input "${name}"`;
    const binding = (): Promise<InputBinding> => bindingOf(name, port);
    let files: Promise<readonly StoredFile[]> | undefined;
    super(subject, () => (files ??= binding().then((bound) => filesOfInput(subject, bound, port))));
    this.#binding = binding;
  }

  async path(): Promise<string> {
    const { path, digest, manifest } = await this.#binding();
    if (manifest !== undefined && !existsSync(path)) storeOf(manifest).unpackFolder(digest, path);
    return path;
  }

  async digest(): Promise<ArtifactDigest> {
    return (await this.#binding()).digest;
  }
}

function filesOfInput(
  subject: string,
  { path, digest, manifest }: InputBinding,
  port: FolderPort,
): StoredFile[] {
  if (manifest === undefined) return demandFit(subject, filesBelow(path), port);
  const store = storeOf(manifest);
  const files = store.readManifest(digest).files.map(
    (file) =>
      new StoredFile(file.path, file.bytes, {
        path: store.pathOf(file.digest),
        digest: file.digest,
      }),
  );
  return demandFit(subject, files, port);
}

/** A manifest lies where every object does: `objects/ab/cdef…`. */
function storeOf(manifest: string): ObjectStore {
  return new ObjectStore({ objects: dirname(dirname(manifest)) });
}

class StagedFolder implements FolderOutput {
  readonly #name: string;
  readonly #port: FolderPort;
  #place: StagedPlace | undefined;
  readonly #added = new Set<string>();

  constructor(name: string, port: FolderPort) {
    this.#name = name;
    this.#port = port;
  }

  add(path: string, content: Writable): Promise<void> {
    const session = currentSession();
    demandSafe([path]);
    const place = this.#begin();
    if (this.#added.has(path) && session.publishes)
      throw new StepLabError(
        "output/written-twice",
        `Output "${this.#name}" has a file "${path}" already.`,
        { hint: "Give every file a name of its own." },
      );
    this.#added.add(path);
    return session.write(() => writeContent(join(place.path, path), content));
  }

  path(): Promise<string> {
    return Promise.resolve(this.#begin().path);
  }

  write(from: string | Files): Promise<void> {
    return publish(this.#name, async (place) => {
      if (from instanceof BoundFolder) {
        const files = demandFit(`Output "${this.#name}"`, await from.list(), this.#port);
        return { ...factsOf(files), digest: await from.digest() };
      }
      const { path, staged } = place("");
      rmSync(path, { recursive: true, force: true }); // in JupyterLab a cell may run again
      this.#place = { path, staged };
      await takeOver(from, path, this.#name);
      return { ...factsOf(this.#files(path)), staged };
    });
  }

  async [DISPLAY](): Promise<MimeBundle> {
    const { filesBundle } = await import("../display/files-bundle.ts");
    return filesBundle(this.#place === undefined ? [] : filesBelow(this.#place.path));
  }

  #begin(): StagedPlace {
    if (this.#place !== undefined) return this.#place;
    const session = currentSession();
    claimOutput(this.#name);
    const place = stagedPlace(session, this.#name);
    rmSync(place.path, { recursive: true, force: true });
    mkdirSync(place.path);
    this.#place = place;
    // Told at the very end: files may be written in any later cell.
    session.atSettle(() =>
      session.emit({
        fact: "output",
        name: this.#name,
        ...factsOf(this.#files(place.path)),
        staged: place.staged,
      }),
    );
    return place;
  }

  #files(path: string): StoredFile[] {
    const files = filesBelow(path);
    demandSafe(files.map((file) => file.path));
    return demandFit(`Output "${this.#name}"`, files, this.#port);
  }
}

/** Copies a folder, or the files of a selection, into the empty place of an output. */
async function takeOver(from: string | Files, path: string, name: string): Promise<void> {
  if (typeof from === "string") {
    if (!statSync(from, { throwIfNoEntry: false })?.isDirectory())
      throw new StepLabError("output/failed", `Output "${name}": ${from} is no folder.`);
    cpSync(from, path, { recursive: true });
    return;
  }
  mkdirSync(path);
  for await (const file of from) await writeContent(join(path, file.path), file);
}

function factsOf(files: readonly StoredFile[]): Omit<Published, "staged" | "digest"> {
  return { kind: "folder", mediaType: FOLDER_MEDIA_TYPE, schema: {}, summary: summaryOf(files) };
}

function filesBelow(folder: string): StoredFile[] {
  return listFiles(folder).map((file) => {
    const path = join(folder, file);
    return new StoredFile(file, statSync(path).size, { path });
  });
}

/** @throws StepLabError `folder/invalid` */
function demandFit(
  subject: string,
  files: StoredFile[],
  { media, min = 0, max = Infinity }: FolderPort,
): StoredFile[] {
  const invalid = (what: string, hint: string): StepLabError =>
    new StepLabError("folder/invalid", `${subject} ${what}.`, { hint });
  const count = `${files.length} ${files.length === 1 ? "file" : "files"}`;
  if (files.length < min)
    throw invalid(`has ${count}, and is declared with at least ${min}`, "Is it the right folder?");
  if (files.length > max)
    throw invalid(`has ${count}, and is declared with at most ${max}`, "Is it the right folder?");
  const other = files.filter((file) => media !== undefined && !isMedia(file.media, media));
  const [first] = other;
  if (first === undefined || media === undefined) return files;
  throw invalid(
    `is declared as ${media}, and ${other.length} of its ${count} ${other.length === 1 ? "is" : "are"} not, first: ${first.path} (${first.media})`,
    "Leave other files out, put them into an output of their own, or declare another `media`.",
  );
}
