/** What types say about a notebook: of the code in a front end's cell, among the cells that ran or that it sent. */
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { ModuleFactsCache } from "../../core/closure.ts";
import type { Diagnostic } from "../../core/diagnostic.ts";
import { projectRootOf } from "../../core/project-root.ts";
import { judgeNotebook } from "../../pipeline/lint/notebook.ts";
import type { SourceNotebook } from "../../pipeline/notebooks/source-notebook.ts";
import { Compiler } from "../../pipeline/types/adapter.ts";
import {
  completionsAt,
  GLOBALS_SOURCE,
  globalNames,
  type Completion,
  type Completions,
} from "../../pipeline/types/completions.ts";
import { inNotebook, moduleOf } from "../../pipeline/types/index.ts";
import { quickInfoAt } from "../../pipeline/types/quick-info.ts";
import { signatureHelpAt } from "../../pipeline/types/signatures.ts";
import type { CommAnswer, CommAnswers, CommOutcome, CommQuestion } from "./comm.ts";
import { LiveCells, moduleOfCells, type AskedModule, type LiveCell } from "./live-module.ts";
import { NotShown, ShownNotebook } from "./shown-notebook.ts";
import type { Answers, Completed, Inspected, Question } from "./questions.ts";
import { inspectedCall, inspectedName } from "./words.ts";

export class NotebookTypes {
  #compiler: Compiler;
  readonly #cells = new LiveCells();
  readonly #notebook: string;
  readonly #onCompiler: (id: number | null) => void;
  #root = "";
  /** Where code that is asked about stands: beside its notebook, so that relative imports are looked for from there. */
  #asked = "";
  #globalsFile = "";
  readonly #moduleFacts: ModuleFactsCache = new Map();
  /** What the compiler sees besides the disk. */
  readonly #files = new Map<string, string>();
  #globals: Completion[] | null = null;
  /** The notebook that a front end has sent. */
  #shown: ShownNotebook | null = null;

  /**
   * @param notebook its file URL; it need not be there
   * @param onCompiler is told the id of each process of the compiler, and null when it is over
   */
  constructor(notebook: string, onCompiler: (id: number | null) => void) {
    this.#notebook = fileURLToPath(notebook);
    this.#onCompiler = onCompiler;
    this.#root = rootOf(this.#notebook);
    this.#compiler = new Compiler(this.#root, onCompiler);
    this.#enter(this.#notebook);
  }

  /** From now on the notebook is this one; in another project it needs another compiler. */
  #enter(file: string): void {
    const root = rootOf(file);
    if (root !== this.#root) {
      this.#compiler.close();
      this.#compiler = new Compiler(root, this.#onCompiler);
      this.#root = root;
      this.#globals = null;
    }
    this.#files.clear();
    this.#asked = `${file}.live.mts`;
    this.#globalsFile = join(root, "steplab.globals.mts");
  }

  /** A cell was executed. */
  ran(cell: LiveCell): void {
    this.#cells.ran(cell);
  }

  /** @throws StepLabError `types/compiler-failed`; asked again, the compiler starts anew */
  answer(question: Question): Answers[Question["about"]] {
    switch (question.about) {
      case "complete":
        return this.#complete(question.code, question.offset);
      case "inspect":
        return this.#inspect(question.code, question.offset, question.detail);
      case "comm":
        return this.#answerComm(question.question);
    }
  }

  close(): void {
    this.#compiler.close();
  }

  #complete(code: string, offset: number): Completed | null {
    const { source, start } = this.#show(this.#cells.moduleWith(code, offset));
    const { from, to, entries, place } = this.#completions(start + offset);
    const isOfGlobal = /\bglobalThis\??\.$/.test(source.slice(0, from));
    return {
      from: from - start,
      to: to - start,
      entries,
      live:
        place === "name"
          ? "names"
          : place === "member" && (entries.length === 0 || isOfGlobal)
            ? "members"
            : "nothing",
      retired: this.#cells.retired(),
    };
  }

  #inspect(code: string, offset: number, detail: number): Inspected | null {
    const { start } = this.#show(this.#cells.moduleWith(code, offset));
    const name = quickInfoAt(this.#compiler, this.#asked, start + offset);
    if (name) return inspectedName(name, detail);
    const call = signatureHelpAt(this.#compiler, this.#asked, start + offset);
    return call && inspectedCall(call);
  }

  #answerComm(question: CommQuestion): CommOutcome {
    try {
      return { answer: this.#answerShown(question) };
    } catch (error) {
      if (!(error instanceof NotShown)) throw error;
      return { error: { code: error.code, message: error.message } };
    }
  }

  #answerShown(question: CommQuestion): CommAnswer {
    if (question.ask === "notebook") {
      const file = question.path ?? this.#notebook;
      if (file !== (this.#shown?.file ?? this.#notebook)) this.#enter(file);
      this.#shown = new ShownNotebook(this.#root, file, question.notebook);
      return {};
    }
    if (!this.#shown) throw new NotShown();
    if (question.ask === "diagnostics") return this.#judge(this.#shown);
    const place = this.#shown.placeOf(question);
    const { start } = this.#show(moduleOfCells(this.#shown.cells, question.cell, place.offset));
    const at = start + place.offset;
    /** From an offset in the module to a column of the line asked about. */
    const columnOf = (offset: number): number => offset - start - place.lineStart + 1;
    switch (question.ask) {
      case "completion": {
        const { from, to, entries } = this.#completions(at);
        return { from: columnOf(from), to: columnOf(to), entries };
      }
      case "hover": {
        const info = quickInfoAt(this.#compiler, this.#asked, at);
        if (!info) return null;
        const { code, documentation } = inspectedName(info, 0);
        return { from: columnOf(info.from), to: columnOf(info.to), code, documentation };
      }
      case "signature":
        return signatureHelpAt(this.#compiler, this.#asked, at);
    }
  }

  #judge(shown: ShownNotebook): CommAnswers["diagnostics"] {
    const diagnostics = judgeNotebook({
      root: this.#root,
      path: shown.path,
      text: shown.text,
      moduleFacts: this.#moduleFacts,
      typesOf: (source) => this.#typesOf(shown, source),
    });
    const cells = new Map<string, Diagnostic[]>([
      ["", []],
      ...shown.ids.map((id): [string, Diagnostic[]] => [id, []]),
    ]);
    for (const each of diagnostics) cells.get(each.at.cell?.id ?? "")?.push(each);
    return {
      cells: [...cells]
        .filter(([, found]) => found.length > 0)
        .map(([cell, found]) => ({ cell, diagnostics: found })),
    };
  }

  #typesOf(shown: ShownNotebook, source: SourceNotebook): Diagnostic[] {
    const module = moduleOf(source);
    if (!module) return [];
    const file = `${shown.file}.mts`;
    this.#files.set(file, module.source);
    this.#update();
    return this.#compiler.diagnostics(file).flatMap((found) => inNotebook(found, source, module));
  }

  #completions(at: number): Completions {
    this.#globals ??= globalNames(this.#compiler, this.#globalsFile);
    return completionsAt(this.#compiler, this.#asked, at, this.#globals);
  }

  #show(module: AskedModule): AskedModule {
    this.#files.set(this.#asked, module.source);
    this.#update();
    return module;
  }

  #update(): void {
    this.#files.set(this.#globalsFile, GLOBALS_SOURCE);
    this.#compiler.update(new Map(this.#files));
  }
}

function rootOf(notebook: string): string {
  return projectRootOf(notebook) ?? dirname(notebook);
}
