/** What is known of the kernels of other makers that can run stages, and where one is found. */
import { globSync, readFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { StepLabError } from "../../../core/error.ts";
import { FROM_SOURCE, ownModule, SOURCE_CONDITION } from "../../../core/own-sources.ts";
import { jupyterDataFolder } from "../../../core/jupyter-folder.ts";
import { FOREIGN_HOST, type ForeignSetup } from "../../../core/side-channel.ts";
import type { KernelCommand } from "../kernel-process.ts";

/** A kernel that is not steplab's: how it is started, spoken to and stopped. */
export interface Dialect {
  name: string;
  /** The npm package that brings it. */
  package: string;
  /** Paths in `node_modules`, as globs: the program that is run. */
  program: string;
  /** The words that start it, when the program is that of `node_modules`. */
  argv: (program: string) => string[];
  /** Where the project runs steplab from its sources: what leads the kernel there too. */
  sourceEnvironment: Record<string, string>;
  /** A cell that loads the host. */
  install: (setup: ForeignSetup) => string;
  /** For so long after an error it takes nothing. */
  deafMs: number;
  /** What ends a running cell: a signal, or only the end of the process. */
  interrupt: "SIGINT" | "SIGKILL";
}

const host = ownModule(FOREIGN_HOST);

const DIALECTS: readonly Dialect[] = [
  {
    name: "tslab",
    package: "tslab",
    program: "tslab/bin/tslab",
    argv: (program) => [process.execPath, program, "kernel", "--config-path", "{connection_file}"],
    sourceEnvironment: {
      NODE_OPTIONS: `${process.env["NODE_OPTIONS"] ?? ""} --conditions=${SOURCE_CONDITION}`.trim(),
    },
    // Its cells are CommonJS, in which Node can require what is a module, and not import it. `any`: the project may have no
    // types of Node, and tslab refuses a cell whose types it cannot find.
    install: (setup) => {
      const path = JSON.stringify(host);
      const load = `(globalThis as any).process.getBuiltinModule("node:module").createRequire(${path})(${path})`;
      return `${load}.install(${JSON.stringify(setup)})`;
    },
    deafMs: 250,
    interrupt: "SIGINT",
  },
  {
    name: "deno",
    package: "deno",
    program: "@deno/*/deno{,.exe}",
    argv: (program) => [program, "jupyter", "--kernel", "--conn", "{connection_file}"],
    sourceEnvironment: { DENO_CONDITIONS: SOURCE_CONDITION },
    install: (setup) =>
      `(await import(${JSON.stringify(pathToFileURL(host).href)})).install(${JSON.stringify(setup)})`,
    deafMs: 0,
    // It ignores a request, and a signal ends it.
    interrupt: "SIGKILL",
  },
];

/** A kernel that was found. */
export interface FoundKernel {
  dialect: Dialect;
  command: KernelCommand;
  /** Null where no package.json says it. */
  version: string | null;
}

/** Of the project's own packages first, whose version the lockfile pins; then of what is registered with Jupyter. */
export function findForeignKernel(projectRoot: string, name: string): FoundKernel | null {
  const dialect = DIALECTS.find((each) => each.name === name);
  if (dialect === undefined) return null;
  const env = {
    // It looks for a newer Deno otherwise, and says so in the middle of a stage.
    DENO_NO_UPDATE_CHECK: "1",
    NO_COLOR: "1",
    ...(FROM_SOURCE && dialect.sourceEnvironment),
  };
  for (let folder = projectRoot; ; folder = dirname(folder)) {
    const modules = join(folder, "node_modules");
    const [program] = globSync(dialect.program, { cwd: modules });
    if (program !== undefined) {
      const argv = dialect.argv(join(modules, program));
      return {
        dialect,
        command: { argv, env },
        version: versionOf(join(modules, dialect.package)),
      };
    }
    if (folder === dirname(folder)) break;
  }
  for (const folder of jupyterFolders(projectRoot)) {
    const file = join(folder, "kernels", name, "kernel.json");
    const spec = specIn(file);
    if (spec === null) continue;
    return { dialect, command: { argv: spec.argv, env: { ...spec.env, ...env } }, version: null };
  }
  return null;
}

/** @throws StepLabError `kernel/not-found` */
export function foreignKernel(projectRoot: string, name: string): FoundKernel {
  const found = findForeignKernel(projectRoot, name);
  if (found !== null) return found;
  throw new StepLabError("kernel/not-found", `There is no kernel "${name}" here.`, {
    hint: `Install it into the project: npm install --save-dev ${name}. Or choose the kernel steplab for the notebook.`,
  });
}

/** What a stage's key says of its kernel: another kernel, or another version of it, may give other results. */
export function kernelPart(projectRoot: string, name: string): string {
  if (name === "steplab") return name;
  const version = findForeignKernel(projectRoot, name)?.version;
  return version == null ? name : `${name} ${version}`;
}

function versionOf(folder: string): string | null {
  try {
    const text = readFileSync(join(folder, "package.json"), "utf8");
    return (JSON.parse(text) as { version: string }).version; // every package has one
  } catch {
    return null;
  }
}

/** Null where there is none, or where it is broken: Jupyter passes over such a one too. */
function specIn(file: string): { argv: string[]; env?: Record<string, string> } | null {
  try {
    const spec: unknown = JSON.parse(readFileSync(file, "utf8"));
    const { argv } = spec as { argv?: unknown }; // looked at before it is trusted
    if (!Array.isArray(argv) || argv.some((word) => typeof word !== "string")) return null;
    return spec as { argv: string[]; env?: Record<string, string> }; // Jupyter's form
  } catch {
    return null;
  }
}

/** Where Jupyter looks, in its order (`jupyter --paths`), as far as it is known without asking a Python. */
function jupyterFolders(projectRoot: string): string[] {
  const { JUPYTER_PATH = "", VIRTUAL_ENV = "", CONDA_PREFIX = "", PROGRAMDATA = "" } = process.env;
  const own = join(projectRoot, ".steplab", "jupyter");
  const prefixes = [own, VIRTUAL_ENV, CONDA_PREFIX].filter((prefix) => prefix !== "");
  const ofMachine =
    process.platform === "win32"
      ? [join(PROGRAMDATA, "jupyter")]
      : ["/usr/local/share/jupyter", "/usr/share/jupyter"];
  return [
    ...JUPYTER_PATH.split(delimiter).filter((folder) => folder !== ""),
    ...prefixes.map((prefix) => jupyterDataFolder({ prefix })),
    jupyterDataFolder({ user: true }),
    ...ofMachine,
  ];
}
