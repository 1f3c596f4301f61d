/**
 * Modules as notebooks see them (`module.registerHooks`).
 *
 * Node cannot unload a module, so an edited one needs another address: every project module carries
 * its **epoch**, `…/gbdt.ts?steplab=2`. When a cell imports, the modules it reaches are looked at
 * (modification time and size); an edited one and all that import it get a new epoch, and the others
 * keep theirs, and so their identity and state.
 *
 * Project modules are TypeScript and JSON below the project's root, outside node_modules, and not
 * steplab's own rooms. They go through oxc, so enums and namespaces work in them as in cells.
 */
import { readFileSync, statSync } from "node:fs";
import type { LoadHookContext, ResolveHookContext } from "node:module";
import { registerHooks } from "node:module";
import { sep } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { ownRoomUrls } from "../../core/own-sources.ts";
import { transformModule } from "./transform.ts";

/** Marks a specifier that a cell wrote: it resolves from the notebook, not from the kernel's own file. */
export const FROM_CELL = "steplab-cell:";

const EPOCH = "steplab";
/** steplab's own rooms: never edited while a kernel runs on them, and one identity for kernel and notebook. */
export const OWN_ROOMS = ownRoomUrls([
  "core",
  "lineage",
  "stage",
  "pipeline",
  "kernel",
  "runner",
  "cli",
]);

interface ProjectModule {
  /** Changes with the file's content, as far as the file system tells. */
  version: string;
  epoch: number;
  imports: Set<string>;
  source: string;
}

export class ProjectModules {
  notebookUrl: string;
  #rootUrl: string;
  readonly #modules = new Map<string, ProjectModule>();

  constructor(notebookUrl: string, root: string) {
    this.notebookUrl = notebookUrl;
    this.#rootUrl = folderUrl(root);
    registerHooks({
      resolve: (specifier, context, next) => this.#resolve(specifier, context, next),
      load: (url, context, next) => this.#load(url, context, next),
    });
  }

  /** A warm kernel learns only when it is bound which notebook it is for. */
  bind(notebook: string, root: string): void {
    this.notebookUrl = pathToFileURL(notebook).href;
    this.#rootUrl = folderUrl(root);
  }

  resolve(specifier: string): string {
    return withoutEpoch(import.meta.resolve(FROM_CELL + specifier));
  }

  /** The source of a loaded project module, for positions in errors. */
  sourceOf(url: string): string | undefined {
    return this.#modules.get(withoutEpoch(url))?.source;
  }

  /** Gives edited modules that `specifier` reaches, and all that import them, a new epoch. */
  refresh(specifier: string): void {
    let entry: string;
    try {
      entry = this.resolve(specifier);
    } catch {
      return; // the import itself will say it, with Node's message
    }
    const reached = this.#reachableFrom(entry);
    const stale = new Set([...reached].filter((url) => this.#isEdited(url)));
    // Importers of a stale module are stale: until nothing is added, which cycles cannot prevent.
    for (let size = -1; size !== stale.size;) {
      size = stale.size;
      for (const url of reached) {
        const imports = this.#modules.get(url)?.imports ?? new Set();
        if ([...imports].some((imported) => stale.has(imported))) stale.add(url);
      }
    }
    for (const url of stale) {
      const module = this.#modules.get(url);
      if (!module) continue;
      module.epoch++;
      module.imports.clear();
    }
  }

  #reachableFrom(entry: string): Set<string> {
    const reached = new Set<string>();
    const waiting = [entry];
    for (let url = waiting.pop(); url !== undefined; url = waiting.pop()) {
      const module = this.#modules.get(url);
      if (!module || reached.has(url)) continue;
      reached.add(url);
      waiting.push(...module.imports);
    }
    return reached;
  }

  #isEdited(url: string): boolean {
    return this.#modules.get(url)?.version !== versionOf(url);
  }

  #resolve(
    specifier: string,
    context: ResolveHookContext,
    next: (specifier: string, context?: Partial<ResolveHookContext>) => { url: string },
  ): { url: string; format?: string | null; shortCircuit?: boolean } {
    const fromCell = specifier.startsWith(FROM_CELL);
    const asked = fromCell ? specifier.slice(FROM_CELL.length) : specifier;
    const parent = fromCell ? this.notebookUrl : context.parentURL;
    const resolved = nextOrOwn(asked, { ...context, parentURL: parent }, next);
    if (!this.#isProjectModule(resolved.url)) return resolved;
    const base = withoutEpoch(resolved.url);
    if (parent !== undefined) this.#modules.get(withoutEpoch(parent))?.imports.add(base);
    const epoch = this.#modules.get(base)?.epoch ?? 0;
    return epoch === 0 ? resolved : { ...resolved, url: withEpoch(base, epoch) };
  }

  #load(
    url: string,
    context: LoadHookContext,
    next: (url: string, context?: Partial<LoadHookContext>) => LoadResult,
  ): LoadResult {
    if (!this.#isProjectModule(url)) return next(url, context);
    const base = withoutEpoch(url);
    const path = fileURLToPath(base);
    const version = versionOf(base);
    const source = readFileSync(path, "utf8");
    const epoch = this.#modules.get(base)?.epoch ?? 0;
    this.#modules.set(base, { version, epoch, imports: new Set(), source });
    if (path.endsWith(".json")) return next(url, context);
    return { format: "module", source: transformModule(path, source), shortCircuit: true };
  }

  #isProjectModule(url: string): boolean {
    const base = withoutEpoch(url);
    return (
      base.startsWith(this.#rootUrl) &&
      !base.includes("/node_modules/") &&
      /\.(?:ts|mts|json)$/.test(base) &&
      !OWN_ROOMS.some((room) => base.startsWith(room))
    );
  }
}

type LoadResult = ReturnType<Parameters<NonNullable<RegisterHooks["load"]>>[2]>;
type RegisterHooks = Parameters<typeof registerHooks>[0];

/**
 * Node's own resolution; a notebook in a project that has not installed "steplab" gets the kernel's
 * own copy, so that a notebook can be tried anywhere the kernel is registered.
 */
function nextOrOwn<T>(
  specifier: string,
  context: ResolveHookContext,
  next: (specifier: string, context?: Partial<ResolveHookContext>) => T,
): T {
  try {
    return next(specifier, context);
  } catch (error) {
    const isOwn = specifier === "steplab" || specifier.startsWith("steplab/");
    const code = (error as NodeJS.ErrnoException).code; // Node sets it on what it throws here
    if (!isOwn || code !== "ERR_MODULE_NOT_FOUND") throw error;
    return next(specifier, { ...context, parentURL: import.meta.url });
  }
}

function folderUrl(folder: string): string {
  return pathToFileURL(folder.endsWith(sep) ? folder : folder + sep).href;
}

function withEpoch(url: string, epoch: number): string {
  return `${url}?${EPOCH}=${epoch}`;
}

export function withoutEpoch(url: string): string {
  return url.replace(/\?steplab=\d+$/, "");
}

/** Empty for a file that is gone: an import of it will say so. */
function versionOf(url: string): string {
  const stat = statSync(new URL(url), { throwIfNoEntry: false, bigint: true });
  return stat ? `${stat.mtimeNs}:${stat.size}:${stat.ino}` : "";
}
