/**
 * Runs cells as JupyterLab does, but for those of a stage that break its template: they are refused, with the
 * diagnostic below them, and so is what was to run after them in the same go.
 */
import type { ICodeCellModel } from "@jupyterlab/cells";
import { runCell, type INotebookCellExecutor, type INotebookModel } from "@jupyterlab/notebook";
import type { Diagnostic } from "../../../core/diagnostic.ts";
import type { OpenNotebook } from "../judge/open-documents.ts";
import { linesOf, refusalOf } from "./verdict.ts";

/** For a judgement of what was typed a moment ago; a service that does not answer must not keep people from working. */
const PATIENCE_MS = 2_000;

type Options = INotebookCellExecutor.IRunCellOptions;

/** Cells that were told to run at once ("Run all" asks for all of them before the first has run). */
interface Batch {
  judged: Promise<void>;
  isStopped: boolean;
}

export class Guard implements INotebookCellExecutor {
  isOn = true;
  readonly #stages = new Map<INotebookModel, OpenNotebook>();
  readonly #batches = new Map<INotebookModel, Batch>();

  /** From now on this notebook is guarded, until what is returned is called. */
  watch(notebook: OpenNotebook): () => void {
    this.#stages.set(notebook.model, notebook);
    return () => this.#stages.delete(notebook.model);
  }

  async runCell(options: Options): Promise<boolean> {
    const stage = this.isOn ? this.#stages.get(options.notebook) : undefined;
    if (stage === undefined || options.cell.model.type !== "code") return await runCell(options);
    const batch = this.#batchOf(stage);
    await batch.judged; // all of a batch go on in the order in which they came
    if (batch.isStopped || options.cell.isDisposed) return false;
    const refusal = this.#refusal(stage, options.cell.model.id);
    if (refusal === undefined) return await runCell(options);
    batch.isStopped = true;
    refuse(options, refusal);
    return false;
  }

  #batchOf(stage: OpenNotebook): Batch {
    const open = this.#batches.get(stage.model);
    if (open !== undefined) return open;
    const judged = stage.judge.settled(PATIENCE_MS);
    const batch: Batch = { judged, isStopped: false };
    this.#batches.set(stage.model, batch);
    void judged.then(() => this.#batches.delete(stage.model));
    return batch;
  }

  #refusal({ judge, path }: OpenNotebook, cell: string): Diagnostic | undefined {
    const { judgement } = judge;
    if (judgement?.notebooks[path]?.template == null) return undefined;
    return refusalOf(judgement.diagnostics, path, cell);
  }
}

function refuse({ cell, onCellExecuted }: Options, diagnostic: Diagnostic): void {
  const model = cell.model as ICodeCellModel; // asked for before
  const lines = linesOf(diagnostic);
  model.sharedModel.transact(() => model.clearExecution(), false); // no step that can be undone
  model.outputs.add({
    output_type: "error",
    ename: diagnostic.code,
    evalue: diagnostic.message,
    traceback: lines,
  });
  onCellExecuted({ cell, success: false });
}
