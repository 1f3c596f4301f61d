/**
 * Environments of Python, each in a folder of its own and of exact versions: JupyterLab's, those of the tests and
 * of the benchmark's peers. Made once, and again when anything it was made of has changed.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  createWriteStream,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { finished } from "node:stream/promises";
import { setTimeout as after } from "node:timers/promises";
import { digestOf } from "../core/digest.ts";
import { isAlive, thisProcess, type Owner } from "../lineage/owner.ts";
import { isErrno } from "../lineage/store/files.ts";
import type { Python } from "./python.ts";

export interface EnvironmentOptions {
  /** Where it shall lie. What lies there is replaced when it is another. */
  folder: string;
  python: Python;
  /** Files of pinned requirements. */
  requirements: readonly string[];
  onProgress?: (progress: SetUpProgress) => void;
  /** Ends the work; what was done in part is taken away next time. */
  signal?: AbortSignal;
}

/** How far it is. `packages` is an upper bound: some are for other systems. */
export type SetUpProgress =
  | { step: "environment" }
  | { step: "fetch"; package: string; number: number; packages: number }
  | { step: "install" };

/** Where an environment's programs lie. */
export function programsOf(folder: string): string {
  return join(folder, process.platform === "win32" ? "Scripts" : "bin");
}

/** Makes it unless it is there. @throws Error with pip's reason and where all its words are */
export async function makeEnvironment(options: EnvironmentOptions): Promise<void> {
  const { folder, python, requirements, onProgress = () => {}, signal } = options;
  const texts = requirements.map((path) => readFileSync(path, "utf8"));
  await onceFor(folder, [...texts, python.version], async (log) => {
    onProgress({ step: "environment" });
    await runLogged(log, python.command, ["-m", "venv", folder], { signal });
    const packages = texts.join("\n").match(/^[\w.-]+==/gm)?.length ?? 0;
    let number = 0;
    await runLogged(
      log,
      join(programsOf(folder), "python"),
      // Nothing is kept in the user's home.
      ["-m", "pip", "install", "--no-cache-dir", "--disable-pip-version-check"].concat(
        requirements.flatMap((path) => ["-r", path]),
      ),
      {
        signal,
        onLine: (line) => {
          const [, name] = /^Collecting ([\w.-]+)/.exec(line) ?? [];
          if (name !== undefined) number++;
          if (name !== undefined) onProgress({ step: "fetch", package: name, number, packages });
          if (line.startsWith("Installing collected")) onProgress({ step: "install" });
        },
      },
    );
  });
}

const LOOK_MS = 200;
const LOCK_WRITE_MS = 10_000;

/**
 * Does it unless it was done to the end for the same; what was done in part is taken away. One process at a time:
 * another waits, and finds it done.
 */
export async function onceFor(
  folder: string,
  what: readonly string[],
  act: (log: string) => Promise<void>,
): Promise<void> {
  const stamp = join(folder, ".complete");
  const wanted = digestOf([...what, process.platform, process.arch].join("\n"));
  const isDone = (): boolean => existsSync(stamp) && readFileSync(stamp, "utf8") === wanted;
  if (isDone()) return;
  mkdirSync(dirname(folder), { recursive: true });
  using _ = await lock(`${folder}.lock`);
  if (isDone()) return;
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const log = `${folder}.log`;
  rmSync(log, { force: true });
  await act(log);
  writeFileSync(stamp, wanted);
}

async function lock(path: string): Promise<Disposable> {
  for (;;) {
    try {
      writeFileSync(path, JSON.stringify(thisProcess()), { flag: "wx" });
      return { [Symbol.dispose]: () => rmSync(path, { force: true }) };
    } catch (error) {
      if (!isErrno(error, "EEXIST")) throw error;
      if (isAbandoned(path)) rmSync(path, { force: true });
      else await after(LOOK_MS);
    }
  }
}

function isAbandoned(path: string): boolean {
  try {
    return !isAlive(JSON.parse(readFileSync(path, "utf8")) as Owner); // written by `lock` alone
  } catch {
    // Being written, or just taken away; or its writer died while it wrote.
    const stat = statSync(path, { throwIfNoEntry: false });
    return stat !== undefined && Date.now() - stat.mtimeMs > LOCK_WRITE_MS;
  }
}

/** Runs a command to its end; all its words go to the log. @throws Error with the line that says why it failed */
export async function runLogged(
  log: string,
  command: string,
  words: readonly string[],
  {
    cwd,
    onLine = () => {},
    signal,
  }: { cwd?: string; onLine?: (line: string) => void; signal?: AbortSignal | undefined } = {},
): Promise<void> {
  const file = createWriteStream(log, { flags: "a" });
  const { PYTHONHOME: _home, PYTHONPATH: _path, VIRTUAL_ENV: _env, ...env } = process.env;
  const child = spawn(command, words, {
    cwd: cwd ?? dirname(log),
    // Another environment that is active must not shine through.
    env: { ...env, PYTHONUNBUFFERED: "1" },
    stdio: ["ignore", "pipe", "pipe"],
    shell: process.platform === "win32" && command === "npm",
    ...(signal && { signal }),
  });
  let last = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.pipe(file, { end: false });
    let line = "";
    stream.setEncoding("utf8").on("data", (text: string) => {
      last = (last + text).slice(-2000);
      const lines = (line + text).split("\n");
      line = lines.pop() ?? "";
      lines.forEach(onLine);
    });
  }
  const [code] = (await once(child, "close")) as [number | null]; // its arguments, by Node's documentation
  file.end();
  await finished(file);
  if (code !== 0) {
    const lines = last.trim().split("\n");
    const why = lines.findLast((line) => /error/i.test(line)) ?? lines.at(-1) ?? "";
    throw new Error(`${why.trim()} (all of it: ${log})`);
  }
}

/** `name version` of each requirement that a file pins. */
export function pinned(requirements: string): string[] {
  return [...readFileSync(requirements, "utf8").matchAll(/^([\w.-]+)==([^\s;]+)/gm)].map(
    ([, name, version]) => `${name} ${version}`,
  );
}
