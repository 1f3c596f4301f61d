/** Who calls: told by the stack. */
import { basename } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { OWN_ROOMS, withoutEpoch } from "../evaluate/modules.ts";
import { SCRIPT_PATTERN } from "../evaluate/sources.ts";

/** A place as V8 names it: of the JavaScript that runs, not of what the person wrote. */
export interface Frame {
  /** `steplab-cell-3`, or the file: URL of a module. */
  script: string;
  line: number;
  column: number;
}

export interface Caller {
  /** The package that called, when the project's code did not do so itself. */
  package: string | null;
  /** The project's code, as far as the stack still knew it. */
  frame: Frame | null;
}

/** Frames looked at. Beyond them, a package's own depth hides who called it. */
const DEPTH = 32;
/** Node calls on behalf of whoever promisified a function. */
const TRANSPARENT = new Set(["node:internal/util"]);
const OWN_FOLDER = new URL(".", import.meta.url).href;

/**
 * The project's code or a package that called an intercepted function; null when Node did, or steplab on the
 * notebook's behalf. Costs as much as reading a small file: ask only what is not known yet.
 */
export function callerIn(rootUrl: string): Caller | null {
  let name: string | null = null;
  let isFirst = true;
  for (const site of callSites()) {
    const script = site.getScriptNameOrSourceURL() ?? ""; // none: a built-in such as Array.map
    if (script === "" || script.startsWith(OWN_FOLDER) || TRANSPARENT.has(script)) continue;
    if (script.startsWith("node:")) {
      if (isFirst) return null;
      // Whoever imported a package has not called it.
      if (script.startsWith("node:internal/modules/")) break;
      continue;
    }
    isFirst = false;
    const url = script.startsWith("/") ? pathToFileURL(script).href : script; // CommonJS names paths
    if (OWN_ROOMS.some((room) => url.startsWith(room))) return null;
    const isCell = SCRIPT_PATTERN.test(`${script}:1:1`);
    if (isCell || (url.startsWith(rootUrl) && !url.includes("/node_modules/"))) {
      const [line, column] = [site.getLineNumber() ?? 1, site.getColumnNumber() ?? 1];
      return { package: name, frame: { script: isCell ? script : url, line, column } };
    }
    name ??= packageOf(url);
  }
  return isFirst ? null : { package: name, frame: null };
}

/** Its name; of a linked one, which lies anywhere, the file's. */
function packageOf(url: string): string {
  const within = url.lastIndexOf("/node_modules/");
  const path = within < 0 ? "" : url.slice(within + "/node_modules/".length);
  return /^(@[^/]+\/[^/]+|[^/]+)/.exec(path)?.[0] ?? nameOf(url);
}

function nameOf(url: string): string {
  return url.startsWith("file:") ? basename(fileURLToPath(withoutEpoch(url))) : url;
}

/** Structured, and whatever the user has made of `Error`'s settings is as it was afterwards. */
function callSites(): readonly NodeJS.CallSite[] {
  const { stackTraceLimit } = Error;
  const before = Object.getOwnPropertyDescriptor(Error, "prepareStackTrace");
  const holder: { stack?: unknown } = {};
  try {
    Error.stackTraceLimit = DEPTH;
    Error.prepareStackTrace = (_error, sites) => sites;
    Error.captureStackTrace(holder, callSites);
    return Array.isArray(holder.stack) ? (holder.stack as NodeJS.CallSite[]) : []; // what the line before made
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
    Object.defineProperty(Error, "prepareStackTrace", before ?? { value: undefined });
  }
}
