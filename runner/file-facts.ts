/**
 * What is known of file contents, by digest, kept between runs in one file: a run in which nothing changed
 * reads and hashes files but parses none, and loads neither oxc nor yaml nor zod.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Digest } from "../core/digest.ts";
import type { StoredModuleFacts } from "../core/module-facts.ts";
import type { Archive } from "../lineage/archive.ts";
import { ensureFolder, writeFileAtomic } from "../lineage/store/files.ts";
import type { ModuleFactsCache } from "../core/closure.ts";

/** What a key needs of a notebook. */
export interface NotebookFacts {
  /** Digest of the executed code cells in order, comments left out. */
  code: Digest;
  /** The executed cells' code as one module, for the import closure. */
  imports: StoredModuleFacts;
  template: string;
  /** The name of its kernelspec. */
  kernel: string;
}

/** Raised when the facts below are derived otherwise: a cache of another version is dropped. */
const VERSION = 2;

interface Stored {
  version: typeof VERSION;
  notebooks: Record<string, NotebookFacts>;
  modules: Record<string, StoredModuleFacts>;
  packages: Record<string, Record<string, string>>;
}

/** Read at the beginning of a run, written at its end; a torn or older file is made again. */
export class FileFacts {
  readonly #path: string;
  readonly #stored: Stored;
  #changed = false;
  readonly modules: ModuleFactsCache;

  constructor(archive: Archive) {
    this.#path = join(archive.cache, "facts.json");
    this.#stored = read(this.#path);
    this.modules = {
      get: (digest) => this.#stored.modules[digest],
      set: (digest, facts) => {
        this.#stored.modules[digest] = facts;
        this.#changed = true;
      },
    };
  }

  knownNotebook(digest: Digest): NotebookFacts | undefined {
    return this.#stored.notebooks[digest];
  }

  notebook(digest: Digest, make: () => NotebookFacts): NotebookFacts {
    return this.#remember("notebooks", digest, make);
  }

  /** Name to "version integrity" of a package closure, by the lockfile's digest and the names asked for. */
  packages(digest: Digest, make: () => Record<string, string>): Record<string, string> {
    return this.#remember("packages", digest, make);
  }

  save(archive: Archive): void {
    if (!this.#changed) return;
    ensureFolder(archive.cache);
    writeFileAtomic(this.#path, JSON.stringify(this.#stored), { durable: false });
    this.#changed = false;
  }

  #remember<K extends "notebooks" | "packages">(
    kind: K,
    digest: Digest,
    make: () => Stored[K][string],
  ): Stored[K][string] {
    const known = this.#stored[kind][digest];
    if (known !== undefined) return known as Stored[K][string]; // narrowed by `kind`
    const made = make();
    (this.#stored[kind] as Record<string, Stored[K][string]>)[digest] = made; // as above
    this.#changed = true;
    return made;
  }
}

function read(path: string): Stored {
  const empty: Stored = { version: VERSION, notebooks: {}, modules: {}, packages: {} };
  try {
    const stored = JSON.parse(readFileSync(path, "utf8")) as Stored; // our own cache
    return stored.version === VERSION ? stored : empty;
  } catch {
    return empty; // none yet, or torn: everything is derived again
  }
}
