/** Whether a stage does what every stage of its template must do: checks, metrics, outputs of a kind. */
import type { PortKind } from "../../core/contract.ts";
import type { Diagnostic } from "../../core/diagnostic.ts";
import { cellPlace, type SourceNotebook } from "../notebooks/source-notebook.ts";
import { walk } from "../notebooks/syntax.ts";
import { finding, templateOf, type LintContext } from "./context.ts";

export function template(context: LintContext): Diagnostic[] {
  return [...context.notebooks.values()].flatMap((source) => {
    const kind = templateOf(context, source);
    if (!kind) return [];
    const { checks = 0, metrics = 0, outputs = [] } = kind.requires;
    const found: Diagnostic[] = [];
    const made = countChecks(source);
    if (made < checks) {
      const cell = source.notebook.cells.find(({ slot }) => slot === "checks");
      found.push(
        lacks(
          cell ? cellPlace(source, cell) : { file: source.path },
          `A "${kind.name}" stage makes at least ${count(checks, "check")}; this one makes ${made === 0 ? "none" : made}.`,
          '`check("what must hold", condition)` in the checks cell.',
        ),
      );
    }
    const ports = context.contracts.get(source.path)?.outputs;
    if (!ports) return found;
    const cell = source.notebook.cells.find(({ slot }) => slot === "outputs");
    const at = cell ? cellPlace(source, cell) : { file: source.path };
    const kinds = Object.values(ports).map((port) => port.kind);
    const declaredMetrics = kinds.filter((port) => port === "metric").length;
    if (declaredMetrics < metrics)
      found.push(
        lacks(
          at,
          `A "${kind.name}" stage declares at least ${count(metrics, "metric")}; this one declares ${declaredMetrics === 0 ? "none" : declaredMetrics}.`,
          'add one to the outputs: `validMae: a.metric({ goal: "min", unit: "USD" })`.',
        ),
      );
    for (const wanted of outputs.map((each) => (Array.isArray(each) ? each : [each])))
      if (!wanted.some((each) => kinds.includes(each)))
        found.push(
          lacks(
            at,
            `A "${kind.name}" stage has an output of kind ${alternatives(wanted)}; this one has none.`,
            `add it to the outputs, or choose another template.`,
          ),
        );
    return found;
  });
}

function lacks(at: Diagnostic["at"], message: string, hint: string): Diagnostic {
  return finding("structure/template-requires", at, message, { hint });
}

/** Calls of `check`, `check.rows` and `check.within`, wherever they stand. */
function countChecks(source: SourceNotebook): number {
  let count = 0;
  for (const { cell, program } of source.code) {
    if (cell.slot === "scratch") continue;
    walk(program, (node) => {
      if (node.type !== "CallExpression") return;
      const callee = node.callee.type === "MemberExpression" ? node.callee.object : node.callee;
      if (callee.type === "Identifier" && callee.name === "check") count++;
    });
  }
  return count;
}

/** `a.table`, or `a.table`, `a.folder` or `a.file` */
function alternatives(kinds: readonly PortKind[]): string {
  const shown = kinds.map((each) => `\`a.${each}\``);
  return [shown.slice(0, -1).join(", "), ...shown.slice(-1)].filter(Boolean).join(" or ");
}

function count(number: number, what: string): string {
  return number === 1 ? `one ${what}` : `${number} ${what}s`;
}
