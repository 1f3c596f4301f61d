/** What every command is, and the exit codes that scripts rely on. */
import { parseArgs, type ParseArgsConfig } from "node:util";
import { StepLabError, messageOf } from "../core/error.ts";

export interface Command {
  /** One line for `steplab --help`. */
  summary: string;
  /** The whole text of `--help`: fits a screen, ends with an example. */
  help: string;
  /** Words after the command's name; returns the exit code. */
  run(words: string[]): Promise<number>;
}

/** What scripts can rely on (DESIGN 9). */
export const EXIT = {
  done: 0,
  /** The pipeline failed, or a check did. */
  failed: 1,
  /** Wrong usage, or a project that does not lint. */
  usage: 2,
  /** Ctrl-C. */
  cancelled: 130,
} as const;

/** `parseArgs` with errors that say which command to look up. @throws StepLabError `cli/usage` */
export function parseWords<T extends ParseArgsConfig>(
  command: string,
  words: string[],
  config: T,
): ReturnType<typeof parseArgs<T & { args: string[]; strict: true }>> {
  try {
    return parseArgs({ ...config, args: words, strict: true });
  } catch (error) {
    throw new StepLabError("cli/usage", `steplab ${command}: ${messageOf(error)}`, {
      hint: `steplab ${command} --help shows its options.`,
    });
  }
}
