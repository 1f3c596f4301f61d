/** One file written from whatever a notebook has. */
import { copyFileSync, constants, createWriteStream, mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { Readable } from "node:stream";
import { readableJson } from "../../core/json.ts";
import type { FileContent } from "./content.ts";
import { StoredFile } from "./folder-file.ts";

/**
 * Text, bytes, a stream or an iterable of either (memory stays flat), a file of an artifact; any other value is
 * kept as JSON.
 */
export type Writable =
  | string
  | Uint8Array
  | AsyncIterable<Uint8Array | string>
  | Pick<FileContent, "stream">
  | JsonValue;

type JsonValue =
  | number
  | boolean
  | null
  | readonly JsonLike[]
  | { readonly [member: string]: JsonLike };
type JsonLike = JsonValue | string | undefined;

export async function writeContent(path: string, content: Writable): Promise<void> {
  mkdirSync(dirname(path), { recursive: true });
  if (typeof content === "string" || content instanceof Uint8Array)
    return writeFileSync(path, content);
  // An object of the store would be read-only: the copy is a file like any other until it is published.
  if (content instanceof StoredFile && content.located.digest === undefined)
    return copyFileSync(content.located.path, path, constants.COPYFILE_FICLONE);
  if (hasStream(content)) return await streamTo(path, content.stream());
  if (isAsyncIterable(content)) return await streamTo(path, Readable.from(content));
  writeFileSync(path, readableJson(content));
}

async function streamTo(path: string, source: ReadableStream | Readable): Promise<void> {
  const { pipeline } = await import("node:stream/promises"); // with the first stream, not with "steplab"
  await pipeline(source, createWriteStream(path));
}

function hasStream(
  content: object | number | boolean | null,
): content is Pick<FileContent, "stream"> {
  return (
    typeof content === "object" &&
    content !== null &&
    "stream" in content &&
    typeof content.stream === "function"
  );
}

function isAsyncIterable(
  content: object | number | boolean | null,
): content is AsyncIterable<Uint8Array | string> {
  return typeof content === "object" && content !== null && Symbol.asyncIterator in content;
}
