/** The packages a stage's code rests on, as the lockfile pins them. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { digestOf, digestOfJson, type Digest } from "../../core/digest.ts";
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

export class Lockfile {
  readonly #root: string;
  readonly #text: string | null;
  readonly digest: Digest | null;
  #lock: Lock | null = null;
  /** A thousand stages import the same few packages. */
  readonly #closures = new Map<string, PackageFacts>();

  constructor(projectRoot: string) {
    this.#root = projectRoot;
    const path = join(projectRoot, "package-lock.json");
    this.#text = existsSync(path) ? readFileSync(path, "utf8") : null;
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
    if (this.digest === null) return { packages: this.#installed(wanted), locked: false };
    const packages = facts.packages(digestOfJson([this.digest, wanted]), () =>
      this.#locked(wanted),
    );
    return { packages, locked: true };
  }

  #locked(names: readonly string[]): Record<string, string> {
    this.#lock ??= JSON.parse(this.#text ?? "{}") as Lock; // npm's own file; members that are missing read as none
    const all = this.#lock.packages ?? {};
    const found: Record<string, string> = {};
    const visit = (name: string, from: string): void => {
      const at = resolveIn(all, name, from);
      if (at === null) {
        // The project imports itself by name: its dependencies are what its sources rest on.
        if (from === "" && all[""]?.name === name)
          for (const each of Object.keys(all[""].dependencies ?? {})) visit(each, "");
        return;
      }
      if (at in found) return;
      const locked = all[at] ?? {};
      found[at] = `${locked.version ?? "linked"} ${locked.integrity ?? ""}`.trim();
      const needed = {
        ...locked.dependencies,
        ...locked.optionalDependencies,
        ...locked.peerDependencies,
      };
      for (const each of Object.keys(needed)) visit(each, at);
    };
    for (const name of names) visit(name, "");
    return Object.fromEntries(
      Object.entries(found).map(([at, version]) => [at.replace(/^node_modules\//, ""), version]),
    );
  }

  #installed(names: readonly string[]): Record<string, string> {
    const found: Record<string, string> = {};
    for (const name of names) {
      const path = join(this.#root, "node_modules", name, "package.json");
      if (!existsSync(path)) continue;
      const { version } = JSON.parse(readFileSync(path, "utf8")) as { version?: string }; // npm's own file
      found[name] = `${version ?? "unknown"} (installed)`;
    }
    return found;
  }
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
