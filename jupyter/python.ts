/** Finds a Python that can make environments of its own. */
import { spawnSync } from "node:child_process";

export interface Python {
  command: string;
  /** `3.11.7` */
  version: string;
}

const SCRIPT = "import sys, venv, ensurepip; print('%d.%d.%d' % sys.version_info[:3])";

/** The first that will do; otherwise, what is wrong with each name that was tried, in words. */
export function findPython(oldest: readonly [number, number]): Python | { tried: string[] } {
  const tried: string[] = [];
  for (const command of ["python3", "python"]) {
    const ran = spawnSync(command, ["-c", SCRIPT], { encoding: "utf8" });
    if (ran.error) {
      tried.push(`there is no ${command}`);
      continue;
    }
    const { status, stdout, stderr } = ran;
    const version = status === 0 ? stdout.trim() : null;
    const [major = 0, minor = 0] = (version ?? "").split(".").map(Number);
    if (version !== null && (major > oldest[0] || minor >= oldest[1])) return { command, version };
    if (version !== null) tried.push(`${command} is ${version}`);
    else if (stderr.includes("ModuleNotFoundError"))
      tried.push(`${command} lacks venv (on Debian: apt install python3-venv)`);
    else tried.push(`${command} does not start`);
  }
  return { tried };
}
