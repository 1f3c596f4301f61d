/**
 * The real command on a pseudo-terminal: keys are pressed, and what a person would see is read.
 *
 * Node has none of its own; `script` of util-linux makes one. Where it is missing the tests that need it are
 * skipped, and say so.
 */
import { spawn, spawnSync } from "node:child_process";
import type { Project } from "./project.ts";

const probe = spawnSync("script", ["--version"], { encoding: "utf8" });

/** Why there is no terminal here; null where there is one. */
export const NO_TERMINAL: string | null =
  probe.error === undefined && probe.stdout.includes("util-linux")
    ? null
    : "`script` of util-linux is missing: nothing was tested on a terminal";

export interface Terminal extends AsyncDisposable {
  press(keys: string): void;
  /** What stands on it so far, without colours and without the lines that are drawn over. */
  shown(): string;
  /**
   * Resolves once `fits` is content with what is shown; rejects when the command ends before.
   * `drawn` has the lines too that were drawn over since: what ran a moment ago.
   */
  until(fits: (shown: string, drawn: string) => boolean): Promise<void>;
  /** Its exit code, once it has ended and all of it is shown. */
  code: Promise<number | null>;
}

/** Types a command line on a new terminal, in the project. */
export function openTerminal(
  project: Project,
  command: string,
  env: Record<string, string> = {},
): Terminal {
  const child = spawn("script", ["-q", "-f", "-e", "-c", command, "/dev/null"], {
    cwd: project.root,
    env: { ...process.env, TERM: "xterm", SHELL: "/bin/sh", ...env },
    stdio: ["pipe", "pipe", "inherit"],
  });
  let text = "";
  let ended = false;
  const waiting = new Set<() => void>();
  const wake = (): void => {
    for (const look of waiting) look(); // a Set may lose members while it is walked
  };
  child.stdout.setEncoding("utf8").on("data", (part: string) => {
    text += part;
    wake();
  });
  const code = new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (status) => {
      ended = true;
      resolve(status);
      wake();
    });
  });
  const shown = (): string => drawn(text).replace(DRAWN_OVER, "");
  return {
    press: (keys) => void child.stdin.write(keys),
    shown,
    until: (fits) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          const isThere = fits(shown(), drawn(text));
          if (!isThere && !ended) return;
          waiting.delete(look);
          if (isThere) resolve();
          else reject(new Error(`the command ended without that:\n${shown()}`));
        };
        waiting.add(look);
        look();
      }),
    code,
    async [Symbol.asyncDispose]() {
      if (!ended) child.kill("SIGKILL"); // the terminal hangs up on the command, which ends by that
      await code;
    },
  };
}

// oxlint-disable-next-line no-control-regex -- what a terminal is told are control characters
const CONTROL = /\u001b\[[0-9;?]*[A-Za-z]|\r/g;
const DRAWN_OVER = /^[⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏] .*\n/gm;

function drawn(text: string): string {
  return text.replace(CONTROL, "");
}
