/** Shows the judgement of what is open: squiggles in its editors, and at the edge of a cell how many it has. */
import type { Cell } from "@jupyterlab/cells";
import { CodeMirrorEditor } from "@jupyterlab/codemirror";
import type { CodeEditor } from "@jupyterlab/codeeditor";
import type { Diagnostic } from "../../../core/diagnostic.ts";
import type { OpenEditor, OpenNotebook } from "../judge/open-documents.ts";
import { worstOf } from "../look/counts.ts";
import { marks, showMarks } from "./marks.ts";

type Explain = (code: string) => void;

/** @returns what ends it */
export function showInNotebook({ panel, path, judge }: OpenNotebook, explain: Explain): () => void {
  const notebook = panel.content;
  const show = (): void => {
    const byCell = Map.groupBy(
      judge.judgement?.diagnostics.filter(({ at }) => at.file === path && at.cell) ?? [],
      ({ at }) => at.cell?.id ?? "",
    );
    for (const cell of notebook.widgets) showInCell(cell, byCell.get(cell.model.id) ?? [], explain);
  };
  judge.judged.connect(show);
  notebook.model?.cells.changed.connect(show); // a moved cell has a new editor
  show();
  return () => {
    judge.judged.disconnect(show);
    if (notebook.isDisposed) return;
    notebook.model?.cells.changed.disconnect(show);
    for (const cell of notebook.widgets) showInCell(cell, [], explain);
  };
}

/** @returns what ends it */
export function showInText({ widget, path, judge }: OpenEditor, explain: Explain): () => void {
  const show = (): void => {
    const { editor } = widget.content;
    const mine = judge.judgement?.diagnostics.filter(({ at }) => at.file === path && !at.cell);
    showInEditor(editor, mine ?? [], explain);
  };
  judge.judged.connect(show);
  void widget.content.ready.then(show);
  return () => judge.judged.disconnect(show);
}

/** A cell out of sight has no editor yet: it is marked when it gets one. */
const wanted = new WeakMap<Cell, readonly Diagnostic[]>();

function showInCell(cell: Cell, diagnostics: readonly Diagnostic[], explain: Explain): void {
  const worst = worstOf(diagnostics.filter(({ severity }) => severity !== "information"));
  if (worst === null) delete cell.node.dataset["steplabWorst"];
  else cell.node.dataset["steplabWorst"] = worst;
  const waits = wanted.has(cell);
  wanted.set(cell, diagnostics);
  if (cell.editor !== null) showInEditor(cell.editor, diagnostics, explain);
  else if (!waits)
    void cell.ready.then(() => {
      if (cell.editor !== null) showInEditor(cell.editor, wanted.get(cell) ?? [], explain);
    });
}

const marked = new WeakSet<CodeEditor.IEditor>();

function showInEditor(
  editor: CodeEditor.IEditor,
  diagnostics: readonly Diagnostic[],
  explain: Explain,
): void {
  if (!(editor instanceof CodeMirrorEditor) || editor.isDisposed) return;
  if (!marked.has(editor)) {
    if (diagnostics.length === 0) return;
    marked.add(editor);
    editor.injectExtension(marks(explain));
  }
  showMarks(editor.editor, diagnostics);
}
