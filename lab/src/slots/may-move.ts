/** Whether cells may go to another place of their notebook. Pure. */
import type { CellShape } from "../../../pipeline/lint/notebook-shape.ts";

/** Lint lets these stand among each other. */
const LOOSE = new Set(["body", "checks", "scratch"]);

/**
 * What keeps `count` cells from `from` from going to `to` (indices, as JupyterLab's `moveCell` has them): the first of
 * them that its template holds in its place. Undefined: they may go.
 */
export function heldByTemplate(
  cells: readonly Pick<CellShape, "slot" | "required" | "fixed">[],
  from: number,
  to: number,
  count: number,
): string | undefined {
  const moved = cells.slice(from, from + count);
  const passed = to < from ? cells.slice(to, from) : cells.slice(from + count, to + 1);
  const held = moved.find(
    ({ slot, required, fixed }) =>
      (required || fixed) &&
      passed.some((other) => other.slot !== slot && !(LOOSE.has(slot) && LOOSE.has(other.slot))),
  );
  return held?.slot;
}
