/**
 * Names of files in a folder artifact: one rule, held where a folder is written and where one is taken in, so that
 * an artifact made on one system unpacks to the same files on every other.
 */

/** What Windows keeps for devices, with any ending: `con.png` cannot be made there. */
const RESERVED = /^(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(?:\.|$)/i;
// oxlint-disable-next-line no-control-regex -- control characters are what is looked for
const FORBIDDEN = /[\u0000-\u001f\u007f<>:"|?*]/;

/** Why a path may not name a file of a folder artifact, to follow the path in a sentence; null when it may. */
export function whyUnsafe(path: string): string | null {
  if (path === "") return "is empty";
  if (path.includes("\\")) return "has a backslash in it; write forward slashes";
  if (path.startsWith("/") || /^[A-Za-z]:/.test(path))
    return "is absolute; write it relative to the folder";
  if (FORBIDDEN.test(path)) return "has a character in it that not every system allows in a name";
  if (path !== path.normalize("NFC"))
    return "is not in Unicode's composed form (NFC), so that it would be another name on another system";
  for (const part of path.split("/")) {
    if (part === "") return "has an empty part";
    if (part === "." || part === "..") return `has "${part}" in it`;
    if (RESERVED.test(part)) return `has a name in it that Windows keeps for a device ("${part}")`;
    if (/[. ]$/.test(part))
      return "has a part that ends with a dot or a space, which Windows drops";
  }
  return null;
}

/** The first two names that are one on a system that does not tell capitals apart (macOS, Windows); folders count too. */
export function findCollision(paths: Iterable<string>): [string, string] | null {
  const seen = new Map<string, string>();
  for (const path of paths) {
    for (let end = path.indexOf("/"); ; end = path.indexOf("/", end + 1)) {
      const name = end === -1 ? path : path.slice(0, end);
      const folded = name.toLowerCase();
      const known = seen.get(folded);
      if (known !== undefined && known !== name) return [known, name];
      seen.set(folded, name);
      if (end === -1) break;
    }
  }
  return null;
}
