/**
 * The cell guard: in a stage, a cell that breaks its slot is refused with the diagnostic under it. Everything else runs
 * as with JupyterLab's own executor, which it wraps.
 *
 * "Run all" hands over all cells at once: they are looked at in order, and after one that is refused the rest of the
 * batch is not run, as after one that failed.
 */
import type { ICodeCellModel } from "@jupyterlab/cells";
import { runCell, type INotebookCellExecutor, type INotebookModel } from "@jupyterlab/notebook";
import type { Diagnostic } from "../../../core/diagnostic.ts";
import type { ProjectJudge } from "../judge/project-judge.ts";

/** What breaks a slot: its place and kind, and declarations that hold something else. */
const BREAKS = /^(?:structure\/|contract\/not-a-declaration$)/;
/** Not about this cell's slot, or nothing that running it would make worse. */
const HARMLESS = new Set([
  "structure/saved-outputs",
  "structure/syntax",
  "structure/shadowed-global",
]);

/** How long a cell waits for the judgement of what was typed last. */
const PATIENCE_MS = 1_500;

interface Guarded {
  judge: ProjectJudge;
  path: string;
  /** The cells that are being looked at, one after the other. */
  tail: Promise<unknown>;
  waiting: number;
  isRefused: boolean;
}

export class CellGuard implements INotebookCellExecutor {
  readonly #notebooks = new WeakMap<INotebookModel, Guarded>();
  isOn = true;

  /** From now on this notebook is guarded, until what is returned is called. */
  watch(model: INotebookModel, judge: ProjectJudge, path: string): () => void {
    this.#notebooks.set(model, {
      judge,
      path,
      tail: Promise.resolve(),
      waiting: 0,
      isRefused: false,
    });
    return () => this.#notebooks.delete(model);
  }

  async runCell(options: INotebookCellExecutor.IRunCellOptions): Promise<boolean> {
    const guarded = this.#notebooks.get(options.notebook);
    if (guarded === undefined || !this.isOn || options.cell.model.type !== "code")
      return await runCell(options);
    if (!(await this.#mayRun(options, guarded))) return false;
    return await runCell(options);
  }

  /** Takes its turn; only looking waits, running does not. */
  async #mayRun(
    { cell }: INotebookCellExecutor.IRunCellOptions,
    guarded: Guarded,
  ): Promise<boolean> {
    guarded.waiting++;
    const look = async (): Promise<boolean> => {
      if (guarded.isRefused) return false;
      await guarded.judge.settled(PATIENCE_MS);
      const found = refusals(guarded, cell.model.id);
      if (found.length === 0) return true;
      guarded.isRefused = true;
      show(cell.model as ICodeCellModel, found); // its type was looked at
      return false;
    };
    const turn = guarded.tail.then(look, look);
    guarded.tail = turn;
    try {
      return await turn;
    } finally {
      guarded.waiting--;
      if (guarded.waiting === 0) guarded.isRefused = false;
    }
  }
}

function refusals({ judge, path }: Guarded, cell: string): Diagnostic[] {
  return (judge.judgement?.diagnostics ?? []).filter(
    ({ at, code, severity }) =>
      at.file === path &&
      at.cell?.id === cell &&
      severity === "error" &&
      BREAKS.test(code) &&
      !HARMLESS.has(code),
  );
}

function show(model: ICodeCellModel, found: readonly Diagnostic[]): void {
  const lines = found.flatMap(({ code, message, hint }) => [
    `${code}: ${message}`,
    ...(hint === undefined ? [] : [`Hint: ${hint}`]),
  ]);
  model.outputs.clear();
  model.outputs.add({
    output_type: "error",
    ename: "steplab",
    evalue: found[0]?.message ?? "",
    traceback: [
      ...lines,
      "The cell was not run: it breaks its template. (Settings, steplab: the guard can be switched off.)",
    ],
  });
}
