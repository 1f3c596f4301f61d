/** What the static import graph and a key need to know of one module: its imports, and its code without comments. */
import { createRequire } from "node:module";
import type { ParseResult } from "oxc-parser";
import { digestOf, type Digest } from "./digest.ts";
import { TextPositions } from "./text-position.ts";

export interface ModuleImport {
  specifier: string;
  /** `import type …`: gone before the code runs, so in no key. */
  typeOnly: boolean;
  /** From 1, in the source given. */
  line: number;
}

export interface ModuleFacts {
  imports: ModuleImport[];
  /** `import(expression)`: what a static closure cannot follow. */
  computed: { line: number; column: number }[];
  /** The source without comments: prose may change without running anything again. */
  code: string;
}

/** `ModuleFacts` as caches keep them: the code's digest in its place. */
export interface StoredModuleFacts extends Omit<ModuleFacts, "code"> {
  codeDigest: Digest;
}

type Parse = typeof import("oxc-parser").parseSync;
let parse: Parse | undefined;

/**
 * Parses with oxc, loaded on first use only: a run in which nothing changed never pays its 31 ms.
 * `filename` decides the language by its ending. Syntax errors are in the result, nothing throws.
 */
export function parseModule(filename: string, source: string): ParseResult {
  parse ??= (createRequire(import.meta.url)("oxc-parser") as { parseSync: Parse }).parseSync; // require is untyped
  return parse(filename, source, { sourceType: "module" });
}

/** Reads one module. JSON and other files that are no code have no imports, and all of their text is their code. */
export function moduleFacts(source: string, filename: string): ModuleFacts {
  if (!isCode(filename)) return { imports: [], computed: [], code: source };
  const result = parseModule(filename, source);
  const positions = new TextPositions(source);
  const imports: ModuleImport[] = [];
  const add = (specifier: string, start: number, end: number): void => {
    imports.push({
      specifier,
      // The module record marks bindings, not declarations, and `import { type A }` still loads the module.
      typeOnly: /^(?:import|export)\s+type\b(?!\s*(?:,|from\s*["']))/.test(
        source.slice(start, end),
      ),
      line: positions.at(start).line,
    });
  };
  for (const found of result.module.staticImports)
    add(found.moduleRequest.value, found.start, found.end);
  for (const found of result.module.staticExports) {
    const request = found.entries.find((entry) => entry.moduleRequest !== null)?.moduleRequest;
    if (request) add(request.value, found.start, found.end);
  }
  const computed: ModuleFacts["computed"] = [];
  for (const found of result.module.dynamicImports) {
    const argument = source.slice(found.moduleRequest.start, found.moduleRequest.end);
    const literal = /^(["'`])((?:(?!\1)[^\\$\n])*)\1$/.exec(argument);
    if (literal?.[2] !== undefined) add(literal[2], found.start, found.end);
    else computed.push(positions.at(found.start));
  }
  return { imports, computed, code: withoutComments(source, result.comments) };
}

/** For keys and caches: `moduleFacts` with the code's digest. */
export function storedModuleFacts(source: string, filename: string): StoredModuleFacts {
  const { code, ...facts } = moduleFacts(source, filename);
  return { ...facts, codeDigest: digestOf(code) };
}

/** The code of a cell or module without its comments; what keys take the digest of. */
export function codeWithoutComments(source: string, filename: string): string {
  return withoutComments(source, parseModule(filename, source).comments);
}

/**
 * Takes comments out, and with them the spaces before and the line they leave empty. A block comment that held
 * a line break leaves one, because one can end a statement (ECMA-262, automatic semicolon insertion).
 */
function withoutComments(source: string, comments: ParseResult["comments"]): string {
  const pieces: string[] = [];
  let last = "\n"; // the last character kept; the start of a file is the start of a line
  const keep = (piece: string): void => {
    if (piece === "") return;
    pieces.push(piece);
    last = piece.at(-1) ?? last;
  };
  let from = 0;
  for (const comment of comments) {
    keep(source.slice(from, comment.start).replace(/[ \t]+$/, ""));
    const startsLine = last === "\n";
    const lineEnd = endOfBlankLine(source, comment.end);
    if (lineEnd === undefined) {
      const breaks = comment.type === "Block" && comment.value.includes("\n");
      if (breaks || !startsLine) keep(breaks ? "\n" : " ");
      from = skipSpaces(source, comment.end);
    } else {
      from = startsLine ? lineEnd.next : lineEnd.end;
    }
  }
  keep(source.slice(from));
  return pieces.join("").trimEnd();
}

/** Where the line ends and the next one starts, when nothing but spaces follows on it. */
function endOfBlankLine(source: string, from: number): { end: number; next: number } | undefined {
  const end = skipSpaces(source, from);
  if (end >= source.length) return { end, next: end };
  if (source[end] === "\n") return { end, next: end + 1 };
  return source.startsWith("\r\n", end) ? { end, next: end + 2 } : undefined;
}

function skipSpaces(source: string, from: number): number {
  let at = from;
  while (source[at] === " " || source[at] === "\t") at++;
  return at;
}

function isCode(filename: string): boolean {
  return /\.[cm]?[jt]sx?$/.test(filename);
}
