/** PNG out of pixels and back, over Node's own zlib (PNG specification, third edition). */
import { bytePixels, channelsOf, type Pixels, type PixelsLike } from "./pixels.ts";

/** Loaded by the first picture: every stage imports this file, and few make one (4 ms). */
const zlib = (): typeof import("node:zlib") => process.getBuiltinModule("node:zlib");

const SIGNATURE = Buffer.from("\x89PNG\r\n\x1a\n", "latin1");
const COLOUR_TYPE = { 1: 0, 2: 4, 3: 2, 4: 6 } as const;
/** Sixty-four million pixels are a mistake or an attack, whatever the header says. */
const MOST_PIXELS = 1 << 26;

/**
 * A PNG file of pixels. The same pixels give the same bytes.
 *
 *     await output.images.add("a.png", encodePng({ width: 28, height: 28, data }));
 *
 * @throws TypeError when the length of `data` does not fit the size
 */
export function encodePng(image: PixelsLike): Uint8Array {
  const { width, height, data } = bytePixels(image);
  const channels = channelsOf(image);
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, COLOUR_TYPE[channels]], 8);
  const stride = width * channels;
  const lines = Buffer.alloc((stride + 1) * height); // each line begins with its filter: 0, none
  for (let y = 0; y < height; y++)
    lines.set(data.subarray(y * stride, (y + 1) * stride), y * (stride + 1) + 1);
  return Buffer.concat([
    SIGNATURE,
    chunk("IHDR", header),
    chunk("IDAT", zlib().deflateSync(lines)),
    chunk("IEND", Buffer.alloc(0)),
  ]);
}

function chunk(type: string, content: Uint8Array): Buffer {
  const named = Buffer.concat([Buffer.from(type, "latin1"), content]);
  const framed = Buffer.alloc(named.length + 8);
  framed.writeUInt32BE(content.length, 0);
  framed.set(named, 4);
  framed.writeUInt32BE(zlib().crc32(named), named.length + 4);
  return framed;
}

interface Header {
  width: number;
  height: number;
  depth: number;
  colourType: number;
}

/** Samples a pixel, by colour type. */
const SAMPLES: Record<number, 1 | 2 | 3 | 4> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 };

/**
 * The pixels of a PNG file; a palette becomes RGB (RGBA where it has transparency), 16 bits become 8.
 *
 *     const { width, height, data } = decodePng(await file.bytes());
 *
 * @throws TypeError for what is no PNG, is damaged, or is interlaced
 */
export function decodePng(bytes: Uint8Array): Pixels {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (!file.subarray(0, 8).equals(SIGNATURE)) throw new TypeError("These bytes are no PNG image.");
  const parts = chunksOf(file);
  const header = readHeader(parts.find(({ type }) => type === "IHDR")?.content);
  const samples = SAMPLES[header.colourType] ?? 1;
  const bitsPerPixel = samples * header.depth;
  const stride = Math.ceil((header.width * bitsPerPixel) / 8);
  const lines = unfiltered(
    inflated(parts, (stride + 1) * header.height),
    header.height,
    stride,
    Math.max(1, bitsPerPixel >> 3),
  );
  const palette = parts.find(({ type }) => type === "PLTE")?.content;
  const alpha = parts.find(({ type }) => type === "tRNS")?.content;
  const data = eightBits(lines, header, samples, stride);
  const { width, height } = header;
  if (header.colourType !== 3) return { width, height, data };
  if (palette === undefined) throw damaged("it has no palette");
  return { width, height, data: throughPalette(data, palette, alpha) };
}

function chunksOf(file: Buffer): { type: string; content: Buffer }[] {
  const chunks: { type: string; content: Buffer }[] = [];
  for (let at = 8; at + 12 <= file.length;) {
    const length = file.readUInt32BE(at);
    if (at + 12 + length > file.length) throw damaged("it is cut off");
    const named = file.subarray(at + 4, at + 8 + length);
    if (zlib().crc32(named) !== file.readUInt32BE(at + 8 + length))
      throw damaged("a checksum is wrong");
    chunks.push({ type: named.toString("latin1", 0, 4), content: named.subarray(4) });
    at += 12 + length;
  }
  return chunks;
}

function readHeader(content: Buffer | undefined): Header {
  if (content?.length !== 13) throw damaged("it has no header");
  const [width, height] = [content.readUInt32BE(0), content.readUInt32BE(4)];
  const [depth = 0, colourType = 0, , , interlace] = content.subarray(8);
  if (interlace !== 0) throw new TypeError("This PNG image is interlaced, which is not read here.");
  if (width === 0 || height === 0 || width * height > MOST_PIXELS || !(colourType in SAMPLES))
    throw damaged(`its header says ${width} × ${height}, colour type ${colourType}`);
  if (![1, 2, 4, 8, 16].includes(depth)) throw damaged(`its header says ${depth} bits`);
  return { width, height, depth, colourType };
}

function inflated(parts: readonly { type: string; content: Buffer }[], length: number): Buffer {
  const packed = parts.filter(({ type }) => type === "IDAT").map(({ content }) => content);
  let lines: Buffer;
  try {
    lines = zlib().inflateSync(Buffer.concat(packed), { maxOutputLength: length });
  } catch (error) {
    throw damaged("its pixels cannot be unpacked", error);
  }
  if (lines.length !== length) throw damaged("pixels are missing");
  return lines;
}

/** Section 9: every line says how it was filtered against the pixel before, above, and above before. */
function unfiltered(lines: Buffer, height: number, stride: number, step: number): Buffer {
  const out = Buffer.alloc(stride * height);
  for (let y = 0; y < height; y++) {
    const start = y * (stride + 1);
    const filter = lines[start] ?? 0;
    if (filter === 0) {
      out.set(lines.subarray(start + 1, start + 1 + stride), y * stride);
      continue;
    }
    for (let x = 0; x < stride; x++) {
      const at = y * stride + x;
      const before = x >= step ? (out[at - step] ?? 0) : 0;
      const above = y > 0 ? (out[at - stride] ?? 0) : 0;
      const corner = x >= step && y > 0 ? (out[at - stride - step] ?? 0) : 0;
      out[at] = (lines[start + 1 + x] ?? 0) + predicted(filter, before, above, corner);
    }
  }
  return out;
}

function predicted(filter: number, before: number, above: number, corner: number): number {
  switch (filter) {
    case 1:
      return before;
    case 2:
      return above;
    case 3:
      return (before + above) >> 1;
    case 4: {
      const guess = before + above - corner;
      const [byBefore, byAbove, byCorner] = [before, above, corner].map((value) =>
        Math.abs(guess - value),
      ) as [number, number, number]; // three in, three out
      if (byBefore <= byAbove && byBefore <= byCorner) return before;
      return byAbove <= byCorner ? above : corner;
    }
    default:
      throw damaged(`a line has the filter ${filter}`);
  }
}

/** Packed samples spread out, 16 bits cut to their upper 8; indices of a palette stay as they are. */
function eightBits(
  lines: Buffer,
  { width, height, depth, colourType }: Header,
  samples: number,
  stride: number,
): Uint8Array {
  if (depth === 8) return new Uint8Array(lines);
  const data = new Uint8Array(width * height * samples);
  const scale = colourType === 3 ? 1 : 255 / (2 ** depth - 1);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width * samples; x++) {
      const bit = x * depth;
      const byte = lines[y * stride + (bit >> 3)] ?? 0;
      const packed = (byte >> (8 - depth - (bit & 7))) & (2 ** depth - 1);
      data[y * width * samples + x] = depth === 16 ? byte : packed * scale;
    }
  return data;
}

function throughPalette(
  indices: Uint8Array,
  palette: Buffer,
  alpha: Buffer | undefined,
): Uint8Array {
  const channels = alpha === undefined ? 3 : 4;
  const data = new Uint8Array(indices.length * channels);
  for (let at = 0; at < indices.length; at++) {
    const index = indices[at] ?? 0;
    for (let channel = 0; channel < 3; channel++)
      data[at * channels + channel] = palette[index * 3 + channel] ?? 0;
    if (alpha !== undefined) data[at * channels + 3] = alpha[index] ?? 255;
  }
  return data;
}

function damaged(why: string, cause?: unknown): TypeError {
  return new TypeError(`This PNG image is damaged: ${why}.`, { cause });
}
