/** A declaration that failed, in words a person can act on, at the place that is to blame. */
import { relative, sep, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { Closure } from "../../core/closure.ts";
import type { Diagnostic, Place } from "../../core/diagnostic.ts";
import { cellPlace, type SourceNotebook } from "../notebooks/source-notebook.ts";
import type { VirtualModule } from "../notebooks/virtual-module.ts";
import type { DeclareError } from "./protocol.ts";
import type { DeclareOutcome } from "./run.ts";

/** What was evaluated. */
export interface Declared {
  source: SourceNotebook;
  /** Imports and declarations in one text. */
  module: VirtualModule;
  closure: Closure;
}

/** Line and column in the TypeScript, from those in the JavaScript that ran (all from 1). */
export type OriginalPosition = (
  url: string,
  line: number,
  column: number,
) => { line: number; column: number };

/** Node's exit code for a top-level await that nothing can settle any more. */
const UNSETTLED = "exit code 13";

const ALONE = "they run alone, before the chain does:";

/** Empty where other rules say it better: an import that leads to no file is the graph's. */
export function explainOutcome(
  root: string,
  declared: Declared,
  outcome: Exclude<DeclareOutcome, { outcome: "declared" }>,
  original: OriginalPosition,
): Diagnostic[] {
  switch (outcome.outcome) {
    case "timed-out":
      return [
        ended(
          declared,
          `The declarations of this notebook did not finish within ${outcome.afterMs / 1000} seconds.`,
          `${ALONE} take loops and waiting out of them and of the modules they import. Was the machine very busy, lint again.`,
        ),
      ];
    case "exited":
      return [explainExit(declared, outcome)];
    case "threw":
      if (outcome.error.code === "ERR_MODULE_NOT_FOUND" && declared.closure.missing.length > 0)
        return [];
      return [explainError(root, declared, outcome.error, original)];
  }
}

function explainExit(
  declared: Declared,
  { how, stderr }: Extract<DeclareOutcome, { outcome: "exited" }>,
): Diagnostic {
  if (how === UNSETTLED)
    return ended(
      declared,
      "The declarations of this notebook wait for something that never comes.",
      `${ALONE} take waiting out of them and of the modules they import.`,
    );
  const lastLine = stderr.trim().split("\n").at(-1);
  return ended(
    declared,
    `The declarations of this notebook ended their process (${how}).${lastLine ? ` Its last words: ${lastLine}` : ""}`,
    "take process.exit and the like out of them and of the modules they import.",
  );
}

function ended(declared: Declared, message: string, hint: string): Diagnostic {
  const at = firstDeclaration(declared);
  return { code: "contract/declaration-timeout", severity: "error", message, hint, at };
}

function explainError(
  root: string,
  declared: Declared,
  error: DeclareError,
  original: OriginalPosition,
): Diagnostic {
  const { message, hint, named } = wordsFor(root, error);
  return {
    code: "contract/declaration-failed",
    severity: "error",
    message,
    ...(hint !== undefined && { hint }),
    at:
      (named && placeOfImport(declared, ...named)) ??
      placeOfFrame(root, declared, error, original) ??
      firstDeclaration(declared),
  };
}

interface Words {
  message: string;
  hint?: string;
  /** The import to blame: its specifier, and the name it asks for. */
  named?: [specifier: string, name?: string];
}

const PERMISSIONS: Record<string, string> = {
  "fs-write": "writes a file",
  net: "reaches for the network",
  "child-process": "starts a process",
  worker: "starts a worker",
  addons: "loads a native addon",
};

/** Node's messages hold absolute paths and names of options; people want to know what to change. */
function wordsFor(root: string, error: DeclareError): Words {
  const packageName = /Cannot find package '([^']+)'/.exec(error.message)?.[1];
  if (packageName)
    return {
      message: `Package "${packageName}" is not installed.`,
      hint: `npm install --save-exact ${packageName}`,
      named: [packageName],
    };
  const missing = /module '([^']+)' does not provide an export named '([^']+)'/.exec(error.message);
  if (missing?.[1] && missing[2])
    return {
      message: `"${missing[1]}" exports no "${missing[2]}".`,
      named: [missing[1], missing[2]],
    };
  const permission = /--allow-([a-z-]+)/.exec(error.message)?.[1];
  if (error.code === "ERR_ACCESS_DENIED")
    return {
      message: `A declaration, or a module that it imports, ${PERMISSIONS[permission ?? ""] ?? "does what it may not"} while it is evaluated.`,
      hint: "declarations run before the chain does, so they may only read files: move this into a body cell or a function.",
    };
  const text = error.message
    .replaceAll(root + sep, "")
    .replaceAll(`${pathToFileURL(root).href}/`, "");
  // Our own errors are written for people; of others the class is half of what they say.
  if (error.name === "StepLabError")
    return { message: text, ...(error.hint !== undefined && { hint: error.hint }) };
  return { message: `${error.name}: ${text}` };
}

/** The innermost frame in the notebook or in a module of the project. */
function placeOfFrame(
  root: string,
  declared: Declared,
  error: DeclareError,
  original: OriginalPosition,
): Place | undefined {
  const notebookUrl = pathToFileURL(join(root, declared.source.path)).href;
  for (const frame of error.frames) {
    const url = frame.url.replace(/\?.*$/, "");
    const { line, column } = original(url, frame.line, frame.column);
    if (url === notebookUrl) {
      const found = declared.module.locateLine(line, column);
      if (found) return cellPlace(declared.source, found.cell, found.offset);
      continue;
    }
    const path = relative(root, fileURLToPath(url)).split(sep).join("/");
    if (!path.startsWith("../") && !path.includes("node_modules/"))
      return { file: path, line, column };
  }
  return undefined;
}

/** Imports that fail to link have no frames; the import that asks for the name is found in the text. */
function placeOfImport(declared: Declared, specifier: string, name?: string): Place | undefined {
  const { source } = declared.module;
  const quoted = specifier.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  const statements = source.matchAll(new RegExp(`import\\b[^;]*?["']${quoted}["'/]`, "g"));
  for (const statement of statements) {
    const text = statement[0];
    const within =
      name === undefined ? text.lastIndexOf(specifier) : text.search(new RegExp(`\\b${name}\\b`));
    if (within < 0) continue;
    const found = declared.module.locate(statement.index + within);
    if (!found) continue;
    const length = (name ?? specifier).length;
    return cellPlace(declared.source, found.cell, found.offset, found.offset + length);
  }
  return undefined;
}

function firstDeclaration({ source }: Declared): Place {
  const cell = source.code.find(
    ({ cell: { slot } }) => slot === "parameters" || slot === "inputs" || slot === "outputs",
  );
  return cell ? cellPlace(source, cell.cell) : { file: source.path };
}
