/**
 * A kernel process of our own making: spawned with a connection file, spoken to over ipc sockets (unix
 * domain sockets in a private folder: no port to race for, nothing on the network), watched for its death.
 */
import { spawn, type ChildProcess } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { randomUUID } from "node:crypto";
import { messageOf, StepLabError } from "../../core/error.ts";
import { RedactedStream, Redactor } from "../../core/redact.ts";
import { writeConnectionFile, type ConnectionInfo } from "../../core/wire/connection-file.ts";
import { tcpConnection } from "../../core/wire/tcp-connection.ts";

/** How a kernel's process ended. */
export interface KernelExit {
  exitCode: number | null;
  signal: NodeJS.Signals | null;
  /** The last of what it wrote to its own standard error: 64 KiB at most. */
  stderr: string;
  /** Of a kernel that is not our own process: what is known of its end, in words. */
  lost?: string;
}

export interface KernelProcessOptions {
  /** Working directory. */
  folder: string;
  /** What the process itself writes (native code, crash reports): for the journal. */
  onLog: (stream: "stdout" | "stderr", text: string) => void;
  /** Of another kernel than our own. */
  command?: KernelCommand;
}

/** How a kernel is started, as its kernelspec says it. */
export interface KernelCommand {
  /** `{connection_file}` stands for the file's path. */
  argv: readonly string[];
  env: Readonly<Record<string, string>>;
}

const STDERR_KEPT = 64 * 1024;
const OWN_COMMAND: KernelCommand = {
  argv: [
    process.execPath,
    "--no-force-async-hooks-checks",
    fileURLToPath(new URL("../../kernel/boot.js", import.meta.url)),
    "{connection_file}",
  ],
  env: {},
};

/** Same results on every machine: times in UTC, one locale (DESIGN 7, "Reproducible"). */
export const FIXED_ENVIRONMENT = { TZ: "UTC", LANG: "en_US.UTF-8", LC_ALL: "en_US.UTF-8" } as const;

/** Kernels end by themselves when their runner is gone, but one that is stopped or stuck in native code cannot notice. */
const running = new Set<KernelProcess>();
process.on("exit", () => {
  for (const kernel of running) kernel.kill();
});

/** One kernel's process and its private folder, which goes when it ends. */
export class KernelProcess {
  readonly connection: ConnectionInfo;
  readonly pid: number | null;
  /** Resolves when the process has ended; never rejects. */
  readonly exited: Promise<KernelExit>;
  readonly #child: ChildProcess;
  readonly #folder: string;
  readonly #redactor = new Redactor();
  #onLog: KernelProcessOptions["onLog"];
  #stderr = "";

  private constructor(
    child: ChildProcess,
    folder: string,
    connection: ConnectionInfo,
    onLog: KernelProcessOptions["onLog"],
  ) {
    this.#child = child;
    this.#folder = folder;
    this.#onLog = onLog;
    this.connection = connection;
    this.pid = child.pid ?? null;
    running.add(this);
    for (const name of ["stdout", "stderr"] as const) {
      const clean = new RedactedStream(this.#redactor);
      const take = (text: string): void => {
        if (name === "stderr") this.#stderr = (this.#stderr + text).slice(-STDERR_KEPT);
        if (text !== "") this.#onLog(name, text);
      };
      child[name]?.setEncoding("utf8").on("data", (text: string) => take(clean.push(text)));
      child[name]?.once("end", () => take(clean.end()));
    }
    this.exited = new Promise((resolve) => {
      const ended = (exitCode: number | null, signal: NodeJS.Signals | null): void => {
        rmSync(folder, { recursive: true, force: true });
        resolve({ exitCode, signal, stderr: this.#redactor.text(this.#stderr) });
      };
      // What the notebook itself has spawned ends with its stage; it may hold the streams open, and "close" would wait for it.
      child.once("exit", (exitCode, signal) => {
        running.delete(this);
        this.#killGroup();
        child.once("close", () => ended(exitCode, signal));
      });
      child.once("error", (error) => {
        this.#stderr += `${error.message}\n`;
        ended(null, null);
      });
    });
  }

  static async spawn(options: KernelProcessOptions): Promise<KernelProcess> {
    const folder = privateFolder();
    // Other kernels listen on TCP: of what an ipc address looks like they have ideas of their own.
    const ownKind = options.command === undefined && hasSockets(folder);
    const connection = ownKind ? ipcConnection(folder) : { ...COMMON, ...(await tcpConnection()) };
    const file = join(folder, "kernel.json");
    try {
      writeConnectionFile(file, connection);
    } catch (error) {
      rmSync(folder, { recursive: true, force: true });
      throw noFolder(error);
    }
    const { argv, env } = options.command ?? OWN_COMMAND;
    const [program = "", ...words] = argv.map((word) => word.replace("{connection_file}", file));
    const child = spawn(program, words, {
      cwd: options.folder,
      env: { ...process.env, ...env, ...FIXED_ENVIRONMENT, JPY_PARENT_PID: String(process.pid) },
      stdio: ["ignore", "pipe", "pipe"],
      // A group of its own: Ctrl-C on the terminal reaches the runner alone, which interrupts cells, archives, and ends kernels itself.
      detached: process.platform !== "win32",
    });
    return new KernelProcess(child, folder, connection, options.onLog);
  }

  /** A warm kernel is spawned before its stage is known: its logs go to that stage afterwards. */
  set onLog(onLog: KernelProcessOptions["onLog"]) {
    this.#onLog = onLog;
  }

  get onLog(): KernelProcessOptions["onLog"] {
    return this.#onLog;
  }

  /** The notebook has read this environment variable as a secret: its value is the runner's own, handed down. */
  protect(name: string): void {
    const value = process.env[name];
    if (value !== undefined) this.#redactor.add(name, value);
  }

  kill(signal: NodeJS.Signals = "SIGKILL"): void {
    this.#child.kill(signal);
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** The kernel leads a process group of its own, which outlives it as long as a child of the notebook does. */
  #killGroup(): void {
    if (this.pid === null || process.platform === "win32") return;
    try {
      process.kill(-this.pid, "SIGKILL");
    } catch {
      // nobody is left, which is what is wanted
    }
  }
}

/** @throws StepLabError `kernel/not-started` where temporary files cannot be made */
function privateFolder(): string {
  try {
    return mkdtempSync(join(tmpdir(), "steplab-"));
  } catch (error) {
    throw noFolder(error);
  }
}

function noFolder(error: unknown): StepLabError {
  return new StepLabError(
    "kernel/not-started",
    `A kernel needs a temporary folder, and none can be made: ${messageOf(error)}`,
    { hint: "Free space there, or set TMPDIR to a folder that may be written.", cause: error },
  );
}

/** Bytes that every system lets the path of a unix domain socket have: macOS 103, Linux 107 (unix(7)). */
const LONGEST_SOCKET_PATH = 103;

/** A deep TMPDIR makes the path too long; then the sockets are loopback ones, as on Windows. */
function hasSockets(folder: string): boolean {
  const longest = `${join(folder, "k")}-5`;
  return process.platform !== "win32" && Buffer.byteLength(longest) <= LONGEST_SOCKET_PATH;
}

function ipcConnection(folder: string): ConnectionInfo {
  return {
    ...COMMON,
    transport: "ipc",
    ip: join(folder, "k"),
    key: randomUUID(),
    shell_port: 1,
    iopub_port: 2,
    stdin_port: 3,
    control_port: 4,
    hb_port: 5,
  };
}

const COMMON = { signature_scheme: "hmac-sha256", kernel_name: "steplab" } as const;
