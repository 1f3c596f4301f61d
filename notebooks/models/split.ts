/** One fixed split into train, valid and test, stated as a function of the data. */
import type { Split } from "../schemas/listing.ts";

/** Of each stratum: a fifth is for the test, a fifth of the rest for validation. */
const TEST_SHARE = 0.2;
const VALID_SHARE_OF_REST = 0.2;

/**
 * The part each id belongs to. Within a stratum the ids are put in the order of their hash: the first fifth
 * is the test set, the next fifth of the rest validates, the others train. So the split depends on which
 * listings there are, never on their order, and the shares are exact in every stratum (to a row).
 *
 * @param strata one a row, in the order of `ids`: here the borough, so that a small one is in every part
 * @param salt another one gives another split; the chain always uses the default
 */
export function stratifiedSplit(
  ids: ArrayLike<number>,
  strata: ArrayLike<string>,
  salt = "nyc",
): Map<number, Split> {
  const members = new Map<string, { id: number; hash: number }[]>();
  for (let row = 0; row < ids.length; row++) {
    const id = ids[row]!;
    const stratum = strata[row]!;
    const entry = { id, hash: hashOf(`${salt}/${id}`) };
    const others = members.get(stratum);
    if (others) others.push(entry);
    else members.set(stratum, [entry]);
  }
  const split = new Map<number, Split>();
  for (const entries of members.values()) {
    entries.sort((a, b) => a.hash - b.hash || a.id - b.id);
    const tests = Math.round(entries.length * TEST_SHARE);
    const valids = Math.round((entries.length - tests) * VALID_SHARE_OF_REST);
    entries.forEach(({ id }, place) =>
      split.set(id, place < tests ? "test" : place < tests + valids ? "valid" : "train"),
    );
  }
  return split;
}

/** FNV-1a (Fowler, Noll, Vo) with the finish of MurmurHash3: FNV alone leaves near ids near. 32 bits, unsigned. */
export function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let place = 0; place < text.length; place++)
    hash = Math.imul(hash ^ text.charCodeAt(place), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
