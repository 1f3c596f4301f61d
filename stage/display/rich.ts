/** `display.markdown`, `display.html`, …: values that say themselves how they want to be shown. */
import { readFileSync } from "node:fs";
import type { Json } from "../../core/json.ts";
import { showBundle, type DisplayHandle } from "./show.ts";
import { plainText, type Shown } from "./bundle.ts";
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

export interface ImageOptions {
  /** What the picture shows, for those who do not see it. */
  alt?: string;
  /** In pixels of the page. */
  width?: number;
  height?: number;
}

/**
 * A picture: PNG, JPEG, GIF, WebP or SVG, told by its bytes.
 *
 * @param source the bytes, or a path (relative to the project root, the working directory of a notebook).
 */
export function image(source: Uint8Array | string, options: ImageOptions = {}): DisplayHandle {
  const bytes = typeof source === "string" ? readFileSync(source) : source;
  const type = imageType(bytes);
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

function imageType(bytes: Uint8Array): string | undefined {
  const start = Buffer.from(bytes.subarray(0, 512)).toString("latin1");
  if (start.startsWith("\x89PNG\r\n\x1a\n")) return "image/png";
  if (start.startsWith("\xff\xd8\xff")) return "image/jpeg";
  if (start.startsWith("GIF87a") || start.startsWith("GIF89a")) return "image/gif";
  if (start.startsWith("RIFF") && start.startsWith("WEBP", 8)) return "image/webp";
  return /^(\xef\xbb\xbf)?\s*(<\?xml|<!--|<!DOCTYPE svg|<svg)/i.test(start) && /<svg\b/i.test(start)
    ? "image/svg+xml"
    : undefined;
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
