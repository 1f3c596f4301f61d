/** Cells of a notebook that is no stage yet, sorted into the slots of one. */
import type { Cell } from "../../core/notebook/index.ts";
import {
  parseNotebook,
  type ParsedCell,
  type SourceNotebook,
} from "../notebooks/source-notebook.ts";
import { topLevelNames } from "../notebooks/syntax.ts";
import { folderOf, fromFolder, ImportList } from "./imports.ts";
import { readDeclarations, type Declarations } from "./ports.ts";
import {
  translateCell,
  translateSpecifier,
  type LiftNote,
  type SpecifierTranslation,
} from "./translate.ts";

export interface Lifted {
  imports: ImportList;
  /** Code and prose for the body, in order, without slots. */
  body: Cell[];
  /** Sources of cells that were checks already. */
  checks: string[];
  /** What the notebook declares, where it is one of steplab's. */
  declared: Declarations;
  /** Names that the cells declare. */
  names: string[];
  notes: LiftNote[];
}

const DECLARED = new Set(["parameters", "inputs", "outputs", "description", "imports"]);

/** Names that a stage's own declarations take. */
const TAKEN = new Set(["params", "input", "output"]);

/**
 * `chosen` are numbers of cells; null takes every code cell. Relative imports are rewritten for `folder`, where the new
 * notebook will lie; it and the notebook's path are relative to the project root.
 */
export function liftCells(
  source: SourceNotebook,
  chosen: ReadonlySet<number> | null,
  folder: string,
): Lifted {
  const translate: SpecifierTranslation = (specifier) => {
    const translated = translateSpecifier(specifier);
    return {
      ...translated,
      specifier: fromFolder(translated.specifier, folderOf(source.path), folder),
    };
  };
  const cells = source.notebook.cells.filter((cell) =>
    chosen ? chosen.has(cell.number) : cell.type === "code" && cell.slot !== "scratch",
  );
  const parsed = parseNotebook({ ...source.notebook, cells }, source.path);
  const declared = readDeclarations(parsed);
  const lifted: Lifted = {
    imports: new ImportList(),
    body: [],
    checks: [],
    declared: { ...declared, imports: declared.imports.moved(folderOf(source.path), folder) },
    names: [],
    notes: [],
  };
  for (const cell of cells) {
    const code = parsed.code.find((each) => each.cell === cell);
    if (!code) {
      if (cell.type === "markdown" && cell.slot === null)
        lifted.body.push(plain(cell, cell.source));
      continue;
    }
    if (code.errors.length > 0) {
      const line = code.positions.at(code.errors[0]?.from ?? 0).line;
      lifted.notes.push({
        cell: cell.number,
        line,
        message: "does not parse as TypeScript; it is taken as it stands.",
      });
      lifted.body.push(plain(cell, cell.source));
      continue;
    }
    takeImports(lifted, code, translate);
    const { code: text, needs, notes } = translateCell(code, translate);
    lifted.notes.push(...notes);
    for (const name of needs) lifted.imports.add('"steplab"', name, { name, typeOnly: false });
    if (text === "" || DECLARED.has(cell.slot ?? "")) continue;
    if (cell.slot === "checks") lifted.checks.push(text);
    else lifted.body.push(plain(cell, text));
  }
  lifted.notes.push(...doubleNames(parsed, lifted.names));
  lifted.notes = onceEach(lifted.notes);
  lifted.notes.sort((a, b) => a.cell - b.cell || a.line - b.line);
  return lifted;
}

function takeImports(
  lifted: Lifted,
  { cell, program, positions }: ParsedCell,
  translate: SpecifierTranslation,
): void {
  for (const statement of program.body) {
    if (statement.type !== "ImportDeclaration") continue;
    const { line } = positions.at(statement.start);
    const { message } = translate(statement.source.value);
    if (message !== null) lifted.notes.push({ cell: cell.number, line, message });
  }
  const withoutTslab = program.body.filter(
    (statement) => statement.type !== "ImportDeclaration" || statement.source.value !== "tslab",
  );
  const clashes = lifted.imports.addAll(
    { ...program, body: withoutTslab },
    cell.source,
    (specifier) => translate(specifier).specifier,
  );
  for (const { name, modules } of clashes)
    lifted.notes.push({
      cell: cell.number,
      line: 1,
      message: `"${name}" is imported from ${modules[0]} already, and here from ${modules[1]}: rename one.`,
    });
}

/** A stage is one module; a live notebook lets a later cell declare a name again. */
function doubleNames(parsed: SourceNotebook, names: string[]): LiftNote[] {
  const first = new Map<string, number>();
  const notes: LiftNote[] = [];
  for (const { cell, program, positions } of parsed.code) {
    if (DECLARED.has(cell.slot ?? "")) continue;
    for (const { name, start, kind } of topLevelNames(program)) {
      if (kind === "import" || kind === "type-import") continue;
      names.push(name);
      const { line } = positions.at(start);
      const earlier = first.get(name);
      if (TAKEN.has(name))
        notes.push({
          cell: cell.number,
          line,
          message: `"${name}" is what a stage's own declarations are called: rename it.`,
        });
      else if (earlier !== undefined)
        notes.push({
          cell: cell.number,
          line,
          message: `"${name}" is declared in cell ${earlier} too: a stage is one module, so rename one.`,
        });
      else first.set(name, cell.number);
    }
  }
  return notes;
}

/** As a cell of a new notebook: never run, no tags, the text of the person. */
function plain(cell: Cell, source: string): Cell {
  const { tags: _tags, execution: _times, deletable: _lock, ...metadata } = cell.metadata;
  return { ...cell, source, slot: null, metadata, outputs: [], executionCount: null };
}

/** A package is to be installed once, however often it is imported. */
function onceEach(notes: readonly LiftNote[]): LiftNote[] {
  const said = new Set<string>();
  return notes.filter(({ message }) => {
    const isNew = !message.startsWith("needs a package") || !said.has(message);
    said.add(message);
    return isNew;
  });
}
