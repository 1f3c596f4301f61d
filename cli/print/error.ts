/** Errors as STYLE shows them: what, where, how to mend it. A stack trace is for --debug. */
import { StepLabError } from "../../core/error.ts";
import { EXIT } from "../command.ts";
import { printDiagnostics } from "./diagnostics.ts";
import { paint } from "./style.ts";

/** More than these push the last lines, which say what to do, off the screen. */
const SHOWN = 12;

/** Prints to standard error and returns the exit code. */
export function printError(error: unknown, options: { debug: boolean }): number {
  const stream = process.stderr;
  if (!(error instanceof StepLabError)) {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    stream.write(
      `${paint("red", "internal error", stream)} ${text}\nThis is a bug in steplab. Please report it with the lines above.\n`,
    );
    return EXIT.failed;
  }
  const errors = error.diagnostics.filter((d) => d.severity === "error");
  printDiagnostics(errors.slice(0, SHOWN), stream);
  if (errors.length > SHOWN)
    stream.write(`… and ${errors.length - SHOWN} more: steplab lint shows all\n\n`);
  stream.write(`${paint("red", "error", stream)} ${error.code}\n${indented(error.message)}\n`);
  if (error.hint !== undefined) stream.write(`${indented(`Hint: ${error.hint}`)}\n`);
  if (options.debug && error.stack !== undefined) stream.write(`${error.stack}\n`);
  if (options.debug && error.cause instanceof Error) stream.write(`cause: ${error.cause.stack}\n`);
  return isUsage(error) ? EXIT.usage : EXIT.failed;
}

/** What is wrong before a run begins is usage; what the world did while it ran is failure. */
function isUsage({ code }: StepLabError): boolean {
  return (
    ["cli/", "parameter/", "lint/", "project/", "run/"].some((area) => code.startsWith(area)) ||
    ["archive/unknown-run", "archive/unknown-metric", "archive/unknown-artifact"].includes(code)
  );
}

function indented(text: string): string {
  return text.replace(/^/gm, "  ");
}
