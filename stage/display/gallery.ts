/** `gallery(…)`: many pictures with a line under each. */
import type { MimeBundle } from "../../core/host.ts";
import { encodePng } from "../picture/png.ts";
import type { PixelsLike } from "../picture/pixels.ts";
import { thumbnail } from "../picture/thumbnail.ts";
import { DISPLAY, type Displayable } from "./displayable.ts";
import { escapeControls, escapeHtml } from "./escape.ts";
import { sheetHtml, type Cell } from "./picture-html.ts";
import { plural } from "../../core/count.ts";

/** An image file's bytes, pixels, or something that gives bytes: a file of a folder. */
export type Picture = Uint8Array | PixelsLike | { bytes(): Promise<Uint8Array> };

/** How a gallery shows each of its items. */
export interface GalleryOptions<T> {
  image: (item: T) => Picture | Promise<Picture>;
  caption?: (item: T) => string;
  title?: string;
  /** So many are shown, from the first (default 24, at most 60): a notebook is kept for ever. */
  most?: number;
}

const MOST = 60;
const DEFAULT_MOST = 24;
const SIDE = 96;
const MOST_PICTURE_BYTES = 20 * 1024;

/**
 * Pictures side by side; what a row says of an image, under it:
 *
 *     gallery(wrong, { image: (d) => input.images.get(d.path), caption: (d) => `${d.label}, said ${d.predicted}` })
 *
 * PNGs and pixels are made small; of other pictures only those of some 20 kB are kept, the rest is named.
 */
export function gallery<T>(
  items: Iterable<T> | AsyncIterable<T>,
  options: GalleryOptions<T>,
): Displayable {
  return { [DISPLAY]: () => galleryBundle(items, options) };
}

async function galleryBundle<T>(
  items: Iterable<T> | AsyncIterable<T>,
  { image, caption = () => "", title, most = DEFAULT_MOST }: GalleryOptions<T>,
): Promise<MimeBundle> {
  const cells: Cell[] = [];
  let all = 0;
  for await (const item of items) {
    all += 1;
    if (all > Math.min(most, MOST)) continue;
    cells.push(cellOf(await bytesOf(await image(item)), escapeControls(caption(item))));
  }
  const shown = cells.length < all ? `, the first ${cells.length} shown` : "";
  const head = `${title === undefined ? "" : `${title}: `}${plural(all, "picture")}${shown}`;
  return {
    "text/html": `<p><small>${escapeHtml(head)}</small></p>${cells.length === 0 ? "" : sheetHtml(cells, SIDE)}`,
    "text/plain": [head, ...cells.map(({ text, caption: line }) => `  ${line}  ${text}`)].join(
      "\n",
    ),
  };
}

async function bytesOf(picture: Picture): Promise<Uint8Array> {
  if (picture instanceof Uint8Array) return picture;
  return "bytes" in picture ? await picture.bytes() : encodePng(picture);
}

function cellOf(bytes: Uint8Array, caption: string): Cell {
  const small = thumbnail(bytes, { side: SIDE, most: MOST_PICTURE_BYTES });
  if (small === null) return { caption, text: "no image that is known here" };
  const text = [small.size && `${small.size.width} × ${small.size.height}`, small.why]
    .filter(Boolean)
    .join(", ");
  return {
    caption,
    text,
    ...(small.bytes !== undefined && { picture: { media: small.media, bytes: small.bytes } }),
  };
}
