/**
 * TypeScript 7's native compiler, asked for diagnostics. The only file that touches `typescript/unstable/*`: the
 * name says that it may change with every version, so the version is pinned and the change stays here.
 *
 * The synchronous API on purpose: contracts are evaluated in a process of their own meanwhile, so blocking this
 * one costs nothing, and it is 5 to 30 % faster than the asynchronous one (reference: kernels.md section 7).
 */
import type { ChildProcess } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { messageOf, StepLabError } from "../../core/error.ts";
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

export interface TypeCheck {
  /** Absolute path of the project. */
  root: string;
  /** Files that exist only here, by absolute path: notebooks as modules. */
  virtual: ReadonlyMap<string, string>;
  /** Absolute paths of files to report on; others are read as far as these need them. */
  ask: readonly string[];
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
 * Opens one project with the virtual files as its roots and gives the errors of the files asked for, in their order.
 *
 * @throws StepLabError `types/compiler-failed` when the compiler cannot be started or dies.
 */
export async function checkTypes(check: TypeCheck): Promise<TypeDiagnostic[]> {
  const configFile = join(check.root, "steplab.lint.tsconfig.json");
  const virtual = new Map([...ownTypes(check.root), ...check.virtual]);
  virtual.set(configFile, configText(check));
  const folders = foldersOf(virtual.keys());
  try {
    const { API } = await import("typescript/unstable/sync");
    const api = new API({
      cwd: check.root,
      fs: {
        // Undefined falls back to the real file system.
        readFile: (path) => virtual.get(path),
        fileExists: (path) => (virtual.has(path) ? true : undefined),
        directoryExists: (path) => (folders.has(path) ? true : undefined),
      },
    });
    try {
      const project = api.updateSnapshot({ openProjects: [configFile] }).getProjects()[0];
      if (!project) throw new Error("the compiler opened no project");
      const { program } = project;
      const settings = program
        .getConfigFileParsingDiagnostics()
        .filter((diagnostic) => diagnostic.fileName !== configFile);
      if (settings.length > 0)
        return settings.map((diagnostic) =>
          toTypeDiagnostic(join(check.root, "tsconfig.json"), diagnostic),
        );
      return check.ask.flatMap((file) => {
        const syntactic = program.getSyntacticDiagnostics(file);
        const found = syntactic.length > 0 ? syntactic : program.getSemanticDiagnostics(file);
        return found
          .filter((diagnostic) => (diagnostic.category as number) === ERROR) // an enum of theirs that has no runtime form here
          .map((diagnostic) => toTypeDiagnostic(file, diagnostic));
      });
    } finally {
      closeQuietly(api);
    }
  } catch (error) {
    throw new StepLabError(
      "types/compiler-failed",
      `The TypeScript compiler could not judge the notebooks: ${messageOf(error)}`,
      { hint: "npm ci installs it again; `steplab lint --no-types` goes without.", cause: error },
    );
  }
}

interface Channel {
  child?: ChildProcess;
  close(): void;
}

/**
 * `close` ends the compiler with SIGTERM, on which it may print "context canceled" to our standard error. It holds
 * nothing worth saving, so it is killed; should these internals move, only the words come back.
 */
function closeQuietly(api: { close(): void }): void {
  const { client } = api as { client?: { channel?: Channel } }; // private to their types
  const channel = client?.channel;
  if (channel?.child?.kill("SIGKILL") === true) channel.close();
  else api.close();
}

function configText(check: TypeCheck): string {
  const own = existsSync(join(check.root, "tsconfig.json"));
  return JSON.stringify({
    ...(own && { extends: "./tsconfig.json" }),
    compilerOptions: { ...(own ? {} : DEFAULTS), ...ALWAYS, ...OWN_TYPES_OPTIONS },
    files: [...check.virtual.keys()],
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
