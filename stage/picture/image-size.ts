/** What an image's first bytes say: its type, and its size in pixels. Nothing is decoded. */

export interface ImageFacts {
  media: "image/png" | "image/jpeg" | "image/gif" | "image/webp" | "image/svg+xml";
  /** Null where the header does not say (SVG), or is cut off or damaged. */
  size: { width: number; height: number } | null;
}

/** So much of a file is enough for all but JPEGs with a large preview in front. */
export const HEADER_BYTES = 64 * 1024;

/** Undefined for bytes that are no PNG, JPEG, GIF, WebP or SVG. */
export function imageFacts(bytes: Uint8Array): ImageFacts | undefined {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const start = buffer.toString("latin1", 0, 512);
  if (start.startsWith("\x89PNG\r\n\x1a\n")) return { media: "image/png", size: pngSize(buffer) };
  if (start.startsWith("\xff\xd8\xff")) return { media: "image/jpeg", size: jpegSize(buffer) };
  if (start.startsWith("GIF87a") || start.startsWith("GIF89a"))
    return { media: "image/gif", size: gifSize(buffer) };
  if (start.startsWith("RIFF") && start.startsWith("WEBP", 8))
    return { media: "image/webp", size: webpSize(buffer) };
  const isSvg =
    /^(\xef\xbb\xbf)?\s*(<\?xml|<!--|<!DOCTYPE svg|<svg)/i.test(start) && /<svg\b/i.test(start);
  return isSvg ? { media: "image/svg+xml", size: null } : undefined;
}

type Size = ImageFacts["size"];

/** PNG specification, 11.2.2: IHDR comes first. */
function pngSize(buffer: Buffer): Size {
  if (buffer.length < 24 || buffer.toString("latin1", 12, 16) !== "IHDR") return null;
  return { width: buffer.readUInt32BE(16), height: buffer.readUInt32BE(20) };
}

/** ITU T.81, annex B: segments up to the frame header (SOF0 to SOF15 without DHT, JPG and DAC). */
function jpegSize(buffer: Buffer): Size {
  let at = 2;
  while (at + 9 <= buffer.length) {
    if (buffer[at] !== 0xff) return null;
    const marker = buffer[at + 1] ?? 0;
    if (marker === 0xff) {
      at += 1; // fill bytes
      continue;
    }
    const isFrame =
      marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;
    if (isFrame) return { height: buffer.readUInt16BE(at + 5), width: buffer.readUInt16BE(at + 7) };
    at += 2 + buffer.readUInt16BE(at + 2);
  }
  return null;
}

function gifSize(buffer: Buffer): Size {
  if (buffer.length < 10) return null;
  return { width: buffer.readUInt16LE(6), height: buffer.readUInt16LE(8) };
}

/** RFC 9649: the extended, the lossless and the lossy form each say it in a way of their own. */
function webpSize(buffer: Buffer): Size {
  if (buffer.length < 30) return null;
  switch (buffer.toString("latin1", 12, 16)) {
    case "VP8X":
      return { width: buffer.readUIntLE(24, 3) + 1, height: buffer.readUIntLE(27, 3) + 1 };
    case "VP8L": {
      const bits = buffer.readUInt32LE(21);
      return { width: (bits & 0x3fff) + 1, height: ((bits >>> 14) & 0x3fff) + 1 };
    }
    case "VP8 ":
      return { width: buffer.readUInt16LE(26) & 0x3fff, height: buffer.readUInt16LE(28) & 0x3fff };
    default:
      return null;
  }
}
