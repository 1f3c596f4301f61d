/** What the record says of a folder's files: counts and kinds, sizes of images, the look of texts. */
import { closeSync, openSync, readFileSync, readSync } from "node:fs";
import { isUtf8 } from "node:buffer";
import type { Json } from "../../core/json.ts";
import { isText } from "../../core/media-type.ts";
import { HEADER_BYTES, imageFacts } from "../picture/image-size.ts";
import type { StoredFile } from "./folder-file.ts";

/** Looked at, evenly over the folder: a header each, and whole texts up to a size. */
const MOST_IMAGES = 2_000;
const MOST_TEXTS = 200;
const LONGEST_TEXT = 1 << 20;

export interface FilesSummary {
  files: number;
  bytes: number;
  /** Files by media type, the most frequent first. */
  types: Record<string, number>;
  largest?: { path: string; bytes: number };
  /** In pixels, of those looked at; `unreadable` are images by name only. */
  images?: {
    looked: number;
    width: [min: number, max: number];
    height: [min: number, max: number];
    unreadable: number;
  };
  texts?: { looked: number; utf8: number; lines: number; words: number };
}

export function summaryOf(files: readonly StoredFile[]): FilesSummary & Record<string, Json> {
  const summary: FilesSummary = {
    files: files.length,
    bytes: files.reduce((sum, { size }) => sum + size, 0),
    types: typesOf(files),
  };
  const largest = files.reduce<StoredFile | undefined>(
    (best, file) => (best === undefined || file.size > best.size ? file : best),
    undefined,
  );
  if (largest !== undefined) summary.largest = { path: largest.path, bytes: largest.size };
  const images = imagesOf(files.filter(({ media }) => /^image\/(?!svg)/.test(media)));
  if (images !== undefined) summary.images = images;
  const texts = textsOf(files.filter(({ media }) => isText(media)));
  if (texts !== undefined) summary.texts = texts;
  return { ...summary }; // a fresh object has an index signature
}

/** Files by media type, the most frequent first. */
export function typesOf(files: readonly { media: string }[]): Record<string, number> {
  const counts = new Map<string, number>();
  for (const { media } of files) counts.set(media, (counts.get(media) ?? 0) + 1);
  return Object.fromEntries(
    [...counts].sort(([a, many], [b, more]) => more - many || (a < b ? -1 : 1)),
  );
}

function imagesOf(files: readonly StoredFile[]): FilesSummary["images"] {
  const looked = spread(files, MOST_IMAGES);
  if (looked.length === 0) return undefined;
  const sizes = looked.flatMap((file) => sizeOf(file) ?? []);
  const range = (values: number[]): [number, number] =>
    values.length === 0 ? [0, 0] : [Math.min(...values), Math.max(...values)];
  return {
    looked: looked.length,
    width: range(sizes.map(({ width }) => width)),
    height: range(sizes.map(({ height }) => height)),
    unreadable: looked.length - sizes.length,
  };
}

/** A JPEG may have a large preview of itself before it says its size. */
function sizeOf(file: StoredFile): { width: number; height: number } | null {
  const facts = imageFacts(headOf(file, HEADER_BYTES));
  if (facts?.media !== "image/jpeg" || facts.size !== null) return facts?.size ?? null;
  return imageFacts(headOf(file, 16 * HEADER_BYTES))?.size ?? null;
}

function textsOf(files: readonly StoredFile[]): FilesSummary["texts"] {
  const looked = spread(
    files.filter(({ size }) => size <= LONGEST_TEXT),
    MOST_TEXTS,
  );
  if (looked.length === 0) return undefined;
  const texts = { looked: looked.length, utf8: 0, lines: 0, words: 0 };
  for (const { located } of looked) {
    const bytes = readFileSync(located.path);
    if (!isUtf8(bytes)) continue;
    const text = bytes.toString("utf8");
    texts.utf8 += 1;
    texts.lines += text === "" ? 0 : text.replace(/\n$/, "").split("\n").length;
    texts.words += text.match(/\S+/g)?.length ?? 0;
  }
  return texts;
}

/** At most so many, evenly over the list: the same ones every time. */
export function spread<T>(items: readonly T[], most: number): T[] {
  if (items.length <= most) return [...items];
  return Array.from(
    { length: most },
    (_, i) => items[Math.floor((i * items.length) / most)],
  ).filter((item) => item !== undefined);
}

/** The first bytes of a file. */
export function headOf({ located }: StoredFile, length: number): Buffer {
  const file = openSync(located.path, "r");
  try {
    const head = Buffer.allocUnsafe(length);
    return head.subarray(0, readSync(file, head, 0, length, 0));
  } finally {
    closeSync(file);
  }
}
