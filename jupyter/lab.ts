/** Which JupyterLab is used: the one that is asked for, the one on the PATH, or one of the project's own. */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, statSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { StepLabError, messageOf } from "../core/error.ts";
import { makeEnvironment, pinned, programsOf, type SetUpProgress } from "./environment.ts";
import { findPython } from "./python.ts";

const REQUIREMENTS = fileURLToPath(new URL("./requirements.txt", import.meta.url));

export interface JupyterLab {
  /** The command that starts it, without options. */
  argv: string[];
  version: string;
  /** `given`: asked for. `own`: the project's, set up by us. */
  from: "given" | "path" | "own";
}

/** What JupyterLab 4.6 and its dependencies ask for. */
const OLDEST_PYTHON = [3, 10] as const;
/** What the extension is built for; the kernel runs in any. */
export const OLDEST_LAB = [4, 6] as const;

export interface LabOptions {
  /** The project's folder for everything of Jupyter's, see `labFolder`. */
  folder: string;
  /** A `jupyter-lab`, or the folder of the environment that it is in. */
  given?: string | undefined;
  onProgress?: (progress: SetUpProgress) => void;
  /** Something that a person should know: why the one on the PATH is not used. */
  say?: (text: string) => void;
  signal?: AbortSignal;
}

/** Everything of Jupyter's that a project keeps: the environment, what is registered in it, settings, layouts. */
export function labFolder(projectRoot: string): string {
  return join(projectRoot, ".steplab", "jupyter");
}

/** Makes that folder, which git ignores by itself: a project need not know of it. */
export function makeLabFolder(projectRoot: string): string {
  const folder = labFolder(projectRoot);
  mkdirSync(folder, { recursive: true });
  const ignore = join(dirname(folder), ".gitignore");
  if (!existsSync(ignore)) writeFileSync(ignore, "*\n");
  // JupyterLab starts scripts of its own with Node; they are no modules, whatever the project's are.
  const manifest = join(folder, "package.json");
  if (!existsSync(manifest)) writeFileSync(manifest, `{ "private": true, "type": "commonjs" }\n`);
  return folder;
}

/** @throws StepLabError `jupyter/not-found`, `jupyter/no-python`, `jupyter/setup-failed` */
export async function findLab(options: LabOptions): Promise<JupyterLab> {
  const { given, say = () => {} } = options;
  if (given !== undefined) return givenLab(given);
  const version = versionOf(["jupyter-lab"]);
  if (version !== null && isRecent(version))
    return { argv: ["jupyter-lab"], version, from: "path" };
  if (version !== null)
    say(
      `The jupyter-lab on the PATH is ${version}; steplab's extension is made for ${OLDEST_LAB.join(".")} and newer, so the project gets one of its own (--jupyter jupyter-lab takes that one).`,
    );
  return await ownLab(options);
}

/** Whether the extension can be loaded by it. */
export function isRecent(version: string): boolean {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  return major === OLDEST_LAB[0] && minor >= OLDEST_LAB[1];
}

function givenLab(given: string): JupyterLab {
  const isFolder = statSync(given, { throwIfNoEntry: false })?.isDirectory() === true;
  const isPath = /[/\\]/.test(given) || isFolder;
  const path = isFolder ? join(programsOf(given), "jupyter-lab") : given;
  const argv = [isPath ? resolve(path) : path];
  const version = versionOf(argv);
  if (version === null)
    throw new StepLabError("jupyter/not-found", `${given} is no JupyterLab that starts.`, {
      hint: "Name its jupyter-lab, or the folder of the environment that it is in: --jupyter .venv",
    });
  return { argv, version, from: "given" };
}

/** Null where there is none that starts. */
function versionOf([command = "", ...words]: string[]): string | null {
  const { status, stdout } = spawnSync(command, [...words, "--version"], {
    encoding: "utf8",
    // Else a very old Jupyter moves the user's settings about as it starts.
    env: { ...process.env, JUPYTER_NO_CONFIG: "1" },
  });
  return status === 0 ? (/^\d+\.\d+\.\d+\S*/.exec(stdout.trim())?.[0] ?? null) : null;
}

async function ownLab({ folder, onProgress, signal }: LabOptions): Promise<JupyterLab> {
  const python = findPython(OLDEST_PYTHON);
  if ("tried" in python)
    throw new StepLabError(
      "jupyter/no-python",
      `There is no jupyter-lab on the PATH, and no Python ${OLDEST_PYTHON.join(".")} or newer with venv and pip to set one up: ${python.tried.join("; ")}.`,
      {
        hint: "Install Python 3 (python.org; Debian and Ubuntu: apt install python3-venv), or JupyterLab itself, and type the same again.",
      },
    );
  const environment = join(folder, "environment");
  try {
    await makeEnvironment({
      folder: environment,
      python,
      requirements: [REQUIREMENTS],
      ...(onProgress && { onProgress }),
      ...(signal && { signal }),
    });
  } catch (error) {
    throw new StepLabError(
      "jupyter/setup-failed",
      `JupyterLab could not be set up: ${messageOf(error)}`,
      { hint: "Check the network and pip's settings, then type the same again.", cause: error },
    );
  }
  // Not its script: the first line of that cannot hold every path.
  const argv = [join(programsOf(environment), "python"), "-m", "jupyterlab"];
  return { argv, version: pinnedLabVersion(), from: "own" };
}

/** The JupyterLab that a project without one is given. */
export function pinnedLabVersion(): string {
  const line = pinned(REQUIREMENTS).find((each) => each.startsWith("jupyterlab "));
  if (line === undefined) throw new Error(`${REQUIREMENTS} names no JupyterLab`);
  return line.split(" ")[1] ?? "";
}
