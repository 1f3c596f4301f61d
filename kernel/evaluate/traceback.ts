/** An error as Jupyter shows it: name, message, the line at fault, the frames, and what caused it. */
import { inspect } from "node:util";
import type { Cell } from "./cell.ts";
import { Interrupted } from "./cell.ts";
import type { CellSources } from "./sources.ts";
import { CellSyntaxError } from "./transform.ts";

export interface ErrorReport {
  ename: string;
  evalue: string;
  traceback: string[];
  /** Where in the cell that was executed; null when no frame of it is left. */
  place: { line: number; column: number } | null;
}

const MAX_CAUSES = 8; // a chain may be a circle
const IN_CELL = /(cell \d+|In \[\d+\]), line (\d+):(\d+)/;

export function reportError(error: unknown, cell: Cell, sources: CellSources): ErrorReport {
  const place = placeIn(error, cell, sources);
  const traceback = describe(error, cell, sources, place, 0);
  return { ...nameAndMessage(error), traceback, place };
}

/** Anything can be thrown: what is no error is shown as a value. */
function nameAndMessage(error: unknown): { ename: string; evalue: string } {
  try {
    if (!isError(error)) return { ename: "Uncaught", evalue: inspect(error) };
    const { name, message }: { name: unknown; message: unknown } = error; // anybody may have set them
    return {
      ename: typeof name === "string" && name !== "" ? name : "Error",
      evalue: withoutFolders(typeof message === "string" ? message : inspect(message)),
    };
  } catch {
    // A getter or an inspection of theirs that throws: their error must still be told.
    return { ename: "Error", evalue: "(an error whose message cannot be read)" };
  }
}

/** Node's messages name files by their absolute path; what is archived must not tell where somebody's home is. */
function withoutFolders(text: string): string {
  const folder = process.cwd();
  if (folder === "/") return text;
  return text.replaceAll(`file://${folder}/`, "").replaceAll(`${folder}/`, "");
}

/** As V8 writes it: the await was the way here, not a call. */
function over(error: unknown, cell: Cell): string {
  return cell.failedAwait?.error === error && !(error instanceof CellSyntaxError) ? "async " : "";
}

function describe(
  error: unknown,
  cell: Cell,
  sources: CellSources,
  place: ErrorReport["place"],
  depth: number,
): string[] {
  const { ename, evalue } = nameAndMessage(error);
  const lines = [evalue === "" ? ename : `${ename}: ${evalue}`];
  if (place) lines.push(...snippet(cell, sources, place));
  lines.push(...framesOf(error));
  if (place && !lines.some((line) => line.includes(cell.label) && line.startsWith("    at ")))
    lines.push(`    at ${over(error, cell)}${cell.label}, line ${place.line}:${place.column}`);
  if (isError(error)) lines.push(...behind(error, evalue, cell, sources, depth));
  return lines;
}

/** The hint, the cause, and the parts of an AggregateError or a SuppressedError. */
function behind(
  error: Error,
  evalue: string,
  cell: Cell,
  sources: CellSources,
  depth: number,
): string[] {
  const lines: string[] = [];
  const {
    hint,
    errors,
    suppressed,
    error: thrown,
  } = error as Partial<AggregateError & SuppressedError & { hint: unknown }>; // read if there
  if (typeof hint === "string") lines.push(`Hint: ${hint}`);
  if (depth >= MAX_CAUSES) return lines;
  const show = (title: string, inner: unknown): void => {
    const [first, ...rest] = describe(inner, cell, sources, null, depth + 1);
    // Who passes an error on often passes its message on too: it is read once.
    const told = nameAndMessage(inner);
    const same = evalue !== "" && told.evalue === evalue;
    lines.push(`${title}: ${same ? `${told.ename}, with the same message` : first}`, ...rest);
  };
  if (error.cause !== undefined) show("Caused by", error.cause);
  if (Array.isArray(errors))
    errors.forEach((inner: unknown, i) => show(`Error ${i + 1} of ${errors.length}`, inner));
  if (suppressed !== undefined) {
    show("Thrown by a disposal", thrown);
    show("While this was on its way", suppressed);
  }
  return lines;
}

function framesOf(error: unknown): string[] {
  // These two are made by the kernel: their stack is its own.
  if (!isError(error) || error instanceof CellSyntaxError || error instanceof Interrupted)
    return [];
  let stack: unknown;
  try {
    ({ stack } = error);
  } catch {
    return []; // see nameAndMessage
  }
  return (typeof stack === "string" ? stack : "")
    .split("\n")
    .filter((line) => /^\s+at /.test(line))
    .map(withoutFolders);
}

function placeIn(error: unknown, cell: Cell, sources: CellSources): ErrorReport["place"] {
  if (error instanceof CellSyntaxError) return error.place;
  for (const frame of framesOf(error)) {
    const [, label, line, column] = IN_CELL.exec(frame) ?? [];
    if (label === cell.label) return { line: Number(line), column: Number(column) };
  }
  if (error instanceof Interrupted)
    return cell.waitingAt === null ? null : sources.placeOfOffset(cell.id, cell.waitingAt);
  // V8 loses the chain of awaits at a promise it did not make: the await that rejected is known.
  if (cell.failedAwait && cell.failedAwait.error === error)
    return sources.placeOfOffset(cell.id, cell.failedAwait.offset);
  return null;
}

function snippet(
  cell: Cell,
  sources: CellSources,
  place: { line: number; column: number },
): string[] {
  const line = sources.lineOf(cell.id, place.line) ?? cell.request.code.split("\n")[place.line - 1];
  if (line === undefined) return [];
  const number = String(place.line);
  const gutter = " ".repeat(number.length);
  const before = line.slice(0, place.column - 1).replace(/[^\t]/g, " "); // tabs stay tabs: the caret stays below
  return [`  ${number} | ${line}`, `  ${gutter} | ${before}^`];
}

/** Errors of other realms too (`vm`), where `instanceof` says no. */
function isError(value: unknown): value is Error {
  return Error.isError(value) || value instanceof Error;
}
