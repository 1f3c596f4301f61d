/** Other people's clients of kernels, in an environment of their own, and a project whose kernel is registered there. */
import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { join } from "node:path";
import { expect } from "vitest";
import { makeEnvironment, programsOf } from "../../../jupyter/environment.ts";
import { findPython } from "../../../jupyter/python.ts";
import { repositoryRoot, type Project } from "../../rig/project.ts";
import { steplab } from "../../rig/run.ts";
import { starterProject } from "./projects.ts";

/** What the clients are told beside our own code: scripts, and what is installed. */
export const HERE = join(import.meta.dirname, "..", "conformance");
const environment = join(repositoryRoot, ".steplab", "conformance");

export interface Clients extends AsyncDisposable {
  project: Project;
  /** Runs a program of the environment, in a folder of the project, to its end. */
  run(words: readonly string[], more?: RunOptions): Ran;
  /** Starts one. */
  start(words: readonly string[], cwd?: string): ChildProcess;
}

export interface RunOptions {
  cwd?: string;
  env?: Record<string, string>;
  /** What is typed. */
  input?: string;
}

export interface Ran {
  code: number | null;
  stdout: string;
  stderr: string;
}

export async function openClients(): Promise<Clients> {
  const python = findPython([3, 10]);
  if ("tried" in python) throw new Error(python.tried.join("; "));
  await makeEnvironment({
    folder: environment,
    python,
    requirements: [join(HERE, "requirements.txt")],
  });
  const project = await starterProject();
  const { code, stderr } = await steplab(project, ["kernel", "install", "--prefix", environment]);
  expect(code, stderr).toBe(0);
  const program = (name: string): string => join(programsOf(environment), name);
  const env = {
    ...process.env,
    HOME: project.path("home"),
    IPYTHONDIR: project.path("home/ipython"),
    JUPYTER_DATA_DIR: project.path("home/data"),
    JUPYTER_CONFIG_DIR: project.path("home/config"),
    JUPYTER_RUNTIME_DIR: project.path("home/runtime"),
  };
  return {
    project,
    run([name = "", ...rest], { cwd = ".", env: more = {}, input } = {}) {
      const { status, stdout, stderr, error } = spawnSync(program(name), rest, {
        cwd: project.path(cwd),
        encoding: "utf8",
        env: { ...env, ...more },
        ...(input !== undefined && { input }),
      });
      if (error) throw error;
      return { code: status, stdout, stderr };
    },
    start: ([name = "", ...rest], cwd = ".") =>
      spawn(program(name), rest, {
        cwd: project.path(cwd),
        env,
        stdio: ["ignore", "pipe", "pipe"],
      }),
    [Symbol.asyncDispose]: () => project[Symbol.asyncDispose](),
  };
}
