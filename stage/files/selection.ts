/** Files of a folder artifact, all or some: listed, walked through, narrowed down, shown. */
import { posix } from "node:path";
import { didYouMean } from "../../core/did-you-mean.ts";
import { StepLabError } from "../../core/error.ts";
import type { MimeBundle } from "../../core/host.ts";
import { DISPLAY, type Displayable } from "../display/displayable.ts";
import type { FolderFile, StoredFile } from "./folder-file.ts";

/**
 * Sorted by path. Walking through it reads nothing but what you ask each file for, so ten thousand images take the
 * memory of one:
 *
 *     for await (const file of input.images.glob("cats/*.png")) brightness.push(mean(await file.pixels()));
 */
export interface Files extends AsyncIterable<FolderFile>, Displayable {
  list(): Promise<FolderFile[]>;
  count(): Promise<number>;
  /** One file by its path. @throws StepLabError `folder/no-such-file` */
  get(path: string): Promise<FolderFile>;
  has(path: string): Promise<boolean>;
  /** Those whose path fits: `*` within a name, `**` across folders, `{png,jpg}`. */
  glob(pattern: string): Files;
  filter(keep: (file: FolderFile) => boolean): Files;
}

/** Over a list that is made when it is first asked for. */
export class FileSelection implements Files {
  readonly #name: string;
  readonly #load: () => Promise<readonly StoredFile[]>;
  #byPath: Map<string, StoredFile> | undefined;

  /** `name` stands in messages: `Input "images"`. */
  constructor(name: string, load: () => Promise<readonly StoredFile[]>) {
    this.#name = name;
    this.#load = load;
  }

  async #find(path: string): Promise<StoredFile | undefined> {
    this.#byPath ??= new Map((await this.#load()).map((file) => [file.path, file]));
    return this.#byPath.get(path);
  }

  async list(): Promise<StoredFile[]> {
    return [...(await this.#load())];
  }

  async count(): Promise<number> {
    return (await this.#load()).length;
  }

  async get(path: string): Promise<FolderFile> {
    const found = await this.#find(path);
    if (found !== undefined) return found;
    const paths = (await this.#load()).map((file) => file.path);
    throw new StepLabError("folder/no-such-file", `${this.#name} has no file "${path}".`, {
      hint:
        didYouMean(path, paths) ??
        (paths.length === 0 ? "It is empty." : `It has ${paths.length} files, first: ${paths[0]}`),
    });
  }

  async has(path: string): Promise<boolean> {
    return (await this.#find(path)) !== undefined;
  }

  glob(pattern: string): Files {
    return this.filter((file) => posix.matchesGlob(file.path, pattern));
  }

  filter(keep: (file: FolderFile) => boolean): Files {
    return new FileSelection(this.#name, async () => (await this.#load()).filter(keep));
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<FolderFile> {
    yield* await this.#load();
  }

  async [DISPLAY](): Promise<MimeBundle> {
    const { filesBundle } = await import("../display/files-bundle.ts");
    return filesBundle(await this.#load());
  }
}
