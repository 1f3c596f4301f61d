/** MurmurHash2, 32 bits, of a text's UTF-8 bytes (Austin Appleby, public domain): how front ends name a cell by its code. */
const M = 0x5bd1e995;

export function murmur2(text: string, seed: number): number {
  const bytes = Buffer.from(text);
  let hash = seed ^ bytes.length;
  let at = 0;
  for (; bytes.length - at >= 4; at += 4) {
    let word = Math.imul(bytes.readInt32LE(at), M);
    word = Math.imul(word ^ (word >>> 24), M);
    hash = Math.imul(hash, M) ^ word;
  }
  if (at < bytes.length) {
    let rest = 0;
    for (let n = bytes.length - 1; n >= at; n--) rest = (rest << 8) | (bytes[n] ?? 0);
    hash = Math.imul(hash ^ rest, M);
  }
  hash = Math.imul(hash ^ (hash >>> 13), M);
  return (hash ^ (hash >>> 15)) >>> 0;
}
