/**
 * The contracts of notebooks before anything runs: declare mode, cached by content.
 *
 * Imports and the three declaration cells of each notebook are evaluated alone, all notebooks in one child process
 * (`declare/child.ts`). What a declaration does wrong becomes a diagnostic on its cell and line.
 */
import { createRequire, SourceMap, type SourceMapPayload } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { closureOf, type ModuleFactsCache } from "../core/closure.ts";
import { DECLARATION_SLOTS, type Contract } from "../core/contract.ts";
import type { Diagnostic } from "../core/diagnostic.ts";
import { digestOf, digestOfJson, hexOf, type Digest } from "../core/digest.ts";
import { installedPackagesDigest } from "../core/installed-packages.ts";
import { codeWithoutComments } from "../core/module-facts.ts";
import { readFromDisk, type ReadText } from "../core/read-text.ts";
import type { Cell } from "../core/notebook/index.ts";
import { FROM_SOURCE, ownSources, ownSourcesDigest } from "../core/own-sources.ts";
import { ensureFolder, keepCache, writeFileAtomic } from "../lineage/store/files.ts";
import { readCache } from "../lineage/store/touch.ts";
import { explainOutcome, type Declared } from "./declare/explain.ts";
import { runDeclarations } from "./declare/run.ts";
import { oncePerNotebook, type SourceNotebook } from "./notebooks/source-notebook.ts";
import { virtualModule } from "./notebooks/virtual-module.ts";

export interface ContractRead {
  /** Null when the declarations cannot be evaluated; then there is an error, here or in the cell's syntax. */
  contract: Contract | null;
  diagnostics: Diagnostic[];
}

export interface ReadContractsOptions {
  /** Absolute path of a folder: `runs/.store/contracts`. Null keeps nothing. */
  cacheDir: string | null;
  /** Parsed modules, shared with whoever walks closures too. */
  moduleFacts?: ModuleFactsCache;
  /** Without progress for so long, a declaration is said to hang. */
  limitMs?: number;
  /** How modules are read; default from disk. */
  read?: ReadText;
  /** Contracts of this process, by content: quicker than the folder. */
  memory?: Map<Digest, Contract>;
  /** The last contract of each notebook, by path; kept up by this. */
  last?: Map<string, Contract>;
  /** Whether an absolute path stands for an unsaved text: a notebook that has one in it is not evaluated, and keeps `last`. */
  isUnsaved?: (path: string) => boolean;
}

interface Job extends Declared {
  key: Digest;
}

/** By the notebook's path. Notebooks whose declaration cells have syntax errors get no contract and no diagnostic here. */
export async function readContracts(
  root: string,
  notebooks: readonly SourceNotebook[],
  options: ReadContractsOptions,
): Promise<Map<string, ContractRead>> {
  const reads = new Map<string, ContractRead>();
  const jobs: Job[] = [];
  const facts = options.moduleFacts ?? new Map();
  const read = options.read ?? readFromDisk;
  const memory = options.memory ?? new Map<Digest, Contract>();
  const packages = installedPackagesDigest(root);
  for (const source of notebooks) {
    const job = prepare(root, source, { cache: facts, readText: read }, packages);
    const known = job && (memory.get(job.key) ?? readCached(options.cacheDir, job.key));
    if (job && known) memory.set(job.key, known);
    if (known) reads.set(source.path, { contract: known, diagnostics: [] });
    else if (job && isBeingTyped(root, job, options.isUnsaved))
      reads.set(source.path, { contract: options.last?.get(source.path) ?? null, diagnostics: [] });
    else if (job) jobs.push(job);
    else reads.set(source.path, { contract: null, diagnostics: [] });
  }
  if (jobs.length > 0) await evaluate(root, jobs, reads, options);
  for (const [path, { contract }] of reads) if (contract) options.last?.set(path, contract);
  return reads;
}

/** All that are not known, in one child process; what came of each is put into `reads`. */
async function evaluate(
  root: string,
  jobs: readonly Job[],
  reads: Map<string, ContractRead>,
  options: ReadContractsOptions,
): Promise<void> {
  const read = options.read ?? readFromDisk;
  const transform = new ProjectTransform(root, read);
  const request = {
    notebooks: jobs.map((job) => ({
      url: pathToFileURL(join(root, job.source.path)).href,
      source: transform.notebook(job),
    })),
    modules: transform.modules(jobs),
  };
  const outcomes = await runDeclarations(request, options.limitMs);
  jobs.forEach((job, index) => {
    const outcome = outcomes[index];
    if (!outcome) throw new Error("a notebook without an outcome of its declarations"); // runDeclarations promises one each
    if (outcome.outcome === "declared") {
      options.memory?.set(job.key, outcome.contract);
      writeCached(options.cacheDir, job.key, outcome.contract);
      reads.set(job.source.path, { contract: outcome.contract, diagnostics: [] });
    } else {
      const diagnostics = explainOutcome(root, job, outcome, (url, line, column) =>
        transform.original(url, line, column),
      );
      reads.set(job.source.path, { contract: null, diagnostics });
    }
  });
}

function isBeingTyped(
  root: string,
  { source, closure }: Job,
  isUnsaved: ReadContractsOptions["isUnsaved"],
): boolean {
  if (isUnsaved === undefined) return false;
  return [source, ...closure.files].some(({ path }) => isUnsaved(join(root, path)));
}

/** Undefined when a cell that takes part does not parse. */
function prepare(
  root: string,
  source: SourceNotebook,
  reading: { cache: ModuleFactsCache; readText: ReadText },
  packages: Digest,
): Job | undefined {
  const declared = declarationsOf(source);
  if (!declared) return undefined;
  const { module, code } = declared;
  const path = join(root, source.path);
  const closure = closureOf([{ path, source: module.source }], { root, ...reading });
  const key = digestOfJson({
    format: 1,
    code,
    modules: closure.digest,
    packages, // a schema may come from one
    steplab: ownSourcesDigest(["core", "stage", "pipeline/declare"]),
    node: process.versions.node.split(".")[0] ?? "",
  });
  return { source, module, closure, key };
}

/** The cells that take part, as one module, and its digest; undefined when one of them does not parse. */
const declarationsOf = oncePerNotebook((source) => {
  const parts = source.code.filter(({ cell }) => isDeclarative(cell));
  if (parts.some((part) => part.errors.length > 0)) return undefined;
  const module = virtualModule(parts.map((part) => part.cell));
  return { module, code: digestOf(codeWithoutComments(module.source, "notebook.ts")) };
});

function isDeclarative(cell: Cell): boolean {
  return (
    cell.slot === "imports" || DECLARATION_SLOTS.some((declaration) => declaration === cell.slot)
  );
}

/** Imports stay as written: what looks unused may be imported for what it does. */
const OPTIONS = { typescript: { onlyRemoveTypeImports: true } };

/** TypeScript to JavaScript with oxc. Source maps are made only when an error asks for a place: they cost more than the code. */
class ProjectTransform {
  readonly #root: string;
  readonly #read: ReadText;
  readonly #sources = new Map<string, string>();
  readonly #transform: typeof import("oxc-transform").transformSync;

  constructor(root: string, read: ReadText) {
    this.#root = root;
    this.#read = read;
    this.#transform = (
      createRequire(import.meta.url)("oxc-transform") as typeof import("oxc-transform")
    ).transformSync; // require is untyped
  }

  notebook(job: Job): string {
    return this.#javascript(
      pathToFileURL(join(this.#root, job.source.path)).href,
      job.module.source,
    );
  }

  /** The project's modules that the notebooks reach, and steplab's own, which Node would strip more slowly one by one. */
  modules(jobs: readonly Job[]): Record<string, string> {
    const modules: Record<string, string> = {};
    const add = (path: string): void => {
      if (!/\.[cm]?ts$/.test(path)) return;
      const url = pathToFileURL(path).href;
      modules[url] ??= this.#javascript(url, this.#read(path));
    };
    for (const job of jobs) for (const file of job.closure.files) add(join(this.#root, file.path));
    // All that "steplab" may load: listing its rooms is quicker than parsing it for its closure (10 ms against 50).
    if (FROM_SOURCE) for (const { path } of ownSources(["core", "lineage", "stage"])) add(path);
    return modules;
  }

  /** Line and column in the TypeScript, from those in the JavaScript (all from 1). */
  original(url: string, line: number, column: number): { line: number; column: number } {
    const source = this.#sources.get(url);
    if (source === undefined) return { line, column }; // Node stripped it, which moves nothing
    const { map } = this.#transform("module.ts", source, { ...OPTIONS, sourcemap: true });
    const entry = new SourceMap(map as SourceMapPayload).findEntry(line - 1, column - 1); // the same format
    return "originalLine" in entry
      ? { line: entry.originalLine + 1, column: entry.originalColumn + 1 }
      : { line, column };
  }

  #javascript(url: string, source: string): string {
    this.#sources.set(url, source);
    return this.#transform("module.ts", source, OPTIONS).code;
  }
}

function readCached(cacheDir: string | null, key: Digest): Contract | undefined {
  const text = cacheDir === null ? null : readCache(join(cacheDir, `${hexOf(key)}.json`));
  if (text === null) return undefined;
  try {
    return JSON.parse(text) as Contract; // written by writeCached
  } catch {
    return undefined; // half a file of a machine that died: it is made again
  }
}

function writeCached(cacheDir: string | null, key: Digest, contract: Contract): void {
  if (cacheDir === null) return;
  keepCache(() => {
    ensureFolder(cacheDir);
    const path = join(cacheDir, `${hexOf(key)}.json`);
    writeFileAtomic(path, JSON.stringify(contract), { durable: false });
  });
}
