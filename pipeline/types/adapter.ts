/**
 * TypeScript 7's native compiler, opened once and told what changed. The only file that touches
 * `typescript/unstable/*`: the name says that it may change with every version, so the version is pinned and the
 * change stays here and in the re-exports at the end.
 *
 * The synchronous API on purpose: it is 5 to 30 % faster than the asynchronous one (reference: kernels.md section
 * 7), and whoever must not block (the kernel) gives the compiler a thread of its own. It knows no hover and no
 * signature help, and completes only what stands after a dot, in quotes or in braces: `quick-info.ts`,
 * `signatures.ts` and `scope.ts` make the rest of its symbols, types and tree.
 */
import type { ChildProcess } from "node:child_process";
import { existsSync, statSync } from "node:fs";
import { join, sep } from "node:path";
import {
  API,
  type APIOptions,
  type CompletionEntry,
  type Project,
  type Snapshot,
} from "typescript/unstable/sync";
import { messageOf, StepLabError } from "../../core/error.ts";
import { fileVersion } from "../../core/read-text.ts";
import { foldersOf, ownTypes, OWN_TYPES_OPTIONS } from "./own-types.ts";

/** A finding of the compiler in one of the files asked about. Offsets in UTF-16 units. */
export interface TypeDiagnostic {
  /** Absolute path. */
  file: string;
  /** -1 when the file as a whole is meant. */
  from: number;
  to: number;
  /** TypeScript's own number: 2322. */
  code: number;
  /** The sentence and what explains it, innermost last, one a line. */
  message: string;
}

/** Where there is no tsconfig.json: what a new project would have. */
const DEFAULTS = {
  strict: true,
  target: "esnext",
  lib: ["esnext"],
  module: "nodenext",
  skipLibCheck: true,
  noUncheckedIndexedAccess: true,
  resolveJsonModule: true,
  types: ["node"],
};

/** What a notebook needs whatever the project says: it is one ES module that is run, never built. */
const ALWAYS = {
  noEmit: true,
  allowImportingTsExtensions: true,
  moduleDetection: "force",
  composite: false,
  incremental: false,
  declaration: false,
  isolatedDeclarations: false,
  // The kernel transforms cells and modules with oxc, so enums work in both.
  erasableSyntaxOnly: false,
  // The last expression of a cell is its result, and a name may be there for the next one.
  noUnusedLocals: false,
  noUnusedParameters: false,
};

const ERROR = 1; // DiagnosticCategory.Error

/**
 * The compiler's heap may double before it is collected (Go's GOGC; its default is 100). Every edit makes a new
 * checker, so collecting at once costs a third of each answer; at 200 a notebook's compiler takes some 300 MB.
 */
const HEAP_GROWTH = "200";

/**
 * One project, open until closed. Every method throws StepLabError `types/compiler-failed` when the compiler cannot
 * be started or has died; then a new one must be opened.
 */
export class Compiler implements Disposable {
  readonly #root: string;
  readonly #configFile: string;
  readonly #onProcess: (id: number | null) => void;
  #virtual: ReadonlyMap<string, string> = new Map();
  /** Packages that the project has not installed and every notebook has. */
  #own: ReadonlyMap<string, string> = new Map();
  #folders = new Set<string>();
  #config = "";
  #api: API | undefined;
  #snapshot: Snapshot | undefined;
  /** What the compiler has looked at outside of node_modules, there or not, and how it was: an edit is seen by it. */
  readonly #seen = new Map<string, string>();
  #packages = "";

  /**
   * @param root absolute path of the project
   * @param onProcess is told the id of each process that starts, and null when it is over: killing it ends a
   *   question that takes too long
   */
  constructor(root: string, onProcess: (id: number | null) => void = () => {}) {
    this.#root = root;
    this.#onProcess = onProcess;
    this.#configFile = join(root, "steplab.lint.tsconfig.json");
  }

  /**
   * Makes these the virtual files, by absolute path, and looks at the project's own files again. `roots` are what
   * the project is made of; others of them only stand for what lies on disk. What did not change costs nothing.
   */
  update(
    virtual: ReadonlyMap<string, string>,
    roots: readonly string[] = [...virtual.keys()],
  ): Update {
    return this.#attempt(() => {
      const before = this.#virtual;
      const changes = this.#snapshot ? this.#changesOnDisk() : nothing();
      const config = configText(this.#root, roots);
      const isNewProject = config !== this.#config;
      this.#virtual = virtual;
      this.#config = config;
      if (!this.#snapshot) {
        this.#packages = this.#packagesVersion();
        this.#own = ownTypes(this.#root);
      }
      this.#folders = foldersOf([...this.#own.keys(), ...virtual.keys()]);
      if (!this.#snapshot) {
        this.#snapshot = this.#open().updateSnapshot({ openProjects: [this.#configFile] });
        return { changed: new Set(virtual.keys()), elsewhere: true };
      }
      if (changes === "everything") {
        this.#take({ invalidateAll: true });
        return { changed: new Set(virtual.keys()), elsewhere: true };
      }
      const elsewhere = isNewProject || isAny(changes);
      const changed = new Set<string>();
      for (const path of new Set([...before.keys(), ...virtual.keys()])) {
        if (before.get(path) === virtual.get(path)) continue;
        changed.add(path);
        const [was, is] = [before, virtual].map((texts) => texts.has(path) || existsSync(path));
        changes[was === is ? "changed" : is ? "created" : "deleted"].push(path);
      }
      if (isNewProject) changes.changed.push(this.#configFile);
      if (isAny(changes)) this.#take(changes);
      return { changed, elsewhere };
    });
  }

  /** A virtual file as it was last given. */
  textOf(file: string): string {
    return this.#virtual.get(file) ?? "";
  }

  /** Faults of the project's tsconfig.json: with them no file can be judged. */
  settingsDiagnostics(): TypeDiagnostic[] {
    return this.#attempt(() =>
      this.project.program
        .getConfigFileParsingDiagnostics()
        .filter((diagnostic) => diagnostic.fileName !== this.#configFile)
        .map((diagnostic) => toTypeDiagnostic(join(this.#root, "tsconfig.json"), diagnostic)),
    );
  }

  /** A file's errors: of syntax, or where there are none, of types. */
  diagnostics(file: string): TypeDiagnostic[] {
    return this.#attempt(() => {
      const { program } = this.project;
      const syntactic = program.getSyntacticDiagnostics(file);
      const found = syntactic.length > 0 ? syntactic : program.getSemanticDiagnostics(file);
      return found
        .filter((diagnostic) => (diagnostic.category as number) === ERROR)
        .map((diagnostic) => toTypeDiagnostic(file, diagnostic));
    });
  }

  /** What can stand at an offset of a file; null where that is any name in scope, which the compiler's API does not list. */
  completions(file: string, offset: number): readonly CompletionEntry[] | null {
    return this.#attempt(() => {
      try {
        return this.project.checker.getCompletionsAtPosition(file, offset)?.entries ?? [];
      } catch (error) {
        if (messageOf(error).includes("needs auto imports")) return null;
        throw error;
      }
    });
  }

  /** Asks the compiler's own project of the last update: its program and its checker. */
  ask<T>(question: (project: Project) => T): T {
    return this.#attempt(() => question(this.project));
  }

  private get project(): Project {
    const project = this.#snapshot?.getProjects()[0];
    if (!project) throw new Error("the compiler opened no project");
    return project;
  }

  /** Ends the compiler's process; the next `update` starts another. */
  close(): void {
    const api = this.#api;
    this.#api = undefined;
    this.#snapshot = undefined;
    this.#seen.clear();
    if (!api) return;
    closeQuietly(api);
    this.#onProcess(null);
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #open(): API {
    this.#api = withHeapGrowth(() => new API(this.#options()));
    const { pid } = channelOf(this.#api)?.child ?? {};
    if (pid !== undefined) this.#onProcess(pid);
    return this.#api;
  }

  #options(): APIOptions {
    return {
      cwd: this.#root,
      fs: {
        // Undefined falls back to the real file system.
        readFile: (path) => {
          if (path === this.#configFile) return this.#config;
          const text = this.#virtual.get(path) ?? this.#own.get(path);
          if (text === undefined) this.#see(path);
          return text;
        },
        fileExists: (path) => {
          if (path === this.#configFile || this.#virtual.has(path) || this.#own.has(path))
            return true;
          this.#see(path);
          return undefined;
        },
        directoryExists: (path) => {
          if (this.#folders.has(path)) return true;
          this.#see(path);
          return undefined;
        },
      },
    };
  }

  #take(fileChanges: FileChanges | { invalidateAll: true }): void {
    const before = this.#snapshot;
    this.#snapshot = this.#api?.updateSnapshot({ fileChanges });
    before?.dispose();
  }

  #see(path: string): void {
    if (path.includes("/node_modules/") || path.endsWith("/node_modules")) return;
    if (!this.#seen.has(path)) this.#seen.set(path, versionOf(path));
  }

  #changesOnDisk(): FileChanges | "everything" {
    const packages = this.#packagesVersion();
    const changes = nothing();
    let everything = packages !== this.#packages;
    this.#packages = packages;
    for (const [path, version] of this.#seen) {
      const now = versionOf(path);
      if (now === version) continue;
      this.#seen.set(path, now);
      // A folder that came or went: what was looked for in it is not known one by one.
      if (now === FOLDER || version === FOLDER) everything = true;
      changes[now === "" ? "deleted" : version === "" ? "created" : "changed"].push(path);
    }
    return everything ? "everything" : changes;
  }

  /** npm writes this file with every installation. */
  #packagesVersion(): string {
    return versionOf(join(this.#root, "node_modules", ".package-lock.json"));
  }

  #attempt<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      this.close();
      throw new StepLabError(
        "types/compiler-failed",
        // Of a panic the first line; its stack is the compiler's own, and stays in the cause.
        `The TypeScript compiler could not judge the notebooks: ${messageOf(error).split("\n", 1)[0]}`,
        {
          hint: "npm ci installs it again; `npx steplab lint --no-types` goes without.",
          cause: error,
        },
      );
    }
  }
}

interface FileChanges {
  changed: string[];
  created: string[];
  deleted: string[];
}

/** What an update found changed: virtual files, by path, and whether anything besides them. */
export interface Update {
  changed: ReadonlySet<string>;
  elsewhere: boolean;
}

function nothing(): FileChanges {
  return { changed: [], created: [], deleted: [] };
}

function isAny(changes: FileChanges): boolean {
  return Object.values(changes).some((paths: string[]) => paths.length > 0);
}

const FOLDER = "folder";

/** Empty where there is nothing. */
function versionOf(path: string): string {
  const own = path.split("/").join(sep);
  const stat = statSync(own, { throwIfNoEntry: false, bigint: true });
  return stat?.isDirectory() === true ? FOLDER : fileVersion(own, stat);
}

/** The compiler's process is spawned within `work` and inherits this environment. */
function withHeapGrowth<T>(work: () => T): T {
  const own = process.env["GOGC"];
  process.env["GOGC"] = own ?? HEAP_GROWTH;
  try {
    return work();
  } finally {
    if (own === undefined) delete process.env["GOGC"];
  }
}

interface Channel {
  child?: ChildProcess;
  close(): void;
}

function channelOf(api: object): Channel | undefined {
  return (api as { client?: { channel?: Channel } }).client?.channel; // private to their types
}

/**
 * `close` ends the compiler with SIGTERM, on which it may print "context canceled" to our standard error. It holds
 * nothing worth saving, so it is killed; should these internals move, only the words come back.
 */
function closeQuietly(api: { close(): void }): void {
  const channel = channelOf(api);
  if (channel?.child?.kill("SIGKILL") === true) channel.close();
  else api.close();
}

function configText(root: string, files: readonly string[]): string {
  const own = existsSync(join(root, "tsconfig.json"));
  return JSON.stringify({
    ...(own && { extends: "./tsconfig.json" }),
    compilerOptions: { ...(own ? {} : DEFAULTS), ...ALWAYS, ...OWN_TYPES_OPTIONS },
    files,
    include: [],
  });
}

interface Found extends Chained {
  readonly fileName?: string | undefined;
  readonly pos: number;
  readonly end: number;
  readonly code: number;
}

function toTypeDiagnostic(file: string, found: Found): TypeDiagnostic {
  return {
    file: found.fileName || file, // settings as a whole have an empty name
    from: found.pos,
    to: found.end,
    code: found.code,
    message: [found.text, ...chainOf(found.messageChain)].join("\n"),
  };
}

interface Chained {
  readonly text: string;
  readonly messageChain?: readonly Chained[] | undefined;
}

function chainOf(chain: readonly Chained[] | undefined): string[] {
  return (chain ?? []).flatMap((link) => [link.text, ...chainOf(link.messageChain)]);
}

export {
  CompletionItemKind,
  NodeBuilderFlags,
  SignatureKind,
  SymbolFlags,
  type Checker,
  type Project,
  type Signature,
  type Symbol as CompilerSymbol,
} from "typescript/unstable/sync";
export {
  findPrecedingToken,
  getTokenAtPosition,
  isArrowFunction,
  isCallExpression,
  isClassDeclaration,
  isEnumDeclaration,
  isFunctionDeclaration,
  isIdentifier,
  isImportClause,
  isImportSpecifier,
  isInterfaceDeclaration,
  isModuleDeclaration,
  isNamespaceImport,
  isNewExpression,
  isParameterDeclaration,
  isTypeAliasDeclaration,
  isTypeParameterDeclaration,
  isVariableDeclaration,
  NodeFlags,
  SyntaxKind,
  type CallExpression,
  type NewExpression,
  type Node,
  type SourceFile,
} from "typescript/unstable/ast";
