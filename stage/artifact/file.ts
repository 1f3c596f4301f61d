/** `a.file({ media })`: bytes as they are: a delivery, a picture, a document. CSV files read as tables. */
import { copyFileSync, writeFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { extname } from "node:path";
import type { z } from "zod";
import type { Port } from "../../core/contract.ts";
import type { InputBinding } from "../../core/host.ts";
import { bindingOf } from "../bind.ts";
import type { InputKind, OutputKind } from "../contract/ports.ts";
import { publish, type Published } from "../publish.ts";
import { CsvTable } from "./csv.ts";
import type { RowOf, TableSource } from "./table-kind.ts";

export interface FileInput {
  /** Absolute path; read-only. */
  path(): Promise<string>;
  /** The whole file as UTF-8 text. */
  text(): Promise<string>;
  bytes(): Promise<Uint8Array>;
  /**
   * The file as a table of this schema. Strict: exactly the schema's columns in its order, every value of its
   * column's type. See `csv.ts` for how fields become values.
   */
  csv<S extends z.ZodObject>(schema: S): TableSource<RowOf<S>>;
}

export interface FileOutput {
  /** Text, bytes, or an input passed on as it is. */
  write(content: string | Uint8Array | FileInput): Promise<void>;
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

class BoundFile implements FileInput {
  readonly #name: string;
  readonly #port: Port;

  constructor(name: string, port: Port) {
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

  async text(): Promise<string> {
    return readFile(await this.path(), "utf8");
  }

  async bytes(): Promise<Uint8Array> {
    return readFile(await this.path());
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
  content: string | Uint8Array | FileInput,
  media: string,
  place: (extension: string) => { path: string; staged: string },
): Promise<Published> {
  const common = { kind: "file", mediaType: media, schema: {} } as const;
  if (content instanceof BoundFile) {
    const { digest, bytes } = await content.binding();
    return { ...common, digest, summary: { bytes } };
  }
  const extension = EXTENSIONS[media] ?? (typeof content === "string" ? ".txt" : ".bin");
  if (typeof content === "string" || content instanceof Uint8Array) {
    const { path, staged } = place(extension);
    writeFileSync(path, content);
    return { ...common, staged, summary: { bytes: Buffer.byteLength(content) } };
  }
  const source = await content.path(); // a file of another kind of input, made by hand in a test
  const { path, staged } = place(extname(source) || extension);
  copyFileSync(source, path);
  return { ...common, staged, summary: {} };
}
