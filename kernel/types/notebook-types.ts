/** What types say about a notebook: of the code in a front end's cell, among the cells that ran or that it sent. */
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { projectRootOf } from "../../core/project-root.ts";
import { Compiler } from "../../pipeline/types/adapter.ts";
import {
  completionsAt,
  GLOBALS_SOURCE,
  globalNames,
  type Completion,
} from "../../pipeline/types/completions.ts";
import { quickInfoAt } from "../../pipeline/types/quick-info.ts";
import { signatureHelpAt } from "../../pipeline/types/signatures.ts";
import { LiveCells, type AskedModule, type LiveCell } from "./live-module.ts";
import type { Answers, Completed, Inspected, Question } from "./questions.ts";
import { inspectedCall, inspectedName } from "./words.ts";

export class NotebookTypes {
  readonly #compiler: Compiler;
  readonly #cells = new LiveCells();
  readonly #asked: string;
  readonly #globalsFile: string;
  #globals: Completion[] | null = null;

  /**
   * @param notebook its file URL; it need not be there
   * @param onCompiler is told the id of each process of the compiler, and null when it is over
   */
  constructor(notebook: string, onCompiler: (id: number | null) => void) {
    const path = fileURLToPath(notebook);
    const root = projectRootOf(path) ?? dirname(path);
    this.#compiler = new Compiler(root, onCompiler);
    // Beside the notebook: relative imports are looked for from here.
    this.#asked = `${path}.live.mts`;
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
        throw new Error("not yet");
    }
  }

  close(): void {
    this.#compiler.close();
  }

  #complete(code: string, offset: number): Completed | null {
    const { source, start } = this.#show(this.#cells.moduleWith(code, offset));
    this.#globals ??= globalNames(this.#compiler, this.#globalsFile);
    const at = start + offset;
    const { from, to, entries, place } = completionsAt(
      this.#compiler,
      this.#asked,
      at,
      this.#globals,
    );
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

  #show(module: AskedModule): AskedModule {
    this.#compiler.update(
      new Map([
        [this.#asked, module.source],
        [this.#globalsFile, GLOBALS_SOURCE],
      ]),
    );
    return module;
  }
}
