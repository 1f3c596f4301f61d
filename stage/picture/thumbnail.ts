/** A picture small enough to be kept in a notebook: as it is, or a PNG made smaller. */
import { imageFacts, type ImageFacts } from "./image-size.ts";
import { fitInto } from "./pixels.ts";
import { decodePng, encodePng } from "./png.ts";

export interface Thumbnail {
  media: ImageFacts["media"];
  /** Absent where the picture is too large to be kept and cannot be made smaller here: `why` says so. */
  bytes?: Uint8Array;
  why?: string;
  /** Of the picture itself. */
  size: ImageFacts["size"];
}

/** Null for bytes that are no image. `side` in pixels, `most` in bytes. */
export function thumbnail(
  bytes: Uint8Array,
  { side, most }: { side: number; most: number },
): Thumbnail | null {
  const facts = imageFacts(bytes);
  if (facts === undefined) return null;
  const { media, size } = facts;
  const isLarge = size !== null && Math.max(size.width, size.height) > side;
  if (media === "image/png" && (isLarge || bytes.length > most)) {
    const smaller = smallerPng(bytes, side);
    if (smaller !== null && smaller.length <= most) return { media, size, bytes: smaller };
  }
  if (bytes.length <= most) return { media, size, bytes };
  return { media, size, why: "too large to be kept here" };
}

function smallerPng(bytes: Uint8Array, side: number): Uint8Array | null {
  try {
    return encodePng(fitInto(decodePng(bytes), side));
  } catch (error) {
    if (error instanceof TypeError) return null; // damaged or interlaced: a browser may know better
    throw error;
  }
}
