/** Brings the place of a diagnostic into view, with the cursor on it. */
import type { CodeEditor } from "@jupyterlab/codeeditor";
import { FileEditor } from "@jupyterlab/fileeditor";
import { NotebookPanel } from "@jupyterlab/notebook";
import type { IDocumentWidget } from "@jupyterlab/docregistry";
import type { CommandRegistry } from "@lumino/commands";
import type { Place } from "../../../core/diagnostic.ts";
import type { Project } from "../project/project.ts";

export async function jumpTo(
  at: Place,
  project: Project,
  commands: CommandRegistry,
): Promise<void> {
  const factory = at.file.endsWith(".ipynb") ? "Notebook" : "Editor";
  const widget = (await commands.execute("docmanager:open", {
    path: project.toServer(at.file),
    factory,
  })) as IDocumentWidget | undefined;
  if (widget === undefined) return;
  await widget.context.ready;
  if (widget instanceof NotebookPanel) await jumpInNotebook(widget, at);
  else if (widget.content instanceof FileEditor) {
    await widget.content.ready;
    select(widget.content.editor, at);
  }
}

async function jumpInNotebook(
  { content: notebook, revealed }: NotebookPanel,
  at: Place,
): Promise<void> {
  await revealed;
  const index = notebook.widgets.findIndex(({ model }) => model.id === at.cell?.id);
  const cell = notebook.widgets[index];
  if (cell === undefined) {
    notebook.activeCellIndex = 0;
    notebook.node.focus();
    return;
  }
  notebook.activeCellIndex = index;
  notebook.deselectAll();
  await notebook.scrollToItem(index, "smart");
  await cell.ready;
  if (at.line === undefined || cell.editor === null) {
    notebook.node.focus();
    return;
  }
  notebook.mode = "edit";
  select(cell.editor, at);
}

/** The text may have become shorter since it was judged. */
function select(editor: CodeEditor.IEditor, { line = 1, column = 1 }: Place): void {
  const at = { line: Math.min(line, editor.lineCount) - 1, column: column - 1 };
  editor.setCursorPosition(at);
  editor.revealPosition(at);
  editor.focus();
}
