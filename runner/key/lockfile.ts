/** The packages a stage's code rests on, as the lockfile pins them. */
import { existsSync, readFileSync, realpathSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { digestOf, digestOfJson, type Digest } from "../../core/digest.ts";
import { foldersUpwards, linkedPackages } from "../../core/installed-packages.ts";
import { STEPLAB_ROOT } from "../../core/own-sources.ts";
import type { FileFacts } from "../file-facts.ts";

/** The parts of package-lock.json (versions 2 and 3) that are read. */
interface Lock {
  packages: Record<string, LockedPackage>;
}
interface LockedPackage {
  name?: string;
  version?: string;
  integrity?: string;
  link?: boolean;
  resolved?: string;
  dependencies?: Record<string, string>;
  optionalDependencies?: Record<string, string>;
  peerDependencies?: Record<string, string>;
}

export interface PackageFacts {
  /** Package to "version integrity"; without a lockfile "version (installed)". */
  packages: Record<string, string>;
  /** False without a lockfile: versions alone do not pin bytes. */
  locked: boolean;
}

/** What pins a project's packages, read once a run. */
export class Lockfile {
  readonly #root: string;
  readonly #text: string | null = null;
  /** The project's folder as the lockfile calls it: "" beside it, `packages/prices` in a workspace. */
  readonly #workspace: string = "";
  readonly digest: Digest | null;
  #lock: Lock | null = null;
  #linked: ReadonlyMap<string, Digest> | null = null;
  /** A thousand stages import the same few packages. */
  readonly #closures = new Map<string, PackageFacts>();

  constructor(projectRoot: string) {
    this.#root = projectRoot;
    for (const folder of foldersUpwards(projectRoot)) {
      const path = join(folder, "package-lock.json");
      if (!existsSync(path)) continue;
      const text = readFileSync(path, "utf8");
      const workspace = relative(folder, projectRoot).split(sep).join("/");
      // A lockfile further up may be anybody's; that of a workspace lists its members.
      if (workspace !== "" && !text.includes(`${JSON.stringify(workspace)}:`)) continue;
      this.#text = text;
      this.#workspace = workspace;
      break;
    }
    this.digest = this.#text === null ? null : digestOf(this.#text);
  }

  /** The packages named and all they need, transitively, found as Node finds them: nested folders first. */
  closure(names: readonly string[], facts: FileFacts): PackageFacts {
    const wanted = [...names].sort();
    const name = wanted.join(" ");
    let known = this.#closures.get(name);
    if (known === undefined) {
      known = this.#closureOf(wanted, facts);
      this.#closures.set(name, known);
    }
    return known;
  }

  #closureOf(wanted: readonly string[], facts: FileFacts): PackageFacts {
    const pinned =
      this.digest === null
        ? installedClosure(this.#root, wanted)
        : facts.packages(digestOfJson([this.digest, this.#workspace, wanted]), () =>
            this.#locked(wanted),
          );
    return { packages: this.#withLinked(pinned), locked: this.digest !== null };
  }

  /** No lockfile pins what is only linked: it counts by its content, as the project's own modules do. */
  #withLinked(pinned: Record<string, string>): Record<string, string> {
    this.#linked ??= linkedPackages(this.#root);
    if (this.#linked.size === 0) return pinned;
    const entries = Object.entries(pinned).map(([at, version]) => {
      const digest = this.#linked?.get(at.split("node_modules/").at(-1) ?? at);
      return [at, digest === undefined ? version : `linked ${digest}`];
    });
    return Object.fromEntries(entries) as Record<string, string>; // as they came, some values replaced
  }

  #locked(names: readonly string[]): Record<string, string> {
    this.#lock ??= JSON.parse(this.#text ?? "{}") as Lock; // npm's own file; members that are missing read as none
    const all = this.#lock.packages ?? {};
    const own = all[this.#workspace];
    const found: Record<string, string> = {};
    const visit = (name: string, from: string): void => {
      const at = resolveIn(all, name, from);
      if (at === null) {
        // The project imports itself by name: its dependencies are what its sources rest on.
        if (from === this.#workspace && own?.name === name)
          for (const each of Object.keys(own.dependencies ?? {})) visit(each, from);
        return;
      }
      if (at in found) return;
      const entry = all[at] ?? {};
      const target = entry.link === true ? (entry.resolved ?? at) : at;
      const locked = all[target] ?? entry;
      found[at] = `${locked.version ?? "linked"} ${locked.integrity ?? ""}`.trim();
      const needed = {
        ...locked.dependencies,
        ...locked.optionalDependencies,
        ...locked.peerDependencies,
      };
      for (const each of Object.keys(needed)) visit(each, target);
    };
    for (const name of names) visit(name, this.#workspace);
    return Object.fromEntries(
      Object.entries(found).map(([at, version]) => [at.replace(/^node_modules\//, ""), version]),
    );
  }
}

/** Without a lockfile: what lies in node_modules, by the versions that the packages give themselves. */
function installedClosure(root: string, names: readonly string[]): Record<string, string> {
  const found: Record<string, string> = {};
  const visit = (name: string, from: string): void => {
    const installed = findInstalled(name, from);
    if (installed === null) return;
    const { folder, manifest } = installed;
    const version = `${manifest.version ?? "unknown"} (installed)`;
    // Two versions of one package: the nearer one has the name alone.
    const other = found[name] !== undefined && found[name] !== version;
    const at = other ? `${name}@${manifest.version ?? "unknown"}` : name;
    if (at in found) return;
    found[at] = version;
    // A checkout of steplab counts by its own sources, and its lockfile is its own.
    if (!folder.split(sep).includes("node_modules") && folder === realpathSync(STEPLAB_ROOT))
      return;
    const needed = {
      ...manifest.dependencies,
      ...manifest.optionalDependencies,
      ...manifest.peerDependencies,
    };
    for (const each of Object.keys(needed).sort()) visit(each, folder);
  };
  for (const name of names) visit(name, root);
  return found;
}

function findInstalled(
  name: string,
  from: string,
): { folder: string; manifest: LockedPackage } | null {
  for (const folder of foldersUpwards(from)) {
    const path = join(folder, "node_modules", name);
    if (!existsSync(join(path, "package.json"))) continue;
    const manifest = JSON.parse(readFileSync(join(path, "package.json"), "utf8")) as LockedPackage; // npm's own file; it names these members alike
    return { folder: realpathSync(path), manifest };
  }
  return null;
}

function resolveIn(all: Record<string, LockedPackage>, name: string, from: string): string | null {
  for (let base = from; ;) {
    const at = base === "" ? `node_modules/${name}` : `${base}/node_modules/${name}`;
    if (at in all) return at;
    if (base === "") return null;
    const up = base.lastIndexOf("/node_modules/");
    base = up < 0 ? "" : base.slice(0, up);
  }
}
