/** What the modules of the package declare: each exported name with its signature and doc comment, read from the sources. */
import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { parseSync, type Statement } from "oxc-parser";
import { isolatedDeclarationSync } from "oxc-transform";

export interface Declared {
  name: string;
  /** The signatures as in a declaration file, overloads below each other; without `export declare`. */
  code: string;
  /** The doc comment's text, without its stars; of overloads the first. Empty without one. */
  doc: string;
  /** A type has no value at run time. */
  isType: boolean;
  /** Absolute path of the module that declares it. */
  module: string;
}

interface Module {
  path: string;
  own: Map<string, Declared>;
  /** Names imported or passed on from other modules of ours: where each comes from, and what it is called there. */
  from: Map<string, { module: string; name: string }>;
  /** Modules imported whole: `import * as rich`, and `type Bundle = typeof import("./bundle.ts")`. */
  spaces: Map<string, string>;
  /** Names this module exports, in the order written; `*` entries stand for all of another module. */
  exports: (string | { all: string })[];
}

const modules = new Map<string, Module>();

/** Every name that a module exports, in the order of its source. Names that come from other packages are left out. */
export function exportsOf(path: string): Declared[] {
  const module = readModule(path);
  return module.exports.flatMap((each) => {
    if (typeof each !== "string") return exportsOf(each.all);
    const found = declarationOf(path, each);
    return found === undefined ? [] : [found];
  });
}

/** What a name stands for in a module, followed through imports; undefined for names of other packages. */
export function declarationOf(path: string, name: string): Declared | undefined {
  const module = readModule(path);
  const elsewhere = module.from.get(name);
  return elsewhere === undefined
    ? module.own.get(name)
    : declarationOf(elsewhere.module, elsewhere.name);
}

function readModule(path: string): Module {
  const known = modules.get(path);
  if (known !== undefined) return known;
  const source = readFileSync(path, "utf8");
  // What cannot be declared without inference is not part of the package's face: `any` stands for it, and is not printed.
  const { code } = isolatedDeclarationSync(path, source, { stripInternal: true });
  const { program, comments } = parseSync(path.replace(/\.ts$/, ".d.ts"), code);
  const module: Module = { path, own: new Map(), from: new Map(), spaces: new Map(), exports: [] };
  modules.set(path, module);
  module.exports = exportOrder(path, source);
  const header = headerOf(path, source);
  for (const statement of program.body) {
    const docs = comments.filter(
      ({ type, value, end }) =>
        type === "Block" &&
        value.startsWith("*") &&
        end <= statement.start &&
        code.slice(end, statement.start).trim() === "",
    );
    const doc = docOf(docs.at(-1)?.value ?? "");
    readStatement(module, statement, code, doc === header ? "" : doc);
  }
  return module;
}

/** The comment that is about the whole module: what follows it is an import, or a line left free. */
function headerOf(path: string, source: string): string | null {
  const { comments, program } = parseSync(path, source);
  const [first] = comments;
  const [statement] = program.body;
  if (first === undefined || statement === undefined || first.start > 0) return null;
  const isApart = /^\n\s*\n/.test(source.slice(first.end));
  return isApart || statement.type === "ImportDeclaration" ? docOf(first.value) : null;
}

/** In the source's order, because declarations are emitted in one of their own. */
function exportOrder(path: string, source: string): Module["exports"] {
  const names: Module["exports"] = [];
  for (const statement of parseSync(path, source).program.body) {
    if (statement.type === "ExportAllDeclaration") {
      const all = ownModule(path, statement.source.value);
      if (all !== null) names.push({ all });
    }
    if (statement.type !== "ExportNamedDeclaration") continue;
    for (const { exported } of statement.specifiers)
      if (exported.type === "Identifier") names.push(exported.name);
    const name = nameOf(statement.declaration);
    if (name !== null && !names.includes(name)) names.push(name);
  }
  return names;
}

function readStatement(module: Module, statement: Statement, code: string, doc: string): void {
  if (statement.type === "ImportDeclaration") {
    const from = ownModule(module.path, statement.source.value);
    for (const specifier of statement.specifiers)
      if (from === null) continue;
      else if (specifier.type === "ImportNamespaceSpecifier")
        module.spaces.set(specifier.local.name, from);
      else if (specifier.type === "ImportSpecifier" && specifier.imported.type === "Identifier")
        module.from.set(specifier.local.name, { module: from, name: specifier.imported.name });
    return;
  }
  if (statement.type === "ExportNamedDeclaration" && statement.source) {
    const from = ownModule(module.path, statement.source.value);
    for (const { exported, local } of statement.specifiers)
      if (from !== null && exported.type === "Identifier" && local.type === "Identifier")
        module.from.set(exported.name, { module: from, name: local.name });
    return;
  }
  const declaration =
    statement.type === "ExportNamedDeclaration" ? statement.declaration : statement;
  const name = nameOf(declaration);
  if (name === null || declaration === null) return;
  const written = code.slice(declaration.start, declaration.end);
  const [, space] = /= typeof import\("(.+)"\);$/.exec(written) ?? [];
  if (space !== undefined)
    return void module.spaces.set(name, resolve(dirname(module.path), space));
  const text = tidy(spelledOut(module, written));
  const before = module.own.get(name);
  module.own.set(name, {
    name,
    code: before === undefined ? text : `${before.code}\n${text}`,
    doc: before === undefined ? doc : before.doc || doc,
    isType: declaration.type.startsWith("TS") && declaration.type !== "TSDeclareFunction",
    module: module.path,
  });
}

/** `typeof rich.markdown` and `Bundle["bundle"]` are what those functions are declared as. */
function spelledOut(module: Module, code: string): string {
  const borrowed = (space: string, name: string): Declared | undefined => {
    const from = module.spaces.get(space);
    return from === undefined ? undefined : declarationOf(from, name);
  };
  const whole = /^declare const (\w+): (\w+)\["(\w+)"\];$/.exec(code);
  if (whole !== null) return borrowed(whole[2] ?? "", whole[3] ?? "")?.code ?? code;
  return code.replace(
    /^(\s*)(\w+): typeof (\w+)\.(\w+);/gm,
    (text, indent: string, name, space, of) => {
      const found = borrowed(String(space), String(of));
      if (found === undefined) return text;
      const doc = `/**\n${found.doc.replace(/^(?=.)/gm, " ").replace(/^/gm, "*")}\n*/\n`;
      const members = found.code.replace(/^function \w+/gm, String(name));
      return `${doc}${members}`.replace(/^/gm, indent);
    },
  );
}

function nameOf(declaration: Statement | null): string | null {
  switch (declaration?.type) {
    case "FunctionDeclaration":
    case "TSDeclareFunction":
    case "ClassDeclaration":
    case "TSInterfaceDeclaration":
    case "TSTypeAliasDeclaration":
      return declaration.id?.type === "Identifier" ? declaration.id.name : null;
    case "VariableDeclaration": {
      const id = declaration.declarations[0]?.id;
      return id?.type === "Identifier" ? id.name : null;
    }
    default:
      return null;
  }
}

function ownModule(from: string, specifier: string): string | null {
  return specifier.startsWith(".") ? resolve(dirname(from), specifier) : null;
}

/** As people write it: two spaces, no private members, type parameters on one line where they fit. */
function tidy(code: string): string {
  return code
    .replace(/^declare /, "")
    .replace(/^\s*#private;\n/m, "")
    .replaceAll("\t", "  ")
    .replace(/^( *)\*/gm, "$1 *")
    .replace(
      /<\n([^<>;{}]*?)\n\s*>/g,
      (_, inner: string) => `<${inner.replace(/\s*\n\s*/g, " ").trim()}>`,
    )
    .replace(/: any(?=;)/g, ": unknown");
}

/** The text of a doc comment: without stars and the blanks that follow them. */
function docOf(comment: string): string {
  return comment
    .replace(/^\*/, "")
    .split("\n")
    .map((line) => line.replace(/^\s*\* ?/, ""))
    .join("\n")
    .trim();
}
