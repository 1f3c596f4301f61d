/** JupyterLab's server for one project: on loopback, with a random token, and nothing of it in the user's home. */
import { spawn, type ChildProcess } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import {
  createWriteStream,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { setTimeout as after } from "node:timers/promises";
import { StepLabError } from "../core/error.ts";
import { jupyterDataFolder } from "../core/jupyter-folder.ts";
import type { JupyterLab } from "./lab.ts";

export interface ServerOptions {
  lab: JupyterLab;
  projectRoot: string;
  /** Everything of Jupyter's that the project keeps; kernel and extension are registered below it. */
  folder: string;
  /** Exactly this port, 0 for any; default: the first free one that Jupyter finds from 8888 on. */
  port?: number | undefined;
  /** Whether Jupyter opens the browser that it finds. */
  openBrowser: boolean;
  /** More options for JupyterLab, as typed. */
  more?: readonly string[];
  /** Aborted: the server ends, and its kernels with it. */
  signal?: AbortSignal;
}

export interface LabServer extends AsyncDisposable {
  /** What a browser opens, with the token. */
  url: string;
  /** Resolves with its exit code once it has ended, null where a signal ended it. */
  ended: Promise<number | null>;
}

const LOOK_MS = 50;
/** Kernels get five seconds from Jupyter to end by themselves. */
const STOP_MS = 15_000;
/** Another process took the port between Jupyter's look and its use. */
const TRIES = 3;

/** Resolves when it answers. @throws StepLabError `jupyter/not-started` */
export async function startServer(options: ServerOptions): Promise<LabServer> {
  for (let tries = 1; ; tries++) {
    const started = await tryToStart(options);
    if ("url" in started) return started;
    if (started.lostPort && options.port === undefined && tries < TRIES) continue;
    throw new StepLabError(
      "jupyter/not-started",
      `JupyterLab ended before it was ready${started.why === "" ? "" : `: ${started.why}`}`,
      { hint: `All it said: ${started.log}` },
    );
  }
}

interface NotStarted {
  lostPort: boolean;
  why: string;
  log: string;
}

async function tryToStart(options: ServerOptions): Promise<LabServer | NotStarted> {
  const { lab, folder, signal } = options;
  const token = randomBytes(24).toString("hex");
  // Of this server alone: Jupyter writes there where it listens, and its kernels' keys.
  mkdirSync(join(folder, "runtime"), { recursive: true });
  const runtime = mkdtempSync(join(folder, "runtime", "server-"));
  const log = join(folder, "server.log");
  const file = createWriteStream(log, { mode: 0o600 });
  const [command = "", ...words] = lab.argv;
  const child = spawn(command, [...words, ...wordsOf(options)], {
    cwd: options.projectRoot,
    env: environmentOf(folder, runtime, token),
    // Ctrl-C on the terminal is for us, who stop it in order; it would ask whether it should.
    detached: process.platform !== "win32",
    stdio: ["ignore", "pipe", "pipe"],
  });
  for (const stream of [child.stdout, child.stderr])
    stream
      .setEncoding("utf8")
      .on("data", (text: string) => file.write(text.replaceAll(token, "…")));
  const ended = new Promise<number | null>((resolve) => {
    child.once("error", () => resolve(null));
    child.once("close", resolve);
  }).then((code) => {
    file.end();
    rmSync(runtime, { recursive: true, force: true });
    return code;
  });
  const stop = async (): Promise<void> => await stopServer(child, ended, runtime, token);
  let hasEnded = false;
  void ended.then(() => (hasEnded = true));
  for (;;) {
    const address = await addressOf(runtime, token);
    if (address !== null)
      return { url: `${address}lab?token=${token}`, ended, [Symbol.asyncDispose]: stop };
    if (signal?.aborted === true) {
      await stop();
      signal.throwIfAborted();
    }
    if (hasEnded) {
      if (!file.closed) await once(file, "close");
      return { ...reasonIn(readFileSync(log, "utf8")), log };
    }
    await after(LOOK_MS);
  }
}

function wordsOf({ projectRoot, port, openBrowser, more = [] }: ServerOptions): string[] {
  return [
    "--ServerApp.ip=127.0.0.1",
    `--ServerApp.root_dir=${projectRoot}`,
    `--ServerApp.open_browser=${openBrowser ? "True" : "False"}`,
    ...(port === undefined ? [] : [`--ServerApp.port=${port}`, "--ServerApp.port_retries=0"]),
    // Its default asks a package index which extensions there are.
    "--LabApp.extension_manager=readonly",
    // It would try every language server that it knows of, and ask npm, which writes into the user's home.
    "--LanguageServerManager.autodetect=False",
    // Jupyter refuses root by default; in containers there is nobody else.
    ...(process.getuid?.() === 0 ? ["--allow-root"] : []),
    ...more,
  ];
}

/** Everything that Jupyter writes goes below the project's folder; the user's own kernels can still be chosen. */
function environmentOf(folder: string, runtime: string, token: string): NodeJS.ProcessEnv {
  // Neither in the command line nor in the environment: whoever lists processes or prints `process.env` would show it.
  const tokenFile = join(runtime, "token");
  writeFileSync(tokenFile, token, { mode: 0o600 });
  const settings = join(folder, "settings");
  keepQuiet(settings);
  const {
    JUPYTER_TOKEN: _token,
    JUPYTER_PORT: _port,
    JUPYTER_CONFIG_PATH: _config,
    ...env
  } = process.env;
  return {
    ...env,
    JUPYTER_TOKEN_FILE: tokenFile,
    JUPYTER_PATH: [
      jupyterDataFolder({ prefix: folder }),
      ...(env["JUPYTER_PATH"] ? [env["JUPYTER_PATH"]] : []),
      jupyterDataFolder({ user: true }),
    ].join(delimiter),
    JUPYTER_CONFIG_DIR: join(folder, "config"),
    JUPYTER_DATA_DIR: join(folder, "data"),
    JUPYTER_RUNTIME_DIR: runtime,
    JUPYTERLAB_SETTINGS_DIR: settings,
    JUPYTERLAB_WORKSPACES_DIR: workspacesFolder(folder),
    IPYTHONDIR: join(folder, "ipython"),
  };
}

export function workspacesFolder(folder: string): string {
  return join(folder, "workspaces");
}

/** JupyterLab asks over the first notebook whether it may fetch news; it may not, until somebody turns that on. */
function keepQuiet(settings: string): void {
  const path = join(
    settings,
    "@jupyterlab",
    "apputils-extension",
    "notification.jupyterlab-settings",
  );
  if (existsSync(path)) return;
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, `${JSON.stringify({ fetchNews: "false", checkForUpdates: false })}\n`);
}

/** Where it listens, once it answers there. Jupyter tells in a file, whichever port it took. */
async function addressOf(runtime: string, token: string): Promise<string | null> {
  const url = urlIn(runtime);
  if (url === null) return null;
  try {
    const { ok } = await fetch(`${url}api/status`, {
      headers: { authorization: `token ${token}` },
    });
    return ok ? url : null;
  } catch {
    return null; // not yet
  }
}

function urlIn(runtime: string): string | null {
  if (!existsSync(runtime)) return null;
  const file = readdirSync(runtime).find((name) => /^jpserver-\d+\.json$/.test(name));
  if (file === undefined) return null;
  try {
    return (JSON.parse(readFileSync(join(runtime, file), "utf8")) as { url: string }).url; // Jupyter's own form
  } catch {
    return null; // being written
  }
}

async function stopServer(
  child: ChildProcess,
  ended: Promise<unknown>,
  runtime: string,
  token: string,
): Promise<void> {
  const url = urlIn(runtime);
  const isAsked =
    url !== null &&
    (await fetch(`${url}api/shutdown`, {
      method: "POST",
      headers: { authorization: `token ${token}` },
    }).then(
      ({ ok }) => ok,
      () => false,
    ));
  if (!isAsked) child.kill("SIGTERM");
  const kill = setTimeout(() => child.kill("SIGKILL"), STOP_MS);
  await ended;
  clearTimeout(kill);
}

/** The last thing that it called an error, without the stamp before it. */
function reasonIn(text: string): { lostPort: boolean; why: string } {
  const lines = text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "");
  const told =
    lines.findLast((line) => /^\[[EC] |\bError\b|ERROR/.test(line)) ?? lines.at(-1) ?? "";
  return {
    lostPort: /no available port|already in use/.test(text),
    why: told.replace(/^\[[A-Z] [^\]]*\]\s*/, ""),
  };
}
