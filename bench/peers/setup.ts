/**
 * Lays out one environment for each group of peers that can live together: a virtual environment of
 * Python, or a folder of npm's. All lie under `.steplab/bench/`, are used again next time, and take
 * nothing from the user's home but the settings of pip and npm.
 */
import { spawn, spawnSync } from "node:child_process";
import {
  copyFileSync,
  createWriteStream,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { once } from "node:events";
import { finished } from "node:stream/promises";
import { delimiter, join } from "node:path";
import { digestOf } from "../../core/digest.ts";
import { STEPLAB_ROOT } from "../../core/own-sources.ts";
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
  const programs = join(folder, process.platform === "win32" ? "Scripts" : "bin");
  const python = findPython();
  await onceFor(folder, [readFileSync(requirements, "utf8"), python.version], async (log) => {
    say(`setting up ${group} (${pinned(requirements).join(", ")}) …`);
    await runLogged(log, python.command, ["-m", "venv", folder]);
    const pip = ["-m", "pip", "install", "--no-cache-dir", "--disable-pip-version-check"];
    await runLogged(log, join(programs, "python"), [...pip, "-r", requirements]);
  });
  return new Environment(programs);
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
      await runLogged(log, process.execPath, [npm, ...words, ...cache], folder);
    else await runLogged(log, "npm", [...words, ...cache], folder);
  });
  return join(folder, "node_modules");
}

/** Does it unless it was done to the end for the same; a part of it is taken away. */
async function onceFor(
  folder: string,
  what: readonly string[],
  act: (log: string) => Promise<void>,
): Promise<void> {
  const stamp = join(folder, ".complete");
  const wanted = digestOf([...what, process.platform, process.arch].join("\n"));
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === wanted) return;
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  await act(`${folder}.log`);
  writeFileSync(stamp, wanted);
}

async function runLogged(
  log: string,
  command: string,
  words: readonly string[],
  cwd = PEERS_FOLDER,
): Promise<void> {
  const file = createWriteStream(log, { flags: "a" });
  const child = spawn(command, words, {
    cwd,
    stdio: ["ignore", "pipe", "pipe"],
    shell: process.platform === "win32" && command === "npm",
  });
  let last = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.pipe(file, { end: false });
    stream.setEncoding("utf8").on("data", (text: string) => (last = (last + text).slice(-2000)));
  }
  const [code] = (await once(child, "close")) as [number | null]; // its arguments, by Node's documentation
  file.end();
  await finished(file);
  if (code !== 0) {
    const lines = last.trim().split("\n");
    const why = lines.findLast((line) => /error/i.test(line)) ?? lines.at(-1) ?? "";
    throw new Error(`${why.trim()} (all of it: ${log.slice(STEPLAB_ROOT.length)})`);
  }
}

interface Python {
  command: string;
  version: string;
}

/** @throws Error saying what to install */
function findPython(): Python {
  const needed = OLDEST_PYTHON.join(".");
  const tried: string[] = [];
  for (const command of ["python3", "python"]) {
    const script = "import sys, venv, ensurepip; print('%d.%d.%d' % sys.version_info[:3])";
    const ran = spawnSync(command, ["-c", script], { encoding: "utf8" });
    if (ran.error) {
      tried.push(`there is no ${command}`);
      continue;
    }
    const { status, stdout, stderr } = ran;
    const version = status === 0 ? stdout.trim() : null;
    const [major = 0, minor = 0] = (version ?? "").split(".").map(Number);
    if (version !== null && (major > OLDEST_PYTHON[0] || minor >= OLDEST_PYTHON[1]))
      return { command, version };
    if (version !== null) tried.push(`${command} is ${version}`);
    else if (stderr.includes("ModuleNotFoundError"))
      tried.push(`${command} lacks venv (on Debian: apt install python3-venv)`);
    else tried.push(`${command} does not start`);
  }
  throw new Error(`needs Python ${needed} or newer with venv and pip; ${tried.join("; ")}`);
}

/** `name version` of each pinned package. */
export function pinned(requirements: string): string[] {
  return [...readFileSync(requirements, "utf8").matchAll(/^([\w.-]+)==(\S+)$/gm)].map(
    ([, name, version]) => `${name} ${version}`,
  );
}

export const requirementsOf = (group: PythonGroup): string => join(REQUIREMENTS, `${group}.txt`);
