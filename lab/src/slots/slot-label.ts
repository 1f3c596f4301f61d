/** The label in a cell's margin: its slot, and how many problems it has. */
import type { Diagnostic } from "../../../core/diagnostic.ts";
import type { CellShape } from "../../../pipeline/lint/notebook-shape.ts";
import { countsOf, wordsOf, worstOf } from "../look/counts.ts";
import { button, element } from "../look/element.ts";
import { lockIcon, severityIcon } from "../look/icons.ts";

/** @param diagnostics the cell's errors and warnings */
export function slotLabel(
  shape: CellShape,
  diagnostics: readonly Diagnostic[],
  onProblems: () => void,
): HTMLElement {
  const kind = kindOf(shape);
  const worst = worstOf(diagnostics);
  return element(
    "div",
    { class: "steplab-Slot", "data-kind": kind, ...(worst !== null && { "data-worst": worst }) },
    element(
      "div",
      {
        class: "steplab-Slot-name",
        title: tooltipOf(shape),
        role: "note",
        "aria-label": tooltipOf(shape),
      },
      kind === "fixed" ? lockIcon.element({ tag: "span", width: "12px", height: "12px" }) : null,
      shape.slot,
    ),
    worst === null
      ? null
      : button(
          { class: "steplab-Slot-problems", title: "Show the problems" },
          onProblems,
          severityIcon(worst),
          wordsOf(countsOf(diagnostics)),
        ),
  );
}

function kindOf({ slot, fixed, required, scratch }: CellShape): string {
  if (fixed) return "fixed";
  if (scratch) return "scratch";
  if (slot === "body") return "body";
  return required ? "required" : "optional";
}

function tooltipOf({ slot, fixed, required, scratch, guidance }: CellShape): string {
  const facts = [
    fixed ? "fixed by the template" : required ? "required by the template" : null,
    scratch ? "runs in JupyterLab only" : null,
  ].filter((fact) => fact !== null);
  const name = `Slot "${slot}"${facts.length > 0 ? `, ${facts.join(", ")}` : ""}`;
  return guidance === "" ? name : `${name}. ${guidance}`;
}
