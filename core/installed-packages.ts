/**
 * What node_modules holds, as far as it can change without a notebook or module of the project changing.
 *
 * A lockfile pins what was downloaded. It says nothing of packages that are only linked (a workspace's own, `npm
 * link`, `file:`): their code is edited like the project's, so it counts by content.
 */
import { readdirSync, readFileSync, realpathSync, type Dirent } from "node:fs";
import { dirname, join, sep } from "node:path";
import { digestOf, digestOfJson, type Digest } from "./digest.ts";
import { STEPLAB_ROOT } from "./own-sources.ts";

/** Lockfiles of the package managers, and what npm notes of an installation without one. */
const LOCKFILES = [
  "package-lock.json",
  "pnpm-lock.yaml",
  "yarn.lock",
  "bun.lock",
  join("node_modules", ".package-lock.json"),
];

/** Digest of all of it: what a verdict or a contract was made with. */
export function installedPackagesDigest(root: string): Digest {
  const lockfiles = foldersUpwards(root).flatMap((folder) =>
    LOCKFILES.flatMap((name) => digestOfFileOr(join(folder, name)) ?? []),
  );
  return digestOfJson({ lockfiles, linked: Object.fromEntries(linkedPackages(root)) });
}

/**
 * Packages that lead out of every node_modules, by name, with a digest of the code that lies there. Steplab's own
 * checkout is not among them (its rooms count by themselves), nor is the project, which a workspace links too.
 */
export function linkedPackages(root: string): Map<string, Digest> {
  const linked = new Map<string, Digest>();
  const own = new Set([realpathSync(STEPLAB_ROOT), realpathSync(root)]);
  for (const folder of foldersUpwards(root)) {
    for (const name of linksIn(join(folder, "node_modules"))) {
      const path = realpathOr(join(folder, "node_modules", name));
      if (path === undefined || own.has(path) || path.split(sep).includes("node_modules")) continue;
      if (!linked.has(name)) linked.set(name, codeDigest(path)); // the nearest is the one that Node finds
    }
  }
  return linked;
}

/** From the project upwards: where Node looks for packages. */
export function foldersUpwards(root: string): string[] {
  const folders = [root];
  for (let folder = root; folder !== dirname(folder); folder = dirname(folder))
    folders.push(dirname(folder));
  return folders;
}

/** `name` and `@scope/name` of what is a link. */
function linksIn(modules: string): string[] {
  const names: string[] = [];
  for (const entry of entriesOf(modules)) {
    if (entry.isSymbolicLink()) names.push(entry.name);
    else if (entry.isDirectory() && entry.name.startsWith("@"))
      for (const scoped of entriesOf(join(modules, entry.name)))
        if (scoped.isSymbolicLink()) names.push(`${entry.name}/${scoped.name}`);
  }
  return names.sort();
}

/** Every file that Node could load as code, but for the package's own packages. */
function codeDigest(folder: string): Digest {
  const files: [path: string, digest: Digest | null][] = [];
  const visit = (path: string): void => {
    for (const entry of entriesOf(join(folder, path))) {
      if (entry.name.startsWith(".") || entry.name === "node_modules") continue;
      const inside = path === "" ? entry.name : `${path}/${entry.name}`;
      if (entry.isDirectory()) visit(inside);
      else if (/\.(?:[cm]?[jt]sx?|json|node|wasm)$/.test(entry.name))
        files.push([inside, digestOfFileOr(join(folder, inside)) ?? null]);
    }
  };
  visit("");
  return digestOfJson(files.sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** None where there is no such folder, or none that may be read: then Node finds nothing there either. */
function entriesOf(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    return [];
  }
}

function realpathOr(path: string): string | undefined {
  try {
    return realpathSync(path);
  } catch {
    return undefined; // a link that leads nowhere
  }
}

function digestOfFileOr(path: string): Digest | undefined {
  try {
    return digestOf(readFileSync(path));
  } catch {
    return undefined; // not there
  }
}
