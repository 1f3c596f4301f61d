/**
 * The static import closure of project modules: what a stage's code is besides its cells.
 *
 * Keys, transformers' code digests and the cache of contracts rest on it. Packages are named, not followed:
 * the lockfile speaks for them. Type-only imports are left out, because they are gone before code runs.
 */
import { realpathSync } from "node:fs";
import { createRequire, isBuiltin } from "node:module";
import { dirname, isAbsolute, relative, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { digestOf, digestOfJson, type Digest } from "./digest.ts";
import { readFromDisk, type ReadText } from "./read-text.ts";
import { storedModuleFacts, type StoredModuleFacts } from "./module-facts.ts";

/** A module by its absolute path, or a source that only claims to lie there (a notebook's cells in one text). */
export type ClosureEntry = string | { path: string; source: string };

export interface Closure {
  /** Project modules reached, sorted by path; entries given as a source are not among them. */
  files: ClosureFile[];
  /** Names of the packages reached ("zod", "@scope/name"), sorted; Node's own modules left out. */
  packages: string[];
  /** Relative imports that lead to no file. `importer` as in `files`. */
  missing: { importer: string; specifier: string; line: number }[];
  /** `import(expression)` found on the way. */
  computed: { importer: string; line: number; column: number }[];
  /** Digest of files and packages: equal closures, equal code. Entries given as a source do not count. */
  digest: Digest;
}

export interface ClosureFile {
  /** Relative to the root, with forward slashes; begins with "../" for a module outside of it. */
  path: string;
  /** Of the code without comments, so that prose may change. */
  digest: Digest;
}

/** Facts by digest of a file's name ending and bytes. A Map will do; the runner keeps one on disk. */
export interface ModuleFactsCache {
  get(key: Digest): StoredModuleFacts | undefined;
  set(key: Digest, facts: StoredModuleFacts): unknown;
}

export interface ClosureOptions {
  /** Absolute path of the project. */
  root: string;
  cache?: ModuleFactsCache;
  /** How modules are read; default from disk. */
  readText?: ReadText;
}

/** Follows static imports from the entries on; what leads nowhere or is computed is listed, not thrown. */
export function closureOf(entries: readonly ClosureEntry[], options: ClosureOptions): Closure {
  const walk = new ClosureWalk(
    options.root,
    options.cache ?? new Map(),
    options.readText ?? readFromDisk,
  );
  for (const entry of entries) walk.enter(entry);
  return walk.closure();
}

class ClosureWalk {
  readonly #root: string;
  readonly #cache: ModuleFactsCache;
  readonly #read: ReadText;
  readonly #files = new Map<string, Digest>();
  readonly #packages = new Set<string>();
  readonly #missing: Closure["missing"] = [];
  readonly #computed: Closure["computed"] = [];

  constructor(root: string, cache: ModuleFactsCache, read: ReadText) {
    this.#root = realpathOr(root);
    this.#cache = cache;
    this.#read = read;
  }

  enter(entry: ClosureEntry): void {
    if (typeof entry !== "string") {
      const path = resolve(realpathOr(dirname(entry.path)), entry.path.split(sep).at(-1) ?? "");
      return this.#follow(path, this.#facts(entry.source, asCodeName(path)));
    }
    const path = realpathOr(entry);
    if (!this.#visit(path))
      this.#missing.push({ importer: this.#name(path), specifier: entry, line: 1 });
  }

  closure(): Closure {
    const files = [...this.#files]
      .map(([path, digest]) => ({ path: this.#name(path), digest }))
      .sort((a, b) => (a.path < b.path ? -1 : 1));
    const packages = [...this.#packages].sort();
    return {
      files,
      packages,
      missing: this.#missing,
      computed: this.#computed,
      digest: digestOfJson({ files, packages }),
    };
  }

  /** False when there is no such file. */
  #visit(path: string): boolean {
    if (this.#files.has(path)) return true;
    const source = this.#readOr(path);
    if (source === undefined) return false;
    const facts = this.#facts(source, path);
    this.#files.set(path, facts.codeDigest);
    this.#follow(path, facts);
    return true;
  }

  #follow(importer: string, facts: StoredModuleFacts): void {
    for (const place of facts.computed)
      this.#computed.push({ importer: this.#name(importer), ...place });
    for (const { specifier, typeOnly, line } of facts.imports) {
      if (typeOnly || isBuiltin(specifier)) continue;
      const target = resolveSpecifier(specifier, importer);
      if (target.kind === "package") this.#packages.add(target.name);
      else if (target.kind === "missing" || !this.#visit(target.path))
        this.#missing.push({ importer: this.#name(importer), specifier, line });
    }
  }

  #facts(source: string, filename: string): StoredModuleFacts {
    // The ending decides the language, so the same bytes under another ending are other facts.
    const key = digestOf(`${/\.[^./]*$/.exec(filename)?.[0] ?? ""}\n${source}`);
    const known = this.#cache.get(key);
    if (known) return known;
    const facts = storedModuleFacts(source, filename);
    this.#cache.set(key, facts);
    return facts;
  }

  #readOr(path: string): string | undefined {
    try {
      return this.#read(path);
    } catch {
      return undefined; // reported as missing, with the import that asked for it
    }
  }

  #name(path: string): string {
    return relative(this.#root, path).split(sep).join("/");
  }
}

type Resolved =
  | { kind: "file"; path: string }
  | { kind: "package"; name: string }
  | { kind: "missing" };

/** As Node does for ES modules: a relative specifier names its file exactly, with the ending. */
function resolveSpecifier(specifier: string, importer: string): Resolved {
  if (/^\.\.?(\/|$)/.test(specifier)) {
    const path = resolve(dirname(importer), specifier.replace(/[?#].*$/, ""));
    return { kind: "file", path: realpathOr(path) };
  }
  if (specifier.startsWith("file:"))
    return { kind: "file", path: realpathOr(fileURLToPath(specifier)) };
  if (isAbsolute(specifier)) return { kind: "file", path: realpathOr(specifier) };
  if (specifier.startsWith("#")) return resolveSubpathImport(specifier, importer);
  if (/^[a-z][a-z0-9+.-]*:/i.test(specifier)) return { kind: "missing" }; // https:, data:, jsr: …
  const name = /^(@[^/]+\/[^/]+|[^/]+)/.exec(specifier)?.[0] ?? specifier;
  return { kind: "package", name };
}

/** `#name` of the nearest package.json's "imports"; it may stand for a file of ours or for a package. */
function resolveSubpathImport(specifier: string, importer: string): Resolved {
  let path: string;
  try {
    path = createRequire(importer).resolve(specifier);
  } catch {
    return { kind: "missing" }; // the caller names the importer and the line
  }
  const segments = path.split(sep);
  const modules = segments.lastIndexOf("node_modules");
  if (modules === -1) return { kind: "file", path };
  const [first = "", second = ""] = segments.slice(modules + 1);
  return { kind: "package", name: first.startsWith("@") ? `${first}/${second}` : first };
}

/** Links are followed, as Node does, so that one module has one name. */
function realpathOr(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path; // it does not exist; whoever reads it says so
  }
}

/** A notebook's cells are TypeScript, whatever the notebook is called. */
function asCodeName(path: string): string {
  return /\.[cm]?[jt]sx?$/.test(path) ? path : `${path}.ts`;
}
