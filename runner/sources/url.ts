/**
 * A URL as a source: fetched with a conditional request, kept in the store, remembered with its ETag.
 * Only `run` does this; `lint` and `status` never touch the network.
 */
import { createWriteStream, readFileSync, rmSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { withoutCredentials } from "../../core/credentials.ts";
import { digestOf, hexOf, type ArtifactDigest } from "../../core/digest.ts";
import { StepLabError, messageOf } from "../../core/error.ts";
import type { Archive } from "../../lineage/archive.ts";
import { ensureFolder, isErrno, writeFailed, writeFileAtomic } from "../../lineage/store/files.ts";
import type { ObjectStore } from "../../lineage/store/objects.ts";
import type { FetchedSource } from "./local.ts";
import { mediaTypeOf } from "../../core/media-type.ts";

interface Remembered {
  url: string;
  etag: string | null;
  lastModified: string | null;
  digest: ArtifactDigest;
  bytes: number;
  mediaType: string;
}

export interface UrlOptions {
  archive: Archive;
  store: ObjectStore;
  /** Reuse the last fetch, ask nobody. */
  offline: boolean;
  signal: AbortSignal;
  /** Named in messages. */
  stage: string;
  input: string;
}

/** @throws StepLabError `source/unreachable`, `source/not-fetched` (offline and never fetched) */
export async function fetchUrl(url: string, options: UrlOptions): Promise<FetchedSource> {
  const { archive, store, offline } = options;
  const memory = memoryOf(url, archive);
  const last = read(memory, url, store);
  if (offline) {
    if (last !== null) return fetched(url, last);
    throw new StepLabError(
      "source/not-fetched",
      `${withoutCredentials(url)} was never fetched, and the run is offline.`,
      {
        hint: "Run once without --offline.",
      },
    );
  }
  const headers: Record<string, string> = {};
  if (last?.etag) headers["if-none-match"] = last.etag;
  else if (last?.lastModified) headers["if-modified-since"] = last.lastModified;
  const response = await request(url, headers, options);
  if (response.status === 304 && last !== null) return fetched(url, last);
  if (!response.ok || response.body === null) {
    throw unreachable(
      url,
      options,
      `the server answered ${response.status} ${response.statusText}`.trim(),
    );
  }
  const temporary = join(
    archive.scratch,
    `fetch-${process.pid}-${hexOf(digestOf(url)).slice(0, 8)}.tmp`,
  );
  ensureFolder(archive.scratch);
  try {
    await pipeline(Readable.fromWeb(response.body), createWriteStream(temporary), {
      signal: options.signal,
    });
  } catch (error) {
    rmSync(temporary, { force: true });
    if (isErrno(error, "ENOSPC", "EDQUOT", "EACCES", "EPERM", "EROFS", "EIO"))
      throw writeFailed(temporary, error);
    throw unreachable(url, options, `the answer broke off (${causeOf(error)})`, error);
  }
  const { digest, bytes } = store.takeFile(temporary);
  const remembered: Remembered = {
    url: withoutCredentials(url),
    etag: response.headers.get("etag"),
    lastModified: response.headers.get("last-modified"),
    digest,
    bytes,
    mediaType:
      response.headers.get("content-type")?.split(";")[0]?.trim() ||
      mediaTypeOf(new URL(url).pathname),
  };
  ensureFolder(dirname(memory));
  writeFileAtomic(memory, JSON.stringify(remembered), { durable: true });
  return fetched(url, remembered);
}

/** Where the last fetch of an address is remembered. */
function memoryOf(url: string, archive: Archive): string {
  return join(archive.refs, "urls", `${hexOf(digestOf(url)).slice(0, 32)}.json`);
}

/** When what lies behind the address was last seen to change; null when it was never fetched. Asks nobody. */
export function lastFetched(
  url: string,
  archive: Archive,
): { url: string; fetchedAt: string | null } {
  const stat = statSync(memoryOf(url, archive), { throwIfNoEntry: false });
  return { url: withoutCredentials(url), fetchedAt: stat?.mtime.toISOString() ?? null };
}

async function request(
  url: string,
  headers: Record<string, string>,
  options: UrlOptions,
): Promise<Response> {
  const { address, authorization } = credentialsOf(url);
  try {
    return await fetch(address, {
      headers: { ...headers, ...(authorization !== null && { authorization }) },
      signal: options.signal,
    });
  } catch (error) {
    throw unreachable(url, options, causeOf(error), error);
  }
}

/** fetch refuses an address with a password in it (and would say it aloud): it goes into a header, as browsers do. */
function credentialsOf(url: string): { address: string; authorization: string | null } {
  const parsed = new URL(url);
  const [user, password] = [parsed.username, parsed.password].map(decoded);
  if (!user && !password) return { address: url, authorization: null };
  parsed.username = "";
  parsed.password = "";
  const words = Buffer.from(`${user}:${password}`).toString("base64");
  return { address: parsed.href, authorization: `Basic ${words}` };
}

/** fetch says "fetch failed"; what failed is its cause, which is a list where a name has several addresses. */
function causeOf(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined;
  if (cause instanceof AggregateError) return cause.errors.map(messageOf).join(", ");
  return messageOf(cause ?? error);
}

function unreachable(
  url: string,
  { stage, input }: UrlOptions,
  why: string,
  cause?: unknown,
): StepLabError {
  return new StepLabError(
    "source/unreachable",
    `${withoutCredentials(url)}, which input "${input}" of stage "${stage}" reads, could not be fetched: ${why}.`,
    {
      hint: `Try again, use --offline to take the last fetch, or give a file: -i ${stage}.${input}=<path>.`,
      cause,
    },
  );
}

function fetched(url: string, { etag, digest, bytes, mediaType }: Remembered): FetchedSource {
  return { source: { url: withoutCredentials(url), etag }, digest, bytes, mediaType, kind: "file" };
}

function read(path: string, url: string, store: ObjectStore): Remembered | null {
  try {
    const remembered = JSON.parse(readFileSync(path, "utf8")) as Remembered; // our own file
    return remembered.url === withoutCredentials(url) && store.keep(remembered.digest)
      ? remembered
      : null;
  } catch {
    return null; // never fetched
  }
}

/** A percent sign that begins no escape stands for itself, as in a password that nobody encoded. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
