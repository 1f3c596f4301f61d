/** Reading one file of an artifact, whole or as it comes; what the store gave is checked against its digest. */
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { readFile } from "node:fs/promises";
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

/** A file that can be read once it is known where it lies: what an input and a file of a folder have in common. */
export class LocatedContent implements FileContent {
  readonly #named: string;
  readonly #locate: () => Promise<Located>;

  /** `named` stands in messages. */
  constructor(named: string, locate: () => Promise<Located>) {
    this.#named = named;
    this.#locate = locate;
  }

  async bytes(): Promise<Uint8Array> {
    const { path, digest } = await this.#locate();
    const read = await readFile(path);
    if (digest !== undefined && artifactDigest(read) !== digest) throw damagedObject(digest, path);
    return read;
  }
  async text(): Promise<string> {
    return Buffer.from(await this.bytes()).toString("utf8");
  }
  async json(): Promise<unknown> {
    return parsed(this.#named, await this.text());
  }
  lines(): AsyncIterable<string> {
    return linesOf(this.#locate);
  }
  stream(): ReadableStream<Uint8Array> {
    return ReadableStream.from(chunksOf(this.#locate));
  }
  async pixels(): Promise<Pixels> {
    return decodePng(await this.bytes());
  }
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
  const { createInterface } = await import("node:readline"); // 2.5 ms that most stages need not pay
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
