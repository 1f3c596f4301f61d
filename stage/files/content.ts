/** Reading one file of an artifact, whole or as it comes; what the store gave is checked against its digest. */
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { readFile } from "node:fs/promises";
import { createInterface } from "node:readline";
import { artifactDigest, type ArtifactDigest } from "../../core/digest.ts";
import { StepLabError, messageOf } from "../../core/error.ts";
import { damagedObject } from "../../lineage/store/objects.ts";
import { decodePng } from "../picture/png.ts";
import type { Pixels } from "../picture/pixels.ts";

/** What a file of any artifact can be read as. */
export interface FileContent {
  /** The whole file as UTF-8 text. */
  text(): Promise<string>;
  bytes(): Promise<Uint8Array>;
  /** The whole file as JSON. @throws StepLabError `file/not-json` */
  json(): Promise<unknown>;
  /** One line after the other, without its end; memory stays flat: `for await (const line of file.lines())`. */
  lines(): AsyncIterable<string>;
  /** The bytes as they come; memory stays flat. */
  stream(): ReadableStream<Uint8Array>;
  /** A PNG image as numbers. @throws TypeError for what is no PNG */
  pixels(): Promise<Pixels>;
}

export interface Located {
  path: string;
  /** Set where the file is an object of the store: its bytes are checked as they are read. */
  digest?: ArtifactDigest;
}

const CHUNK_BYTES = 1 << 20;

/** `name` stands in messages. */
export function contentOf(name: string, locate: () => Promise<Located>): FileContent {
  const bytes = async (): Promise<Uint8Array> => {
    const { path, digest } = await locate();
    const read = await readFile(path);
    if (digest !== undefined && artifactDigest(read) !== digest) throw damagedObject(digest, path);
    return read;
  };
  const text = async (): Promise<string> => Buffer.from(await bytes()).toString("utf8");
  return {
    bytes,
    text,
    json: async () => parsed(name, await text()),
    lines: () => linesOf(locate),
    stream: () => ReadableStream.from(chunksOf(locate)),
    pixels: async () => decodePng(await bytes()),
  };
}

function parsed(name: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new StepLabError("file/not-json", `${name} holds no JSON: ${messageOf(error)}`, {
      hint: "Read it with text() or lines(); a file of JSON lines is one value a line.",
      cause: error,
    });
  }
}

/** What is wrong shows at the end: until then the bytes were only passed on. */
async function* chunksOf(locate: () => Promise<Located>): AsyncGenerator<Uint8Array> {
  const { path, digest } = await locate();
  const hasher = createHash("sha256");
  for await (const chunk of createReadStream(path, { highWaterMark: CHUNK_BYTES })) {
    const bytes = chunk as Buffer; // no encoding is set
    if (digest !== undefined) hasher.update(bytes);
    yield bytes;
  }
  if (digest !== undefined && `sha256:${hasher.digest("hex")}` !== digest)
    throw damagedObject(digest, path);
}

async function* linesOf(locate: () => Promise<Located>): AsyncGenerator<string> {
  const { Readable } = await import("node:stream");
  const input = Readable.from(chunksOf(locate), { objectMode: false });
  const lines = createInterface({ input, crlfDelay: Infinity });
  let failure: Error | undefined;
  input.once("error", (error) => {
    failure = error; // readline only ends
    lines.close();
  });
  yield* lines;
  if (failure !== undefined) throw failure;
}
