/** A stranger's shell, in which nothing of this repository is. */
import { spawnSync } from "node:child_process";
import { delimiter, dirname } from "node:path";
import { repositoryRoot } from "../rig/project.ts";

/** What `npm pack` made. */
export interface PackedFile {
  /** Where it lies: a folder with spaces and letters beyond ASCII. */
  folder: string;
  filename: string;
  files: { path: string }[];
}

export interface Done {
  code: number | null;
  stdout: string;
  stderr: string;
}

export interface Where {
  cwd: string;
  /** The folder of the Node that comes first. */
  node?: string;
  env?: Record<string, string>;
}

/** As typed in a shell there. */
export function type(
  words: readonly string[],
  { cwd, node = dirname(process.execPath), env: more = {} }: Where,
): Done {
  const [command = "", ...rest] = words;
  // Nothing of this repository's: what is found must come from the package.
  const foreign = (process.env["PATH"] ?? "")
    .split(delimiter)
    .filter((each) => !each.startsWith(repositoryRoot));
  const env = { ...process.env, PATH: [node, ...foreign].join(delimiter), NODE_OPTIONS: "" };
  for (const name of Object.keys(env))
    if (/^npm_|^VITEST|^INIT_CWD$/i.test(name)) delete (env as Record<string, unknown>)[name];
  const done = spawnSync(command, rest, {
    cwd,
    env: { ...env, npm_config_update_notifier: "false", ...more },
    encoding: "utf8",
    shell: process.platform === "win32",
  });
  if (done.error) throw done.error;
  return { code: done.status, stdout: done.stdout, stderr: done.stderr };
}

/** @throws Error with all that it said, when it fails */
export function must(words: readonly string[], where: Where): Done {
  const done = type(words, where);
  if (done.code !== 0)
    throw new Error(`${words.join(" ")} ended with ${done.code}\n${done.stdout}${done.stderr}`);
  return done;
}

export const install = (...what: string[]): string[] => [
  "npm",
  "install",
  "--no-audit",
  "--no-fund",
  "--prefer-offline",
  "--loglevel=error",
  ...what,
];
