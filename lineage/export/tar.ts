/**
 * A tar archive, piece by piece: POSIX.1-2001 pax over ustar, which GNU tar, BSD tar and Python read.
 * The same entries and time are the same bytes: no owner, no name of this machine, one mode.
 */
import { contentOf } from "./content.ts";
import type { ExportEntry } from "./entries.ts";

const BLOCK = 512;
/** The largest size that eleven octal digits say. */
const LARGEST = 8 ** 11 - 1;

/** `root` is the folder that everything unpacks into; `seconds` since the epoch, the time of every file. */
export async function* tarOf(
  entries: readonly ExportEntry[],
  root: string,
  seconds: number,
): AsyncGenerator<Buffer> {
  for (const entry of entries) {
    yield headerOf(`${root}/${entry.path}`, entry.bytes, seconds);
    yield* contentOf(entry);
    yield padding(entry.bytes);
  }
  yield Buffer.alloc(2 * BLOCK);
}

function headerOf(path: string, bytes: number, seconds: number): Buffer {
  const short = shortNames(path);
  const records: string[] = [];
  if (short === null) records.push(paxRecord("path", path));
  if (bytes > LARGEST) records.push(paxRecord("size", String(bytes)));
  const plain = block(
    short ?? { name: "long-name", prefix: "" },
    bytes > LARGEST ? 0 : bytes,
    seconds,
    "0",
  );
  if (records.length === 0) return plain;
  const pax = Buffer.from(records.join(""));
  return Buffer.concat([
    block({ name: "PaxHeaders/file", prefix: "" }, pax.length, seconds, "x"),
    pax,
    padding(pax.length),
    plain,
  ]);
}

interface Names {
  name: string;
  prefix: string;
}

/** The two fields of ustar, cut at a slash; null where they do not hold the path, or it is not ASCII. */
function shortNames(path: string): Names | null {
  // oxlint-disable-next-line no-control-regex -- ASCII is what is asked
  if (!/^[\x20-\x7e]*$/.test(path)) return null;
  if (path.length <= 100) return { name: path, prefix: "" };
  for (let at = path.indexOf("/"); at >= 0; at = path.indexOf("/", at + 1))
    if (at <= 155 && path.length - at - 1 <= 100)
      return { name: path.slice(at + 1), prefix: path.slice(0, at) };
  return null;
}

/** `"27 path=…\n"`: a record says its own length, the digits of the length included. */
function paxRecord(key: string, value: string): string {
  const rest = Buffer.byteLength(` ${key}=${value}\n`);
  let length = rest + 1;
  while (length !== rest + String(length).length) length = rest + String(length).length;
  return `${length} ${key}=${value}\n`;
}

function block({ name, prefix }: Names, bytes: number, seconds: number, type: "0" | "x"): Buffer {
  const header = Buffer.alloc(BLOCK);
  const octal = (value: number, at: number, length: number): void =>
    void header.write(value.toString(8).padStart(length - 1, "0"), at, "latin1");
  header.write(name, 0, "latin1");
  octal(0o644, 100, 8);
  octal(0, 108, 8);
  octal(0, 116, 8);
  octal(bytes, 124, 12);
  octal(seconds, 136, 12);
  header.fill(" ", 148, 156); // the sum is taken with its own field as spaces
  header.write(type, 156, "latin1");
  header.write("ustar\u000000", 257, "latin1");
  header.write(prefix, 345, "latin1");
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, "0")}\u0000 `, 148, "latin1");
  return header;
}

function padding(bytes: number): Buffer {
  return Buffer.alloc((BLOCK - (bytes % BLOCK)) % BLOCK);
}
