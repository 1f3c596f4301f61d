/** `a.file({ media })`: bytes as they are: a delivery, a picture, a document. CSV files read as tables. */
import { statSync } from "node:fs";
import { basename, extname } from "node:path";
import type { z } from "zod";
import type { Port } from "../../core/contract.ts";
import type { InputBinding, MimeBundle } from "../../core/host.ts";
import type { Json } from "../../core/json.ts";
import { bindingOf } from "../bind.ts";
import type { InputKind, OutputKind } from "../contract/ports.ts";
import { DISPLAY, type Displayable } from "../display/displayable.ts";
import { LocatedContent, type FileContent } from "../files/content.ts";
import { StoredFile, type FolderFile } from "../files/folder-file.ts";
import { summaryOf } from "../files/summary.ts";
import { writeContent } from "../files/write-content.ts";
import { publish, type Published } from "../publish.ts";
import { CsvTable } from "./csv.ts";
import type { RowOf, TableSource } from "./table-kind.ts";

/** What a stage reads of an input declared with `a.file()`. */
export interface FileInput extends FileContent, Displayable {
  /** Absolute path; read-only. */
  path(): Promise<string>;
  /**
   * The file as a table of this schema. Strict: exactly the schema's columns in its order, every value of its
   * column's type. See `csv.ts` for how fields become values.
   */
  csv<S extends z.ZodObject>(schema: S): TableSource<RowOf<S>>;
}

/** What may be written to an `a.file()` output. */
export type FileSource =
  | string
  | Uint8Array
  | AsyncIterable<Uint8Array | string>
  | FileInput
  | FolderFile;

/** What an output declared with `a.file()` takes. */
export interface FileOutput {
  /** Text, bytes, a stream of either, a file of a folder, or an input passed on as it is, which copies nothing. */
  write(content: FileSource): Promise<void>;
}

export interface FileKind extends InputKind<FileInput>, OutputKind<FileOutput> {
  from(reference: string): FileKind;
}

export interface FileOptions {
  /** MIME type: "text/csv", "image/png". */
  media?: string;
}

/** See `a.file`. */
export function fileKind(options: FileOptions = {}, from?: string): FileKind {
  const port: Port = { kind: "file", ...options, ...(from !== undefined && { from }) };
  return {
    port,
    from: (reference) => fileKind(options, reference),
    input: (name) => new BoundFile(name, port),
    output: (name) => ({
      write: (content) =>
        publish(name, async (place) => {
          const media =
            options.media ?? (content instanceof BoundFile ? await content.media() : DEFAULT_MEDIA);
          return writeFileOutput(content, media, place);
        }),
    }),
  };
}

const DEFAULT_MEDIA = "application/octet-stream";

class BoundFile extends LocatedContent implements FileInput {
  readonly #name: string;
  readonly #port: Port;

  constructor(name: string, port: Port) {
    // Its bytes were hashed when the runner handed it over.
    super(`Input "${name}"`, async () => ({ path: await this.path() }));
    this.#name = name;
    this.#port = port;
  }

  binding(): Promise<InputBinding> {
    return bindingOf(this.#name, this.#port);
  }

  async media(): Promise<string> {
    return (await this.binding()).mediaType;
  }

  async path(): Promise<string> {
    return (await this.binding()).path;
  }

  async [DISPLAY](): Promise<MimeBundle> {
    const { bytes, mediaType } = await this.binding();
    const { fileBundle } = await import("../display/file-bundle.ts");
    return fileBundle({
      path: this.#name,
      size: bytes,
      media: mediaType,
      bytes: () => this.bytes(),
    });
  }

  csv<S extends z.ZodObject>(schema: S): TableSource<RowOf<S>> {
    return new CsvTable<RowOf<S>>(`Input "${this.#name}"`, schema, () => this.path());
  }
}

/** Ends of file names that people and programs know by their type. */
const EXTENSIONS: Record<string, string> = {
  "text/csv": ".csv",
  "text/plain": ".txt",
  "text/markdown": ".md",
  "text/html": ".html",
  "application/json": ".json",
  "application/pdf": ".pdf",
  "application/vnd.apache.parquet": ".parquet",
  "image/png": ".png",
  "image/jpeg": ".jpg",
  "image/svg+xml": ".svg",
};

async function writeFileOutput(
  content: FileSource,
  media: string,
  place: (extension: string) => { path: string; staged: string },
): Promise<Published> {
  const common = { kind: "file", mediaType: media, schema: {} } as const;
  if (content instanceof BoundFile) {
    const { path, digest, bytes } = await content.binding();
    return { ...common, digest, summary: fileSummary(path, bytes, media) };
  }
  const { path, staged } = place(await extensionOf(content, media));
  await writeContent(path, content);
  return { ...common, staged, summary: fileSummary(path, statSync(path).size, media) };
}

/** That of the declared type; where it has none, that of what is copied. */
async function extensionOf(content: FileSource, media: string): Promise<string> {
  const known = EXTENSIONS[media];
  if (known !== undefined) return known;
  if (content instanceof StoredFile) return extname(content.name) || ".bin";
  // A file of another kind of input, made by hand in a test.
  if (typeof content === "object" && "path" in content && typeof content.path === "function")
    return extname(await content.path()) || ".bin";
  return typeof content === "string" ? ".txt" : ".bin";
}

/** Of an image its size too, of a text its lines and words. */
function fileSummary(path: string, bytes: number, media: string): Record<string, Json> {
  const { images, texts } = summaryOf([new StoredFile(basename(path), bytes, { path }, media)]);
  return {
    bytes,
    ...(images?.unreadable === 0 && { width: images.width[0], height: images.height[0] }),
    ...(texts?.utf8 === 1 && { lines: texts.lines, words: texts.words }),
  };
}
