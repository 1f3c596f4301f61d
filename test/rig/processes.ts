/** Processes that a process has started, as `ps` lists them. */
import { execFileSync } from "node:child_process";

export interface Child {
  pid: number;
  /** Its command line. */
  args: string;
}

export function childrenOf(pid: number | undefined): Child[] {
  return execFileSync("ps", ["-A", "-o", "pid=,ppid=,args="], { encoding: "utf8" })
    .split("\n")
    .flatMap((line) => {
      const [, child, parent, args] = /^ *(\d+) +(\d+) (.*)$/.exec(line) ?? [];
      return Number(parent) === pid ? [{ pid: Number(child), args: args ?? "" }] : [];
    });
}
