/** The executed copy of a stage's notebook: scratch left out, the injected parameters in their place. */
import type { Json } from "../../core/json.ts";
import {
  codeCell,
  STEPLAB_KERNELSPEC,
  withCells,
  type Cell,
  type Notebook,
} from "../../core/notebook/index.ts";

/** The nbformat id of the cell that the runner puts in. */
export const INJECTED_CELL_ID = "injected-parameters";

/**
 * A deep copy without outputs. With `params` (resolved, JSON-encoded), a cell tagged `injected-parameters`
 * stands directly before the `parameters` slot with the values as real code and an import of its own: the
 * copy runs anywhere as it is. Cells keep the numbers they have in the source notebook, which is what
 * messages name; the injected one has number 0.
 */
export function executedCopy(notebook: Notebook, params: Record<string, Json> | null): Notebook {
  const copy = structuredClone(notebook);
  const kept = copy.cells.filter(
    (cell) => cell.slot !== "scratch" && cell.slot !== "injected-parameters",
  );
  for (const cell of kept) {
    cell.outputs = [];
    cell.executionCount = null;
  }
  const at = kept.findIndex((cell) => cell.slot === "parameters");
  if (params === null || at < 0) return { ...copy, cells: kept };
  const [injected] = withCells(copy, [injectedCell(params)]).cells;
  if (injected !== undefined) kept.splice(at, 0, { ...injected, number: 0 });
  return { ...copy, cells: kept };
}

function injectedCell(params: Record<string, Json>): Cell {
  const source = `import { inject } from "steplab";\ninject(${JSON.stringify(params, null, 2)});`;
  return codeCell(source, { id: INJECTED_CELL_ID, slot: "injected-parameters" });
}

/** Code cells with code in them are executed; all others are carried along. */
export function isExecuted(cell: Cell): boolean {
  return cell.type === "code" && cell.source.trim() !== "";
}

/** The cells that a stage's key is made of: what is executed headlessly, without the values that the runner writes in. */
export function keyCells({ cells }: Notebook): Cell[] {
  return cells.filter(
    (cell) => isExecuted(cell) && cell.slot !== "scratch" && cell.slot !== "injected-parameters",
  );
}

/** The template that a notebook says it follows; lint has seen that it is one. */
export function templateOf(notebook: Notebook): string {
  const template = notebook.metadata.steplab?.["template"];
  return typeof template === "string" ? template : "";
}

/** The kernel that a notebook names; lint has seen that it is one that can run stages. */
export function kernelNameOf(notebook: Notebook): string {
  return notebook.metadata.kernelspec?.name ?? STEPLAB_KERNELSPEC.kernelspec.name;
}

/** What a live line shows of a cell: its slot, or its first line of code. */
export function cellTitle(cell: Cell): string {
  const line =
    cell.source.split("\n").find((text) => text.trim() !== "" && !text.trim().startsWith("//")) ??
    "";
  return cell.slot ?? line.trim().slice(0, 60);
}
