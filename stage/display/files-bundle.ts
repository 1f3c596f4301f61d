/** Files as people see them in a notebook: a sheet of small pictures, or a table with the beginnings of texts. */
import type { MimeBundle } from "../../core/host.ts";
import { isText } from "../../core/media-type.ts";
import type { StoredFile } from "../files/folder-file.ts";
import { headOf, spread, typesOf } from "../files/summary.ts";
import { thumbnail } from "../picture/thumbnail.ts";
import { bytesText } from "./bytes-text.ts";
import { escapeControls, escapeHtml } from "./escape.ts";
import { sheetHtml, type Cell } from "./picture-html.ts";
import { plural } from "../../core/count.ts";
import { tableBundle } from "./table-bundle.ts";

/** A notebook is kept for ever: a folder's preview costs it half a megabyte at the most. */
const MOST_PICTURES = 24;
const MOST_PICTURE_BYTES = 20 * 1024;
const SIDE = 96;
/** Read whole to make a small picture of it; larger ones are only named. */
const LARGEST_READ = 16 << 20;
const MOST_ROWS = 20;
const TEXT_BYTES = 400;

export function filesBundle(files: readonly StoredFile[]): Promise<MimeBundle> {
  const pictures = files.filter(({ media }) => media.startsWith("image/"));
  return pictures.length > 0 && pictures.length * 2 >= files.length
    ? sheetOf(files, pictures)
    : Promise.resolve(tableOf(files));
}

async function sheetOf(
  files: readonly StoredFile[],
  pictures: readonly StoredFile[],
): Promise<MimeBundle> {
  const chosen = spread(pictures, MOST_PICTURES);
  const cells = await Promise.all(chosen.map((file) => cellOf(file)));
  const size = `${sizeOf(files)}${chosen.length < files.length ? `, ${chosen.length} pictures shown` : ""}`;
  const lines = cells.map(({ caption, text }) => `  ${caption}  ${text}`);
  return {
    "text/html": `${sheetHtml(cells, SIDE)}<p style="opacity:0.6"><small>${escapeHtml(size)}</small></p>`,
    "text/plain": [size, ...lines].join("\n"),
  };
}

async function cellOf(file: StoredFile): Promise<Cell> {
  const caption = escapeControls(file.path);
  const bytes = bytesText(file.size);
  if (file.size > LARGEST_READ) return { caption, text: `${bytes}, too large to be kept here` };
  const small = thumbnail(await file.bytes(), { side: SIDE, most: MOST_PICTURE_BYTES });
  if (small === null) return { caption, text: `${bytes}, no image that is known here` };
  const pixels = small.size === null ? "" : `${small.size.width} × ${small.size.height}, `;
  return {
    caption,
    text: `${pixels}${bytes}${small.why === undefined ? "" : `, ${small.why}`}`,
    ...(small.bytes !== undefined && { picture: { media: small.media, bytes: small.bytes } }),
  };
}

function tableOf(files: readonly StoredFile[]): MimeBundle {
  const shown = files.slice(0, MOST_ROWS);
  const withText = shown.some(({ media }) => isText(media));
  const size = `${sizeOf(files)}${shown.length < files.length ? `, the first ${shown.length} shown` : ""}`;
  const rows = shown.map((file) => ({
    file: file.path,
    type: file.media,
    bytes: file.size,
    ...(withText && { begins: isText(file.media) ? beginningOf(file) : "" }),
  }));
  if (rows.length === 0) return { "text/plain": "No files." };
  const { "text/html": html, "text/plain": text } = tableBundle(rows);
  return {
    "text/html": `<p><small>${escapeHtml(size)}</small></p>${typeof html === "string" ? html : ""}`,
    "text/plain": `${size}\n${typeof text === "string" ? text : ""}`,
  };
}

/** The first bytes as one line; a character cut in half at the end is left out. */
function beginningOf(file: StoredFile): string {
  const text = headOf(file, TEXT_BYTES)
    .toString("utf8")
    .replace(/\uFFFD+$/, "");
  return text
    .replace(/^\uFEFF/, "")
    .replace(/\s+/g, " ")
    .trim();
}

/** `120 files, 61 kB: 118 image/png, 2 text/csv` */
function sizeOf(files: readonly StoredFile[]): string {
  const bytes = files.reduce((sum, { size }) => sum + size, 0);
  const types = Object.entries(typesOf(files)).map(([type, many]) => `${many} ${type}`);
  return `${plural(files.length, "file")}, ${bytesText(bytes)}: ${types.slice(0, 6).join(", ")}${types.length > 6 ? ", …" : ""}`;
}
