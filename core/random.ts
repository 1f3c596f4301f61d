/** The one seeded generator: behind `Math.random` in a stage, and behind every fit of a transformer. */

/**
 * sfc32 (Chris Doty-Humphrey, PractRand, public domain): 128 bits of state, passes PractRand, and small enough
 * to be the same for ever. Uniform in [0, 1), 32 bits a draw.
 *
 * @param seedHex at least 32 hex digits; the first 128 bits are the state
 */
export function createRandom(seedHex: string): () => number {
  let [a = 0, b = 0, c = 0, counter = 0] = [0, 8, 16, 24].map((at) =>
    Number.parseInt(seedHex.slice(at, at + 8), 16),
  );
  const next = (): number => {
    const sum = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (c << 21) | (c >>> 11);
    c = (c + sum) | 0;
    return (sum >>> 0) / 2 ** 32;
  };
  for (let round = 0; round < 15; round++) next(); // as PractRand does: near seeds part
  return next;
}
