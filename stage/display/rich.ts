/** `display.markdown`, `display.html`, …: values that say themselves how they want to be shown. */
import { readFileSync } from "node:fs";
import type { Json } from "../../core/json.ts";
import { showBundle, type DisplayHandle } from "./show.ts";
import { plainText, type Shown } from "./bundle.ts";
import { imageFacts } from "../picture/image-size.ts";
import type { PixelsLike } from "../picture/pixels.ts";
import { encodePng } from "../picture/png.ts";
import { escapeHtml, escapeMarkdown } from "./escape.ts";

/**
 * Markdown, with what is interpolated shown as it stands:
 *
 *     display.markdown`**${name}** has ${rows} rows`
 *
 * Called with a string instead, the string is the document: only for text you wrote yourself.
 */
export function markdown(text: string): DisplayHandle;
export function markdown(parts: TemplateStringsArray, ...values: unknown[]): DisplayHandle;
export function markdown(text: string | TemplateStringsArray, ...values: unknown[]): DisplayHandle {
  const source = typeof text === "string" ? text : fill(text, values, escapeMarkdown);
  return showBundle({ bundle: { "text/markdown": source, "text/plain": source } });
}

/**
 * HTML, with what is interpolated escaped, so that data never becomes markup:
 *
 *     display.html`<b>${row.name}</b>`
 *
 * There is no form that takes a string: `display({ "text/html": text })` says plainly that the text is
 * trusted as it is.
 */
export function html(parts: TemplateStringsArray, ...values: unknown[]): DisplayHandle {
  if (!Array.isArray(parts))
    throw new TypeError(
      "display.html is written before a template, display.html`<b>${name}</b>`, so that values are escaped. " +
        'For HTML that is safe already: display({ "text/html": text }).',
    );
  const source = fill(parts, values, escapeHtml);
  return showBundle({ bundle: { "text/html": source, "text/plain": withoutTags(source) } });
}

/** A formula. Without delimiters of its own it is set on a line by itself. */
export function latex(formula: string): DisplayHandle {
  const isDelimited = /^\s*(\$|\\\(|\\\[|\\begin\b)/.test(formula);
  const source = isDelimited ? formula : `$$${formula}$$`;
  return showBundle({ bundle: { "text/latex": source, "text/plain": formula } });
}

/** A JSON value as a tree that can be folded. @throws TypeError for what JSON cannot hold (cycles, bigint). */
export function json(value: unknown): DisplayHandle {
  const text: string | undefined = JSON.stringify(value, null, 2);
  if (text === undefined) throw new TypeError(`a ${typeof value} has no JSON form`);
  const plain = JSON.parse(text) as Json; // what JSON.stringify wrote
  return showBundle({ bundle: { "application/json": plain, "text/plain": text } });
}

/** How `display.image` shows a picture. */
export interface ImageOptions {
  /** What the picture shows, for those who do not see it. */
  alt?: string;
  /** In pixels of the page. */
  width?: number;
  height?: number;
}

/**
 * A picture: PNG, JPEG, GIF, WebP or SVG, told by its bytes; or pixels, which become a PNG.
 *
 * @param source the bytes, a path (relative to the project root, the working directory of a notebook), or
 *   `{ width, height, data }` with one (grey), three (RGB) or four (RGBA) values a pixel.
 */
export function image(
  source: Uint8Array | string | PixelsLike,
  options: ImageOptions = {},
): DisplayHandle {
  const bytes = bytesOf(source);
  const type = imageFacts(bytes)?.media;
  if (type === undefined)
    throw new TypeError(
      `${typeof source === "string" ? source : "These bytes"} do not hold a PNG, JPEG, GIF, WebP or SVG image.`,
    );
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const content = buffer.toString(type === "image/svg+xml" ? "utf8" : "base64");
  const shown: Shown = {
    bundle: { [type]: content, "text/plain": options.alt ?? `[${type}, ${bytes.length} bytes]` },
  };
  if (Object.keys(options).length > 0) shown.metadata = { [type]: { ...options } };
  return showBundle(shown);
}

function bytesOf(source: Uint8Array | string | PixelsLike): Uint8Array {
  if (typeof source === "string") return readFileSync(source);
  return source instanceof Uint8Array ? source : encodePng(source);
}

function fill(
  parts: TemplateStringsArray,
  values: readonly unknown[],
  escape: (text: string) => string,
): string {
  return parts.reduce((text, part, i) => text + escape(plainText(values[i - 1])) + part);
}

function withoutTags(source: string): string {
  return source
    .replace(/<[^>]*>/g, " ")
    .replace(/&lt;/g, "<")
    .replace(/&gt;/g, ">")
    .replace(/&quot;/g, '"')
    .replace(/&#39;/g, "'")
    .replace(/&amp;/g, "&")
    .replace(/\s+/g, " ")
    .trim();
}
