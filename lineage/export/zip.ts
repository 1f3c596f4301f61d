/**
 * A ZIP archive, piece by piece (APPNOTE 6.3.10): deflated, names in UTF-8, sizes after the data because they are not
 * known before, ZIP64 where 32 bits are too few. The same entries and time are the same bytes.
 */
import { Readable } from "node:stream";
import { crc32, createDeflateRaw } from "node:zlib";
import { contentOf } from "./content.ts";
import type { ExportEntry } from "./entries.ts";

const SMALL = 0xffff_ffff;
/** Deflated, what cannot be compressed grows by far less. */
const MAY_GROW = 1.01;
/** Sizes follow the data; the name is UTF-8. */
const FLAGS = 0x0808;
const DEFLATED = 8;
const UNIX_4_5 = 0x032d;
const VERSION_4_5 = 45;
const FILE_MODE = 0o100644;

interface Written {
  name: Buffer;
  crc: number;
  packed: number;
  bytes: number;
  offset: number;
}

/** `root` is the folder that everything unpacks into; `seconds` since the epoch, the time of every file (UTC). */
export async function* zipOf(
  entries: readonly ExportEntry[],
  root: string,
  seconds: number,
): AsyncGenerator<Buffer> {
  const time = dosTime(seconds);
  const written: Written[] = [];
  let offset = 0;
  for (const entry of entries) {
    const name = Buffer.from(`${root}/${entry.path}`);
    const isLarge = entry.bytes * MAY_GROW >= SMALL;
    const local = localHeader(name, time, isLarge);
    yield local;
    const done: Written = { name, crc: 0, packed: 0, bytes: 0, offset };
    const counted = async function* (): AsyncGenerator<Buffer> {
      for await (const piece of contentOf(entry)) {
        done.crc = crc32(piece, done.crc);
        done.bytes += piece.length;
        yield piece;
      }
    };
    const source = Readable.from(counted(), { objectMode: false });
    const packer = createDeflateRaw();
    source.once("error", (error) => packer.destroy(error));
    for await (const piece of source.pipe(packer) as AsyncIterable<Buffer>) {
      done.packed += piece.length;
      yield piece;
    }
    const after = descriptor(done, isLarge);
    yield after;
    offset += local.length + done.packed + after.length;
    written.push(done);
  }
  const directory = Buffer.concat(written.map((each) => centralHeader(each, time)));
  yield directory;
  yield endOf(written.length, directory.length, offset);
}

function localHeader(name: Buffer, time: number, isLarge: boolean): Buffer {
  const extra = isLarge ? zip64Extra([0, 0]) : Buffer.alloc(0);
  return Buffer.concat([
    fields([
      [4, 0x0403_4b50],
      [2, VERSION_4_5],
      [2, FLAGS],
      [2, DEFLATED],
      [4, time],
      [4, 0],
      [4, isLarge ? SMALL : 0],
      [4, isLarge ? SMALL : 0],
      [2, name.length],
      [2, extra.length],
    ]),
    name,
    extra,
  ]);
}

function descriptor({ crc, packed, bytes }: Written, isLarge: boolean): Buffer {
  const size = isLarge ? 8 : 4;
  return fields([
    [4, 0x0807_4b50],
    [4, crc],
    [size, packed],
    [size, bytes],
  ]);
}

function centralHeader({ name, crc, packed, bytes, offset }: Written, time: number): Buffer {
  const large = [bytes, packed, offset].filter((value) => value >= SMALL);
  const extra = large.length === 0 ? Buffer.alloc(0) : zip64Extra(large);
  const or = (value: number): number => Math.min(value, SMALL);
  return Buffer.concat([
    fields([
      [4, 0x0201_4b50],
      [2, UNIX_4_5],
      [2, VERSION_4_5],
      [2, FLAGS],
      [2, DEFLATED],
      [4, time],
      [4, crc],
      [4, or(packed)],
      [4, or(bytes)],
      [2, name.length],
      [2, extra.length],
      [2, 0],
      [2, 0],
      [2, 0],
      [4, FILE_MODE * 0x1_0000],
      [4, or(offset)],
    ]),
    name,
    extra,
  ]);
}

function endOf(count: number, size: number, offset: number): Buffer {
  const isLarge = count >= 0xffff || size >= SMALL || offset >= SMALL;
  const end = fields([
    [4, 0x0605_4b50],
    [2, 0],
    [2, 0],
    [2, Math.min(count, 0xffff)],
    [2, Math.min(count, 0xffff)],
    [4, Math.min(size, SMALL)],
    [4, Math.min(offset, SMALL)],
    [2, 0],
  ]);
  if (!isLarge) return end;
  return Buffer.concat([
    fields([
      [4, 0x0606_4b50],
      [8, 44],
      [2, UNIX_4_5],
      [2, VERSION_4_5],
      [4, 0],
      [4, 0],
      [8, count],
      [8, count],
      [8, size],
      [8, offset],
    ]),
    fields([
      [4, 0x0706_4b50],
      [4, 0],
      [8, offset + size],
      [4, 1],
    ]),
    end,
  ]);
}

function zip64Extra(values: readonly number[]): Buffer {
  return fields([
    [2, 0x0001],
    [2, 8 * values.length],
    ...values.map((value): [8, number] => [8, value]),
  ]);
}

/** Little-endian numbers, one after the other. */
function fields(values: readonly (readonly [size: 2 | 4 | 8, value: number])[]): Buffer {
  const buffer = Buffer.alloc(values.reduce((sum, [size]) => sum + size, 0));
  let at = 0;
  for (const [size, value] of values) {
    if (size === 8) buffer.writeBigUInt64LE(BigInt(value), at);
    else buffer.writeUIntLE(value, at, size);
    at += size;
  }
  return buffer;
}

/** Date above time, as two 16-bit words; two seconds are one. */
function dosTime(seconds: number): number {
  const at = new Date(seconds * 1000);
  const day = ((at.getUTCFullYear() - 1980) << 9) | ((at.getUTCMonth() + 1) << 5) | at.getUTCDate();
  const time = (at.getUTCHours() << 11) | (at.getUTCMinutes() << 5) | (at.getUTCSeconds() >> 1);
  return day * 0x1_0000 + time;
}
