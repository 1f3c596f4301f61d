/** Which module made a transformer: a stored model names it, so that its code can be found again. */
import { fileURLToPath } from "node:url";
import { getCallSites } from "node:util";

/**
 * The module that called the function which calls this one, as an absolute path; the caller's own file (given
 * as `self`) is passed over. A definition could as well be asked for `import.meta.url`, but everybody forgets
 * that once, and copies it with the rest from another module once; the stack never lies about it.
 *
 * The kernel gives project modules URLs with a query (their edit epoch): it is no part of the path.
 */
export function callingModule(self: string): string {
  const own = asPath(self);
  for (const site of getCallSites()) {
    const path = asPath(site.scriptName);
    if (path !== own && path !== asPath(import.meta.url)) return path;
  }
  return "";
}

export function asPath(urlOrPath: string): string {
  // In a path they are characters like any others: a folder may be called "C#".
  return urlOrPath.startsWith("file:")
    ? fileURLToPath(urlOrPath.replace(/[?#].*$/, ""))
    : urlOrPath;
}
