/** How a new project depends on steplab: as this steplab was installed itself. */
import { existsSync, readFileSync } from "node:fs";
import { isAbsolute, join, relative, resolve, sep } from "node:path";
import { ownVersion, STEPLAB_ROOT } from "../../core/own-sources.ts";

/** What npm notes of an installed package, in node_modules/.package-lock.json and package-lock.json alike. */
interface Locked {
  resolved?: string;
}

/**
 * What package.json's `dependencies.steplab` must say in a project in this folder: the exact version where a registry
 * gave it, the packed file or git address where that did, the checkout where there is one.
 */
export function ownDependency(projectFolder: string, steplab: string = STEPLAB_ROOT): string {
  const folder = resolve(steplab);
  const at = folder.lastIndexOf(`${sep}node_modules${sep}`);
  if (at < 0) return fileSpec(projectFolder, folder);
  const host = folder.slice(0, at);
  const resolved = lockedIn(
    host,
    folder
      .slice(at + 1)
      .split(sep)
      .join("/"),
  )?.resolved;
  if (resolved?.startsWith("file:")) {
    const path = resolve(host, resolved.slice("file:".length));
    if (existsSync(path)) return fileSpec(projectFolder, path);
  } else if (resolved !== undefined && !/\/steplab\/-\/steplab-[^/]*\.tgz$/.test(resolved)) {
    return resolved; // git, or a file on some server
  }
  return ownVersion();
}

/** Relative, so that the two can move together and no file tells where somebody's home is. */
function fileSpec(projectFolder: string, path: string): string {
  const way = relative(projectFolder, path);
  return `file:${(isAbsolute(way) ? path : way).split(sep).join("/")}`;
}

function lockedIn(host: string, name: string): Locked | undefined {
  for (const file of [join("node_modules", ".package-lock.json"), "package-lock.json"]) {
    try {
      const lock = JSON.parse(readFileSync(join(host, file), "utf8")) as {
        packages?: Record<string, Locked>;
      }; // npm's own file
      if (lock.packages?.[name]) return lock.packages[name];
    } catch {
      // Another package manager's folder, or a global one: the next file, or the version.
    }
  }
  return undefined;
}
