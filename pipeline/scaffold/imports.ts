/** Import declarations of several cells as one list: each module once, each name once. */
import type { ImportDeclaration, Program } from "oxc-parser";
import { dirname, posix } from "node:path";

interface Imported {
  /** "default", "*", or the name that the module gives. */
  name: string;
  typeOnly: boolean;
}

/** From one module: what each local name stands for; nothing for an import that is made for what it does. */
type Names = Map<string, Imported>;

/** Two modules give the same local name, which one notebook cannot hold. */
export interface Clash {
  name: string;
  modules: [string, string];
}

export class ImportList {
  /** By specifier, attributes (`with { … }`) included, in the order they came. */
  readonly #modules = new Map<string, Names>();

  /** Adds what a program imports; `specifierOf` may translate a specifier. Gives the names that mean two things. */
  addAll(
    { body }: Program,
    source: string,
    specifierOf: (specifier: string) => string = (specifier) => specifier,
  ): Clash[] {
    return body.flatMap((statement) =>
      statement.type === "ImportDeclaration"
        ? this.#addDeclaration(statement, source, specifierOf)
        : [],
    );
  }

  /** One name of a module; nothing changes where it is there already. */
  add(module: string, local: string, imported: Imported): Clash[] {
    const other = this.#moduleOf(local);
    const names = this.#names(module);
    const known = names.get(local);
    if (known === undefined && other !== undefined)
      return [{ name: local, modules: [other, module] }];
    const typeOnly = imported.typeOnly && (known?.typeOnly ?? true);
    names.set(local, { name: imported.name, typeOnly });
    return [];
  }

  has(local: string): boolean {
    return this.#moduleOf(local) !== undefined;
  }

  /** What a local name stands for, to be added to another list. */
  find(local: string): { module: string; imported: Imported } | undefined {
    for (const [module, names] of this.#modules) {
      const imported = names.get(local);
      if (imported) return { module, imported };
    }
    return undefined;
  }

  /** The same imports as a file in another folder writes them. */
  moved(from: string, to: string): ImportList {
    const list = new ImportList();
    for (const [local, { module, imported }] of this.entries()) {
      const [, specifier = "", rest = ""] = /^"([^"]*)"(.*)$/s.exec(module) ?? [];
      list.add(quoted(fromFolder(specifier, from, to)) + rest, local, imported);
    }
    return list;
  }

  /** Every local name with what it stands for. */
  entries(): [local: string, { module: string; imported: Imported }][] {
    return [...this.#modules].flatMap(([module, names]) =>
      [...names].map(([local, imported]): [string, { module: string; imported: Imported }] => [
        local,
        { module, imported },
      ]),
    );
  }

  /** Leaves out names of one module that nothing mentions. */
  dropUnused(module: string, isUsed: (local: string) => boolean): void {
    const names = this.#modules.get(module);
    if (names === undefined) return;
    for (const local of names.keys()) if (!isUsed(local)) names.delete(local); // a Map may lose members while it is walked
    if (names.size === 0) this.#modules.delete(module);
  }

  /** One declaration a line. */
  text(): string {
    return [...this.#modules].map(([module, names]) => declaration(module, names)).join("\n");
  }

  #addDeclaration(
    statement: ImportDeclaration,
    source: string,
    specifierOf: (specifier: string) => string,
  ): Clash[] {
    const attributes = source.slice(statement.source.end, statement.end).replace(/;\s*$/, "");
    const module = JSON.stringify(specifierOf(statement.source.value)) + attributes.trimEnd();
    this.#names(module);
    return statement.specifiers.flatMap((specifier) => {
      const typeOnly =
        statement.importKind === "type" ||
        (specifier.type === "ImportSpecifier" && specifier.importKind === "type");
      const name =
        specifier.type === "ImportDefaultSpecifier"
          ? "default"
          : specifier.type === "ImportNamespaceSpecifier"
            ? "*"
            : source.slice(specifier.imported.start, specifier.imported.end);
      return this.add(module, specifier.local.name, { name, typeOnly });
    });
  }

  #names(module: string): Names {
    const names = this.#modules.get(module) ?? new Map<string, Imported>();
    this.#modules.set(module, names);
    return names;
  }

  #moduleOf(local: string): string | undefined {
    return this.find(local)?.module;
  }
}

/** A module's name as `ImportList` keeps it: quoted, so that attributes can follow. */
export function quoted(specifier: string): string {
  return JSON.stringify(specifier);
}

/** A relative specifier of a file in one folder, as a file in another writes it. Folders relative to the root. */
export function fromFolder(specifier: string, from: string, to: string): string {
  if (!/^\.\.?\//.test(specifier)) return specifier;
  const path = posix.relative(to, posix.join(from, specifier));
  return path.startsWith(".") ? path : `./${path}`;
}

/** The folder of a path relative to the root, "" for the root. */
export function folderOf(path: string): string {
  const folder = dirname(path);
  return folder === "." ? "" : folder;
}

function declaration(module: string, names: Names): string {
  const all = [...names];
  if (all.length === 0) return `import ${module};`;
  const typeOnly = all.every(([, imported]) => imported.typeOnly);
  const lines: string[] = [];
  const named: string[] = [];
  const heads: string[] = [];
  for (const [local, { name, typeOnly: isType }] of all) {
    if (name === "*") lines.push(`import ${isType ? "type " : ""}* as ${local} from ${module};`);
    else if (name === "default" && !isType && heads.length === 0) heads.push(local);
    else
      named.push(
        `${isType && !typeOnly ? "type " : ""}${name === local ? local : `${name} as ${local}`}`,
      );
  }
  const parts = [...heads, ...(named.length > 0 ? [`{ ${named.join(", ")} }`] : [])];
  if (parts.length > 0)
    lines.unshift(`import ${typeOnly ? "type " : ""}${parts.join(", ")} from ${module};`);
  return lines.join("\n");
}
