/**
 * Lays out one environment for each group of peers that can live together: a virtual environment of
 * Python, or a folder of npm's. All lie under `.steplab/bench/`, are used again next time, and take
 * nothing from the user's home but the settings of pip and npm.
 */
import { copyFileSync, mkdirSync, readFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { STEPLAB_ROOT } from "../../core/own-sources.ts";
import {
  makeEnvironment,
  onceFor,
  pinned,
  programsOf,
  runLogged,
} from "../../jupyter/environment.ts";
import { findPython } from "../../jupyter/python.ts";
import { timedCommand, type Ran } from "../process.ts";

/** Ignored by git; may be deleted at any time. */
export const PEERS_FOLDER = join(STEPLAB_ROOT, ".steplab", "bench");
const REQUIREMENTS = join(import.meta.dirname, "requirements");
const OLDEST_PYTHON = [3, 11] as const;

export type PythonGroup = "jupyter" | "ploomber" | "dvc" | "mlflow";

/** A set of tools that is there, and how to use them. */
export class Environment {
  readonly env: NodeJS.ProcessEnv;
  readonly #programs: string;

  constructor(programs: string, env: NodeJS.ProcessEnv = {}) {
    this.#programs = programs;
    this.env = { ...environmentOf(programs), ...env };
  }

  /** Where a program of it lies. */
  path(program: string): string {
    return join(this.#programs, process.platform === "win32" ? `${program}.exe` : program);
  }

  run(cwd: string, program: string, words: readonly string[]): Ran {
    return timedCommand(this.path(program), words, { cwd, env: this.env });
  }
}

/** Their caches, settings and statistics stay in the folder; what slows them down without need is left out. */
export function environmentOf(programs: string): NodeJS.ProcessEnv {
  const home = join(PEERS_FOLDER, "home");
  mkdirSync(home, { recursive: true });
  const kept = Object.entries(process.env).filter(
    // A home of its own says where Jupyter's and other folders are; a BLAS held back would be a slower one.
    ([name]) => !/^(JUPYTER|IPYTHON|XDG|PYTHON|VIRTUAL_ENV|OPENBLAS|NODE|npm)/i.test(name),
  );
  return {
    ...Object.fromEntries(kept),
    HOME: home,
    USERPROFILE: home,
    PATH: `${programs}${delimiter}${process.env["PATH"] ?? ""}`,
    PYTHONNOUSERSITE: "1",
    JUPYTER_PATH: join(PEERS_FOLDER, "jupyter"),
    DENO_DIR: join(home, "deno"),
    DENO_NO_UPDATE_CHECK: "1",
    DVC_NO_ANALYTICS: "1",
    DVC_SITE_CACHE_DIR: join(home, "dvc"),
    PLOOMBER_STATS_ENABLED: "false",
    TZ: "UTC",
  };
}

/** @throws Error saying why it cannot be had */
export async function pythonEnvironment(
  group: PythonGroup,
  say: (text: string) => void,
): Promise<Environment> {
  const requirements = join(REQUIREMENTS, `${group}.txt`);
  const folder = join(PEERS_FOLDER, group);
  const python = findPython(OLDEST_PYTHON);
  if ("tried" in python)
    throw new Error(
      `needs Python ${OLDEST_PYTHON.join(".")} or newer with venv and pip; ${python.tried.join("; ")}`,
    );
  await makeEnvironment({
    folder,
    python,
    requirements: [requirements],
    onProgress: ({ step }) => {
      if (step === "environment") say(`setting up ${group} (${pinned(requirements).join(", ")}) …`);
    },
  });
  return new Environment(programsOf(folder));
}

/** The kernels for TypeScript, from npm. @throws Error saying why they cannot be had */
export async function npmEnvironment(say: (text: string) => void): Promise<string> {
  const folder = join(PEERS_FOLDER, "npm");
  const files = ["package.json", "package-lock.json"];
  const texts = files.map((file) => readFileSync(join(REQUIREMENTS, file), "utf8"));
  await onceFor(folder, texts, async (log) => {
    say("setting up deno and tslab …");
    for (const file of files) copyFileSync(join(REQUIREMENTS, file), join(folder, file));
    // No package's own script is run: the programs lie in the packages.
    const words = ["ci", "--ignore-scripts", "--no-audit", "--no-fund"];
    const npm = process.env["npm_execpath"];
    const cache = ["--cache", join(PEERS_FOLDER, "npm-cache")];
    if (npm !== undefined && /\.[cm]?js$/.test(npm))
      await runLogged(log, process.execPath, [npm, ...words, ...cache], { cwd: folder });
    else await runLogged(log, "npm", [...words, ...cache], { cwd: folder });
  });
  return join(folder, "node_modules");
}

export const requirementsOf = (group: PythonGroup): string => join(REQUIREMENTS, `${group}.txt`);
