/** Types: each notebook as one module, each wire as one assignment, judged by TypeScript; findings where people wrote. */
import { join, relative, sep } from "node:path";
import type { Closure } from "../../core/closure.ts";
import type { Diagnostic } from "../../core/diagnostic.ts";
import type { ReadText } from "../../core/read-text.ts";
import { TextPositions } from "../../core/text-position.ts";
import { readDeclaration } from "../notebooks/syntax.ts";
import { cellPlace, oncePerNotebook, type SourceNotebook } from "../notebooks/source-notebook.ts";
import { virtualModule, type VirtualModule } from "../notebooks/virtual-module.ts";
import type { Pipeline } from "../pipeline.ts";
import { Compiler, type TypeDiagnostic } from "./adapter.ts";
import { wiresModule, type TypedWire } from "./wires.ts";
import { readableWords } from "./words.ts";

export interface TypesInput {
  pipeline: Pipeline;
  notebooks: ReadonlyMap<string, SourceNotebook>;
  closures: ReadonlyMap<string, Closure>;
  /** Unsaved texts of project files, by absolute path; those of notebooks are in `notebooks` already. */
  overlay: ReadonlyMap<string, string>;
  /** How modules are read, to say where in them something stands. */
  read: ReadText;
}

export interface TypesResult {
  diagnostics: Diagnostic[];
  /** Wires the compiler refuses; lint reports those that the column model has not explained already. */
  wires: { wire: TypedWire; message: string }[];
}

/** Duplicate names: `names.ts` says them in words that fit notebooks, and only warns in exploration. */
const REDECLARED = new Set([2300, 2393, 2440, 2451, 2395, 2567]);
/** `<T>(x) => …` is "reserved" in .mts files, which notebooks are to the compiler alone: the kernel takes it. */
const ONLY_IN_MTS = 7060;
/** "Cannot find module": the graph rules say it, nearer to the cause. */
const MISSING_MODULE = new Set([2307, 2792]);

/** Judges types again and again: the compiler stays open, and what nothing can have changed is not asked again. */
export class TypesJudge implements Disposable {
  readonly #root: string;
  readonly #compiler: Compiler;
  /** Findings of the files of the last time. */
  #known = new Map<string, TypeDiagnostic[]>();

  /** @param root absolute path of the project */
  constructor(root: string) {
    this.#root = root;
    this.#compiler = new Compiler(root);
  }

  /**
   * Judges all notebooks that parse, and the project modules they import. Codes: `types/error`.
   *
   * @throws StepLabError `types/compiler-failed`; the next call starts another compiler.
   */
  judge(input: TypesInput): TypesResult {
    const modules = new Map<string, { source: SourceNotebook; module: VirtualModule }>();
    for (const source of input.notebooks.values()) {
      const module = moduleOf(source);
      if (module) modules.set(join(this.#root, moduleName(source.path)), { source, module });
    }
    if (modules.size === 0) return { diagnostics: [], wires: [] };
    const wires = wiresModule(input.pipeline, (path) => {
      const entry = modules.get(join(this.#root, moduleName(path)));
      return entry && { specifier: `./${moduleName(path)}`, source: entry.source };
    });
    const wiresFile = join(this.#root, "steplab.wires.mts");
    const virtual = new Map([...modules].map(([path, { module }]) => [path, module.source]));
    if (wires.wires.length > 0) virtual.set(wiresFile, wires.source);
    const roots = [...virtual.keys()];
    for (const [path, text] of input.overlay) if (IS_MODULE.test(path)) virtual.set(path, text);
    const judged = [...modules.values()].map(({ source }) => source);
    const ask = [...roots, ...importedModules(this.#root, judged, input.closures)];
    const found = this.#check({ virtual, roots, ask, wiresFile });
    const diagnostics: Diagnostic[] = [];
    const refused: TypesResult["wires"] = [];
    const wirePositions = new TextPositions(wires.source);
    for (const each of found) {
      const notebook = modules.get(each.file);
      if (each.file === wiresFile) {
        const wire = wires.byLine.get(wirePositions.at(each.from).line);
        if (wire && NOT_ASSIGNABLE.has(each.code))
          refused.push({ wire, message: readableWords(each.message) });
      } else if (notebook) {
        diagnostics.push(...inNotebook(each, notebook.source, notebook.module));
      } else diagnostics.push(inModule(this.#root, each, input.read));
    }
    return { diagnostics, wires: refused };
  }

  [Symbol.dispose](): void {
    this.#compiler.close();
  }

  /** The errors of the files to ask about, in their order. */
  #check({ virtual, roots, ask, wiresFile }: Check): TypeDiagnostic[] {
    const { changed, elsewhere } = this.#compiler.update(virtual, roots);
    const settings = elsewhere ? this.#compiler.settingsDiagnostics() : [];
    if (settings.length > 0) {
      this.#compiler.close(); // so that the next time says it too, or finds it mended
      return settings;
    }
    const isAnyModuleChanged = [...changed].some(
      (path) => IS_MODULE.test(path) && !roots.includes(path),
    );
    const known =
      elsewhere || isAnyModuleChanged ? new Map<string, TypeDiagnostic[]>() : this.#known;
    // Notebooks import no notebook: one that did not change is judged as before. Only wires see them all.
    if (changed.size > 0) known.delete(wiresFile);
    for (const path of changed) known.delete(path);
    this.#known = new Map();
    for (const file of ask)
      this.#known.set(file, known.get(file) ?? this.#compiler.diagnostics(file));
    return [...this.#known.values()].flat();
  }
}

interface Check {
  virtual: ReadonlyMap<string, string>;
  roots: readonly string[];
  ask: readonly string[];
  wiresFile: string;
}

/** What a notebook may import and the compiler reads. */
const IS_MODULE = /\.(?:[cm]?[jt]s|json)$/;

/** TypeScript's codes for a value that does not fit: its type as a whole, and columns or members that it lacks. */
const NOT_ASSIGNABLE = new Set([2322, 2739, 2740, 2741]);

/** `.mts`: an ES module, whatever the project's package.json says. */
function moduleName(path: string): string {
  return `${path}.mts`;
}

/** A notebook as one module; undefined where a cell has syntax errors: what follows it would be nonsense. */
export const moduleOf = oncePerNotebook((source): VirtualModule | undefined => {
  const cells = source.code.filter(({ cell }) => cell.slot !== "scratch");
  if (cells.some(({ errors }) => errors.length > 0)) return undefined;
  const exported = new Set<string>();
  for (const keyword of ["inputs", "outputs"]) {
    const parsed = cells.filter(({ cell }) => cell.slot === keyword);
    const declaration = parsed.length === 1 && parsed[0] && readDeclaration(parsed[0], keyword);
    if (declaration && declaration.ok) exported.add(declaration.variable);
  }
  return virtualModule(
    cells.map(({ cell }) => cell),
    `export { ${[...exported].join(", ")} };\n`,
  );
});

/** Of the notebooks judged: what only one with a syntax error imports, the compiler does not know. */
function importedModules(
  root: string,
  notebooks: Iterable<SourceNotebook>,
  closures: TypesInput["closures"],
): string[] {
  const files = new Set<string>();
  for (const source of notebooks)
    for (const { path } of closures.get(source.path)?.files ?? [])
      if (/\.[cm]?ts$/.test(path) && !path.startsWith("../")) files.add(join(root, path));
  return [...files];
}

/** The compiler's finding in a notebook's module, in the words and at the place of lint; none that another rule says. */
export function inNotebook(
  found: TypeDiagnostic,
  source: SourceNotebook,
  module: VirtualModule,
): Diagnostic[] {
  if (REDECLARED.has(found.code) || found.code === ONLY_IN_MTS) return [];
  const start = module.locate(found.from);
  if (!start) return [];
  const specifier = module.source.slice(found.from, found.to);
  if (MISSING_MODULE.has(found.code) && /^["']\.{0,2}\//.test(specifier)) return [];
  const at = cellPlace(source, start.cell, start.offset, start.offset + (found.to - found.from));
  return [{ code: "types/error", severity: "error", message: wordsFor(found), at }];
}

function inModule(root: string, found: TypeDiagnostic, read: ReadText): Diagnostic {
  const file = relative(root, found.file).split(sep).join("/");
  const common = { code: "types/error", severity: "error", message: wordsFor(found) } as const;
  if (found.from < 0) return { ...common, at: { file } };
  const positions = new TextPositions(read(found.file));
  const start = positions.at(found.from);
  const end = positions.at(found.to);
  const source = positions.lineText(start.line);
  return {
    ...common,
    at: {
      file,
      line: start.line,
      column: start.column,
      ...(end.line === start.line && { endLine: end.line, endColumn: end.column }),
    },
    source,
  };
}

/** The compiler's words, its number for whoever wants to look it up. */
function wordsFor(found: TypeDiagnostic): string {
  return `${readableWords(found.message)} (TS${found.code})`;
}
