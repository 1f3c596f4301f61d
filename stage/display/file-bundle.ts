/** One file as people see it in a notebook: the picture, the beginning of the text, or what is known of it. */
import type { MimeBundle } from "../../core/host.ts";
import { isText } from "../../core/media-type.ts";
import type { FileContent } from "../files/content.ts";
import { imageFacts } from "../picture/image-size.ts";
import { thumbnail } from "../picture/thumbnail.ts";
import { bytesText } from "./bytes-text.ts";
import { escapeControls, escapeHtml } from "./escape.ts";
import { sheetHtml } from "./picture-html.ts";

export interface ShownFile extends Pick<FileContent, "bytes"> {
  path: string;
  size: number;
  media: string;
}

const SIDE = 640;
const MOST_PICTURE_BYTES = 256 * 1024;
const LARGEST_READ = 16 << 20;
const MOST_CHARACTERS = 2_000;

export async function fileBundle(file: ShownFile): Promise<MimeBundle> {
  const name = escapeControls(file.path);
  const about = `${name}  ${file.media}, ${bytesText(file.size)}`;
  if (file.size > LARGEST_READ) return { "text/plain": `${about}, too large to be shown here` };
  const bytes = await file.bytes();
  if (imageFacts(bytes) !== undefined) return pictureOf(bytes, name, about);
  if (!isText(file.media)) return { "text/plain": about };
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("utf8");
  const begins = text.length <= MOST_CHARACTERS ? text : `${text.slice(0, MOST_CHARACTERS)}…`;
  return {
    "text/html": `<small>${escapeHtml(about)}</small><pre>${escapeHtml(begins)}</pre>`,
    "text/plain": `${about}\n${begins}`,
  };
}

function pictureOf(bytes: Uint8Array, name: string, about: string): MimeBundle {
  const small = thumbnail(bytes, { side: SIDE, most: MOST_PICTURE_BYTES });
  const size = small?.size ? `, ${small.size.width} × ${small.size.height}` : "";
  const why = small?.why === undefined ? "" : `, ${small.why}`;
  const text = `${about}${size}${why}`;
  if (small?.bytes === undefined) return { "text/plain": text };
  const picture = { media: small.media, bytes: small.bytes };
  return { "text/html": sheetHtml([{ picture, text, caption: name }], SIDE), "text/plain": text };
}
