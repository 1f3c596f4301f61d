/** A notebook's text as it would be saved, without what running it left or a kernel said of itself. Pure. */

interface SavedCell {
  cell_type?: unknown;
  [name: string]: unknown;
}

interface Saved {
  cells?: SavedCell[];
  metadata?: Record<string, unknown>;
}

/** @param notebook nbformat, as JupyterLab's model gives it */
export function sourceText(notebook: object): string {
  const { cells = [], metadata = {}, ...rest } = notebook as Saved;
  const { language_info: _, ...kept } = metadata;
  return JSON.stringify({ ...rest, metadata: kept, cells: cells.map(withoutResults) });
}

function withoutResults(cell: SavedCell): SavedCell {
  return cell.cell_type === "code" ? { ...cell, execution_count: null, outputs: [] } : cell;
}
