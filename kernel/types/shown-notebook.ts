/** The notebook that a front end shows, as it sent it, and places in it. */
import { relative, sep } from "node:path";
import { StepLabError } from "../../core/error.ts";
import type { Json } from "../../core/json.ts";
import { readNotebook } from "../../core/notebook/index.ts";
import { TextPositions } from "../../core/text-position.ts";
import type { Place } from "./comm.ts";

/** A front end asked before it sent the notebook, or about a cell that the notebook has not. */
export class NotShown extends StepLabError {
  constructor(message = "No notebook has been sent on this comm.") {
    super("types/not-shown", message, {
      hint: 'Send `{ ask: "notebook", notebook }` first, and again after every edit.',
    });
  }
}

export class ShownNotebook {
  /** Absolute path. */
  readonly file: string;
  /** Relative to the project, with forward slashes. */
  readonly path: string;
  /** As it would be saved. */
  readonly text: string;
  /** Its code, in order. */
  readonly cells: { id: string; source: string }[];
  /** Of all cells, in order. */
  readonly ids: string[];

  /**
   * @param root absolute path of the project
   * @param file absolute path of the notebook
   */
  constructor(root: string, file: string, notebook: Json) {
    this.file = file;
    this.path = relative(root, file).split(sep).join("/");
    this.text = JSON.stringify(notebook);
    const cells = readNotebook(this.text, this.path).notebook?.cells ?? [];
    this.ids = cells.map(({ id }) => id);
    this.cells = cells
      .filter(({ type }) => type === "code")
      .map(({ id, source }) => ({ id, source }));
  }

  /** Offsets within the cell. @throws NotShown */
  placeOf({ cell, line, column }: Place): { offset: number; lineStart: number } {
    const source = this.cells.find(({ id }) => id === cell)?.source;
    if (source === undefined) throw new NotShown(`The notebook has no code cell "${cell}".`);
    const lineStart = new TextPositions(source).startOf(line);
    return { offset: Math.min(lineStart + column - 1, source.length), lineStart };
  }
}
