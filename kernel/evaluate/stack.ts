/**
 * Stack traces in the words of the person: cells by number, files relative to the project, lines of
 * what they wrote, and nothing of the kernel's own machinery.
 *
 * `Error.prepareStackTrace` is the one place where it holds for everything: `console.log(error)`, a
 * library's log, an error that crosses cells.
 */
import { relative } from "node:path";
import { fileURLToPath } from "node:url";
import { ownRoomUrls, STEPLAB_ROOT } from "../../core/own-sources.ts";
import { withoutEpoch } from "./modules.ts";
import type { CellSources } from "./sources.ts";
import { SCRIPT_PATTERN } from "./sources.ts";

/** Machinery: whoever wrote the cell can mend nothing in it. */
const OWN_ROOMS = ownRoomUrls(["core", "lineage", "stage", "pipeline", "kernel"]);
const FILE_PATTERN = /(file:\/\/\/[^\s()]+?):(\d+):(\d+)/;
/** Frames of async helpers and rewriting cost some of V8's usual ten. */
const STACK_TRACE_LIMIT = 24;

export function installStackTraces(sources: CellSources): void {
  Error.stackTraceLimit = STACK_TRACE_LIMIT;
  Error.prepareStackTrace = (error: unknown, frames: NodeJS.CallSite[]): string => {
    const lines = frames.map(String);
    const theirs = lines.filter(isTheirs);
    // A built-in error that has no other frames is a bug of ours: then those say where. An error of our
    // own classes was thrown on purpose, and its message says what to do.
    const shown = theirs.length > 0 || !isBuiltIn(error) ? theirs : lines;
    return [headOf(error), ...shown.map((line) => `    at ${inTheirWords(line, sources)}`)].join(
      "\n",
    );
  };
}

function headOf(error: unknown): string {
  try {
    return String(error);
  } catch {
    return "Error"; // a toString that throws must not hide the stack
  }
}

function isTheirs(frame: string): boolean {
  // Node's own frames say how a built-in works, never what to mend.
  return !OWN_ROOMS.some((room) => frame.includes(room)) && !/\bnode:[a-z_/]+:\d+/.test(frame);
}

function isBuiltIn(error: unknown): boolean {
  const prototype: unknown = Object.getPrototypeOf(Object(error));
  return [Error, TypeError, RangeError, ReferenceError, SyntaxError].some(
    (built) => built.prototype === prototype,
  );
}

function inTheirWords(frame: string, sources: CellSources): string {
  const cell = SCRIPT_PATTERN.exec(frame);
  if (cell) {
    const [text, id, line, column] = cell;
    const place = sources.placeOf(Number(id), Number(line), Number(column));
    if (!place) return frame;
    return frame.replace(
      text,
      `${sources.labelOf(Number(id))}, line ${place.line}:${place.column}`,
    );
  }
  const file = FILE_PATTERN.exec(frame);
  if (!file) return frame;
  const [text, url = "", line, column] = file;
  const place = sources.placeInModule(url, { line: Number(line), column: Number(column) });
  return frame.replace(text, `${shortPath(url)}:${place.line}:${place.column}`);
}

/** Archived notebooks must not tell where somebody's home is. */
function shortPath(url: string): string {
  const path = fileURLToPath(withoutEpoch(url));
  const short = relative(process.cwd(), path);
  if (!short.startsWith("..")) return short;
  const inPackage = path.lastIndexOf("/node_modules/");
  if (inPackage >= 0) return path.slice(inPackage + 1);
  const own = relative(STEPLAB_ROOT, path);
  return own.startsWith("..") ? short : `steplab/${own}`;
}
