/**
 * What the cells that ran declare, as a module in which the next piece of code can be asked about.
 *
 * A name may be declared again by a later cell, which no module allows; so a cell that does so begins a block, and
 * all that follows stands inside of it. Inner names shadow outer ones: the latest wins, and what was made of the
 * earlier one keeps its type. Imports cannot stand in blocks and are brought to the front.
 */
import type { ImportDeclaration } from "oxc-parser";
import { parseModule } from "../../core/module-facts.ts";
import { topLevelNames } from "../../pipeline/notebooks/syntax.ts";

/** A cell's code as it was last executed; without an id where the front end sends none. */
export interface LiveCell {
  id: string | null;
  code: string;
}

export interface AskedModule {
  source: string;
  /** Where the code asked about begins in it. */
  start: number;
}

interface KnownCell {
  /** The code without imports and `export`, letter by letter in its place. */
  body: string;
  names: ReadonlySet<string>;
  /** By local name, as statements; side effects by their own text. */
  imports: ReadonlyMap<string, string>;
}

export class LiveCells {
  /** In the order of their last execution. */
  readonly #cells = new Map<string, KnownCell>();
  /** Names that a cell declared before it was edited, and none declares any more. */
  readonly #retired = new Set<string>();

  /** A cell that was executed before is replaced: by its id, else by the names it declares. */
  ran({ id, code }: LiveCell): void {
    const cell = read(code);
    if (!cell) return; // it did not run either
    const key = id ?? `names ${[...cell.names].sort().join(" ")}`;
    const before = this.#cells.get(key);
    this.#cells.delete(key);
    if (cell.names.size > 0 || cell.imports.size > 0) this.#cells.set(key, cell);
    for (const name of before?.names ?? []) this.#retired.add(name);
    for (const each of this.#cells.values())
      for (const name of each.names) this.#retired.delete(name);
  }

  /** Names that are only left over from an earlier version of a cell. */
  retired(): string[] {
    return [...this.#retired];
  }

  /** @param offset where in `code` something is asked, in UTF-16 units */
  moduleWith(code: string, offset: number): AskedModule {
    return moduleOf([...this.#cells.values()], code, offset);
  }
}

/** The same for a notebook as it stands, whether it ran or not: the cells before the one asked about win over those after it. */
export function moduleOfCells(
  cells: readonly { id: string; source: string }[],
  asked: string,
  offset: number,
): AskedModule {
  const index = cells.findIndex(({ id }) => id === asked);
  const others = [...cells.slice(index + 1), ...cells.slice(0, Math.max(index, 0))];
  const known = others.flatMap(({ source }) => read(source) ?? []);
  return moduleOf(known, cells[index]?.source ?? "", offset);
}

function moduleOf(cells: readonly KnownCell[], code: string, offset: number): AskedModule {
  // Within an import nothing else matters, and it must stand where imports stand.
  if (isInImport(code, offset)) return { source: code, start: 0 };
  const imports = new Map(cells.flatMap((cell) => [...cell.imports]));
  const own = code.replace(IMPORT, (statement) => {
    for (const [name, text] of read(statement)?.imports ?? []) imports.set(name, text);
    return blank(statement);
  });
  let source = `${[...imports.values()].join("\n")}\n`;
  let depth = 1;
  let declared = new Set(imports.keys());
  for (const { body, names } of cells) {
    if ([...names].some((name) => declared.has(name))) {
      source += "{\n";
      depth++;
      declared = new Set();
    }
    for (const name of names) declared.add(name);
    source += `${body}\n;\n`;
  }
  // Always a block: what is being written may not parse, so nobody knows which names it declares.
  source += "{\n";
  const start = source.length;
  return { source: `${source}${withoutExports(own)}\n${"}".repeat(depth)}\nexport {};\n`, start };
}

/** Null for code that does not parse. */
function read(code: string): KnownCell | null {
  const { program, errors } = parseModule("cell.ts", code);
  if (errors.length > 0) return null;
  const imports = new Map<string, string>();
  let body = code;
  for (const statement of program.body) {
    if (statement.type !== "ImportDeclaration") continue;
    for (const [name, text] of importsOf(statement, code)) imports.set(name, text);
    const { start, end } = statement;
    body = body.slice(0, start) + blank(body.slice(start, end)) + body.slice(end);
  }
  const names = topLevelNames(program).filter(({ kind }) => !kind.endsWith("import"));
  return { body: withoutExports(body), names: new Set(names.map(({ name }) => name)), imports };
}

/** One statement a local name, so that a later import of one name replaces no other. */
function importsOf(node: ImportDeclaration, code: string): [name: string, statement: string][] {
  const from = `${node.source.raw}${code.slice(node.source.end, node.end).replace(/;?\s*$/, "")};`;
  if (node.specifiers.length === 0) return [[`side effect ${node.source.value}`, `import ${from}`]];
  const isType = node.importKind === "type";
  return node.specifiers.map((specifier) => {
    const { name } = specifier.local;
    const clause = clauseOf(specifier, isType);
    return [name, `import ${clause} from ${from}`];
  });
}

function clauseOf(specifier: ImportDeclaration["specifiers"][number], isType: boolean): string {
  const { name } = specifier.local;
  switch (specifier.type) {
    case "ImportDefaultSpecifier":
      return `${isType ? "type " : ""}${name}`;
    case "ImportNamespaceSpecifier":
      return `${isType ? "type " : ""}* as ${name}`;
    case "ImportSpecifier": {
      const { imported } = specifier;
      const original = imported.type === "Literal" ? imported.raw : imported.name;
      const type = isType || specifier.importKind === "type" ? "type " : "";
      return `{ ${type}${original} as ${name} }`;
    }
  }
}

/** An import at the start of a line, also in code that does not parse. */
const IMPORT =
  /^[ \t]*import\b(?!\s*[(.])(?:[^"'`;()]*?\bfrom)?\s*(?:"[^"\n]*"|'[^'\n]*')(?:\s*with\s*\{[^}]*\})?[ \t]*;?/gm;
const IMPORT_BEGINS = /^[ \t]*import\b(?!\s*[(.])/gm;

function isInImport(code: string, offset: number): boolean {
  const begins = [...code.matchAll(IMPORT_BEGINS)].findLast(({ index }) => index < offset);
  if (!begins) return false;
  const whole = [...code.matchAll(IMPORT)].find(({ index }) => index === begins.index);
  // One that is being written ends with its line, unless its braces are open.
  const written = code.slice(begins.index, offset);
  return whole
    ? offset <= whole.index + whole[0].length
    : !written.includes("\n") || /\{[^}]*$/.test(written);
}

function withoutExports(code: string): string {
  return code.replace(/^[ \t]*export(?:[ \t]+default)?\b(?=[ \t]+[\w$])/gm, blank);
}

/** The same length and lines, nothing in them. */
function blank(text: string): string {
  return text.replace(/[^\n]/g, " ");
}
