/** Errors as STYLE shows them: what, where, how to mend it. A stack trace is for --debug. */
import { StepLabError, messageOf } from "../../core/error.ts";
import { EXIT } from "../command.ts";
import type { ErrorOutput } from "../schemas/error.ts";
import { printDiagnostics } from "./diagnostics.ts";
import { paint } from "./style.ts";

export interface ErrorOptions {
  /** With stack traces. */
  debug: boolean;
  /** `--json` was typed: standard output is JSON whatever happens, the words for people stay on standard error. */
  json: boolean;
}

/** Prints, and returns the exit code: the one place where an error of any command becomes output. */
export function printError(error: unknown, { debug, json }: ErrorOptions): number {
  const exitCode = exitCodeOf(error);
  // One line, so that it can also be the last of the JSON lines of `steplab run --json`.
  if (json) process.stdout.write(`${JSON.stringify(errorOutput(error, exitCode))}\n`);
  if (error instanceof StepLabError) printKnown(error, debug);
  else printUnknown(error);
  return exitCode;
}

function errorOutput(error: unknown, exitCode: number): ErrorOutput {
  const known = error instanceof StepLabError ? error : null;
  return {
    steplab: 1,
    error: {
      code: known?.code ?? "internal/bug",
      message: messageOf(error),
      hint: known?.hint ?? null,
      exitCode,
      diagnostics: known?.diagnostics ?? [],
    },
  };
}

/** More than these push the last lines, which say what to do, off the screen. */
const SHOWN = 12;

function printKnown(error: StepLabError, debug: boolean): void {
  const stream = process.stderr;
  const errors = error.diagnostics.filter((d) => d.severity === "error");
  printDiagnostics(errors.slice(0, SHOWN), stream);
  if (errors.length > SHOWN)
    stream.write(`… and ${errors.length - SHOWN} more: npx steplab lint shows all\n\n`);
  stream.write(`${paint("red", "error", stream)} ${error.code}\n${indented(error.message)}\n`);
  if (error.hint !== undefined) stream.write(`${indented(`Hint: ${error.hint}`)}\n`);
  if (debug && error.stack !== undefined) stream.write(`${error.stack}\n`);
  if (debug && error.cause instanceof Error) stream.write(`cause: ${error.cause.stack}\n`);
}

function printUnknown(error: unknown): void {
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  process.stderr.write(
    `${paint("red", "internal error", process.stderr)} ${text}\nThis is a bug in steplab. Please report it with the lines above.\n`,
  );
}

/** What is wrong before a run begins is usage; what the world did while it ran is failure. */
function exitCodeOf(error: unknown): number {
  if (!(error instanceof StepLabError)) return EXIT.failed;
  const { code } = error;
  const isUsage =
    ["cli/", "parameter/", "lint/", "project/", "run/"].some((area) => code.startsWith(area)) ||
    [
      "archive/unknown-run",
      "archive/unknown-metric",
      "archive/unknown-artifact",
      "export/exists",
    ].includes(code);
  return isUsage ? EXIT.usage : EXIT.failed;
}

function indented(text: string): string {
  return text.replace(/^/gm, "  ");
}
