/**
 * A cell of another kernel in steplab's words: what tslab and Deno have of their own is translated where that is
 * mechanical, and pointed out where a person must decide.
 */
import type { Node } from "oxc-parser";
import { memberName, walk } from "../notebooks/syntax.ts";
import type { ParsedCell } from "../notebooks/source-notebook.ts";

export interface Translated {
  /** The code without its import declarations. */
  code: string;
  /** Names of "steplab" that the code needs now. */
  needs: string[];
  notes: LiftNote[];
}

/** What a person should look at, at its place in the notebook that cells were taken from. */
export interface LiftNote {
  cell: number;
  line: number;
  message: string;
}

interface Edit {
  from: number;
  to: number;
  text: string;
}

/** What tslab shows, by the name of its function. */
const TSLAB: Record<string, (value: string) => string> = {
  html: (value) => `display({ "text/html": ${value} })`,
  text: (value) => `display({ "text/plain": ${value} })`,
  svg: (value) => `display({ "image/svg+xml": ${value} })`,
  markdown: (value) => `display.markdown(${value})`,
  png: (value) => `display.image(${value})`,
  jpeg: (value) => `display.image(${value})`,
  gif: (value) => `display.image(${value})`,
};

/** `Deno.jupyter.md` and the like, by the name of the member. */
const DENO_JUPYTER: Record<string, string> = {
  display: "display",
  md: "display.markdown",
  html: "display.html",
  image: "display.image",
};

/** What stands for a member of `Deno` elsewhere. */
const DENO: Record<string, string> = {
  readTextFile: 'declare the file as an input, or readFile of "node:fs/promises"',
  readTextFileSync: 'declare the file as an input, or readFileSync of "node:fs"',
  readFile: 'declare the file as an input, or readFile of "node:fs/promises"',
  writeTextFile: 'declare an output, or writeFile of "node:fs/promises"',
  writeFile: 'declare an output, or writeFile of "node:fs/promises"',
  env: 'secret("NAME") of steplab, or a parameter',
  args: "a parameter",
  cwd: "process.cwd()",
  Command: 'spawn of "node:child_process"',
};

/** Translates a cell; imports are left out, because they go to a slot of their own. */
export function translateCell(
  parsed: ParsedCell,
  translate: SpecifierTranslation = translateSpecifier,
): Translated {
  const { cell, program } = parsed;
  const { source } = cell;
  const edits: Edit[] = [];
  const needs = new Set<string>();
  const notes: LiftNote[] = [];
  const note = (at: Node, message: string): void => {
    notes.push({ cell: cell.number, line: parsed.positions.at(at.start).line, message });
  };
  for (const statement of program.body)
    if (statement.type === "ImportDeclaration") {
      const lineEnd = /^[ \t]*\r?\n?/.exec(source.slice(statement.end))?.[0].length ?? 0;
      edits.push({ from: statement.start, to: statement.end + lineEnd, text: "" });
    }
  walk(program, (node, ancestors) => {
    if (node.type === "ImportExpression" && node.source.type === "Literal") {
      const { specifier, message } = translate(String(node.source.value));
      if (message !== null) note(node, message);
      if (specifier !== node.source.value)
        edits.push({
          from: node.source.start,
          to: node.source.end,
          text: JSON.stringify(specifier),
        });
    }
    if (node.type === "CallExpression" && isIdentifier(node.callee, "require"))
      note(node, "require works, and types are lost: an import declaration keeps them.");
    if (node.type === "CallExpression") {
      const shown = tslabCall(node, source);
      if (shown !== null) {
        needs.add("display");
        edits.push({ from: node.start, to: node.end, text: shown });
      }
    }
    if (node.type !== "MemberExpression") return;
    const member = memberName(node);
    const parent = ancestors.at(-1);
    if (
      isMember(node.object, "Deno", "jupyter") &&
      member !== undefined &&
      member in DENO_JUPYTER
    ) {
      needs.add("display");
      edits.push({ from: node.start, to: node.end, text: DENO_JUPYTER[member] ?? "" });
    } else if (isIdentifier(node.object, "Deno")) {
      const translated =
        member === "jupyter" &&
        parent?.type === "MemberExpression" &&
        (memberName(parent) ?? "") in DENO_JUPYTER;
      if (!translated)
        note(
          node,
          `Deno.${member ?? "…"} is there in Deno only: ${DENO[member ?? ""] ?? "Node has modules for most of it"}.`,
        );
    } else if (isIdentifier(node.object, "tslab") && member !== "display")
      note(node, `tslab.${member ?? "…"} is there in tslab only.`);
    else if (
      isMember(node.object, "tslab", "display") &&
      !(member !== undefined && member in TSLAB)
    )
      note(
        node,
        `tslab.display.${member ?? "…"} is there in tslab only: display({ "<mime type>": data }) shows anything.`,
      );
  });
  return { code: edited(source, edits).trim(), needs: [...needs], notes };
}

/** A module's name as the new notebook writes it; `message` where the person has to install or decide something. */
export type SpecifierTranslation = (specifier: string) => {
  specifier: string;
  message: string | null;
};

/** A module's name as Node and npm know it. */
export const translateSpecifier: SpecifierTranslation = (specifier) => {
  const [, scheme, name = "", version = "", path = ""] =
    /^(npm|jsr):\/?((?:@[^/@]+\/)?[^/@]+)(@[^/]+)?(\/.*)?$/.exec(specifier) ?? [];
  if (scheme === "npm")
    return { specifier: name + path, message: `needs a package: npm install ${name}${version}` };
  if (scheme === "jsr")
    return { specifier: name + path, message: `needs a package: npx jsr add ${name}${version}` };
  if (/^https?:/.test(specifier))
    return {
      specifier,
      message: `Node imports no addresses ("${specifier}"): install the package with npm, and name it here.`,
    };
  return { specifier, message: null };
};

function tslabCall(node: Extract<Node, { type: "CallExpression" }>, source: string): string | null {
  const [value, other] = node.arguments;
  if (node.callee.type !== "MemberExpression" || value === undefined || other !== undefined)
    return null;
  if (!isMember(node.callee.object, "tslab", "display")) return null;
  return TSLAB[memberName(node.callee) ?? ""]?.(source.slice(value.start, value.end)) ?? null;
}

function isIdentifier(node: Node, name: string): boolean {
  return node.type === "Identifier" && node.name === name;
}

function isMember(node: Node, object: string, member: string): boolean {
  return (
    node.type === "MemberExpression" &&
    isIdentifier(node.object, object) &&
    memberName(node) === member
  );
}

/** Outer edits win over those within them; what they hold is as it stood. */
function edited(source: string, edits: readonly Edit[]): string {
  let text = "";
  let at = 0;
  for (const { from, to, text: replacement } of edits.toSorted(
    (a, b) => a.from - b.from || b.to - a.to,
  )) {
    if (from < at) continue;
    text += source.slice(at, from) + replacement;
    at = to;
  }
  return text + source.slice(at);
}
