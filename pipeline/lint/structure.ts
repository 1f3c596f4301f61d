/** Structure: whether a notebook has the slots, locks and settings of its template. */
import { didYouMean } from "../../core/did-you-mean.ts";
import type { Diagnostic } from "../../core/diagnostic.ts";
import type { Cell } from "../../core/notebook/index.ts";
import { tagsOf } from "../../core/notebook/index.ts";
import { cellPlace, type SourceNotebook } from "../notebooks/source-notebook.ts";
import { BODY, templateNameOf, type Template, type TemplateSlot } from "../templates.ts";
import { finding, notebookFix, templateOf, type LintContext } from "./context.ts";

const KERNELS = new Set(["steplab", "tslab", "deno"]);

export function structure(context: LintContext): Diagnostic[] {
  return [...context.notebooks.values()].flatMap((source) => {
    const template = templateOf(context, source);
    return [
      ...(template ? slots(source, template) : unknownTemplate(context, source)),
      ...kernel(source),
      ...savedOutputs(source),
      ...syntax(source),
    ];
  });
}

function unknownTemplate(context: LintContext, source: SourceNotebook): Diagnostic[] {
  const name = templateNameOf(source.notebook);
  const names = [...context.templates.keys()];
  const at = { file: source.path };
  if (name === undefined)
    return [
      finding("structure/unknown-template", at, "This notebook names no template.", {
        hint: `set \`"steplab": { "template": … }\` in its metadata: ${names.join(", ")}.`,
      }),
    ];
  return [
    finding("structure/unknown-template", at, `There is no template "${name}".`, {
      hint: didYouMean(name, names),
    }),
  ];
}

/** A cell's slot by the template's own names: a project's template may have slots of its own. */
export function slotNameOf(cell: Cell, template: Template): string {
  const names = new Set(template.slots.map((slot) => slot.name));
  return cell.slot ?? tagsOf(cell.metadata).find((tag) => names.has(tag)) ?? BODY;
}

function slots(source: SourceNotebook, template: Template): Diagnostic[] {
  const cells = source.notebook.cells.map((cell) => ({ cell, slot: slotNameOf(cell, template) }));
  return [
    ...template.slots.flatMap((slot) => {
      const filling = cells.filter((entry) => entry.slot === slot.name).map((entry) => entry.cell);
      return [
        ...missing(source, template, slot, filling),
        ...repeated(source, slot, filling),
        ...wrongKind(source, slot, filling),
        ...lockedEdited(source, template, slot, filling),
      ];
    }),
    ...unlocked(source, template, cells),
    ...outOfOrder(source, template, cells),
  ];
}

function missing(
  source: SourceNotebook,
  template: Template,
  slot: TemplateSlot,
  filling: Cell[],
): Diagnostic[] {
  if (!slot.required || filling.length > 0 || slot.name === BODY) return [];
  return [
    finding(
      "structure/slot-missing",
      { file: source.path },
      `The slot "${slot.name}" is missing, which template "${template.name}" requires${slot.guidance ? `: ${lowerFirst(slot.guidance)}` : "."}`,
      {
        hint: `tag its cell \`${slot.name}\`, or let \`npx steplab lint --fix\` put the slot back.`,
        fix: notebookFix(source.path, "restore-slot", { slot: slot.name }),
      },
    ),
  ];
}

function repeated(source: SourceNotebook, slot: TemplateSlot, filling: Cell[]): Diagnostic[] {
  if (slot.repeat || slot.name === BODY) return [];
  const [first] = filling;
  return filling
    .slice(1)
    .map((cell) =>
      finding(
        "structure/slot-repeated",
        cellPlace(source, cell),
        `The slot "${slot.name}" may stand once; cell ${first?.number} fills it already.`,
        { hint: "join the two cells, or take the tag off this one." },
      ),
    );
}

function wrongKind(source: SourceNotebook, slot: TemplateSlot, filling: Cell[]): Diagnostic[] {
  if (slot.name === BODY) return [];
  return filling
    .filter((cell) => cell.type !== slot.cell.type)
    .map((cell) =>
      finding(
        "structure/slot-kind",
        cellPlace(source, cell),
        `The slot "${slot.name}" is for ${slot.cell.type}; this is a ${cell.type} cell.`,
      ),
    );
}

function lockedEdited(
  source: SourceNotebook,
  template: Template,
  slot: TemplateSlot,
  [cell]: Cell[],
): Diagnostic[] {
  if (!cell || slot.name === BODY) return [];
  if (slot.cell.metadata.editable !== false || cell.source === slot.cell.source) return [];
  return [
    finding(
      "structure/locked-cell-edited",
      cellPlace(source, cell, 0),
      `Template "${template.name}" fixes this cell, and it was edited.`,
      {
        hint: "`npx steplab lint --fix` restores it; what is yours belongs in another cell.",
        fix: notebookFix(source.path, "restore-locked", { slot: slot.name, cell: cell.id }),
      },
    ),
  ];
}

/** One finding a notebook: whoever writes one by hand has no lock anywhere, and would read nothing else. */
function unlocked(
  source: SourceNotebook,
  template: Template,
  cells: { cell: Cell; slot: string }[],
): Diagnostic[] {
  const locks = template.slots.flatMap((slot) => {
    const cell = cells.find((entry) => entry.slot === slot.name)?.cell;
    if (!cell || slot.name === BODY) return [];
    return (["deletable", "editable"] as const)
      .filter((lock) => slot.cell.metadata[lock] === false && cell.metadata[lock] !== false)
      .map((lock) => ({ slot: slot.name, cell, lock }));
  });
  const [first] = locks;
  if (!first) return [];
  const slots = [...new Set(locks.map(({ slot }) => `"${slot}"`))].join(", ");
  return [
    finding(
      "structure/lock-missing",
      locks.length === 1 ? cellPlace(source, first.cell) : { file: source.path },
      locks.length === 1
        ? `The cell of slot "${first.slot}" is not locked: \`${first.lock}\` is not false, as template "${template.name}" sets it.`
        : `The cells of these slots are not locked as template "${template.name}" locks them: ${slots}.`,
      {
        severity: "warning",
        hint: "JupyterLab keeps locked cells from being lost; `npx steplab lint --fix` sets it.",
        fix: notebookFix(source.path, "set-locks", {
          locks: locks.map(({ cell, lock }) => ({ cell: cell.id, lock })),
        }),
      },
    ),
  ];
}

/**
 * Slots stand in the template's order. Prose may stand anywhere, scratch too, and checks among the body's cells;
 * the body's code follows the declarations it uses.
 */
function outOfOrder(
  source: SourceNotebook,
  template: Template,
  cells: { cell: Cell; slot: string }[],
): Diagnostic[] {
  const rank = new Map(template.slots.map((slot, index) => [slot.name, index]));
  const bodyRank = rank.get(BODY);
  const rankOf = (name: string): number | undefined =>
    name === "checks" && bodyRank !== undefined ? bodyRank : rank.get(name);
  const found: Diagnostic[] = [];
  let last: { rank: number; name: string; number: number } | undefined;
  for (const { cell, slot } of cells) {
    const at = rankOf(slot);
    if (at === undefined || slot === "scratch" || (slot === BODY && cell.type !== "code")) continue;
    if (last && at < last.rank)
      found.push(
        finding(
          "structure/slot-order",
          cellPlace(source, cell),
          `The slot "${slot}" stands after ${last.name === BODY ? "the body's code" : `"${last.name}"`} (cell ${last.number}); template "${template.name}" has it before.`,
          { hint: `move this cell above cell ${last.number}.` },
        ),
      );
    else last = { rank: at, name: slot, number: cell.number };
  }
  return found;
}

function kernel(source: SourceNotebook): Diagnostic[] {
  const name = source.notebook.metadata.kernelspec?.name;
  if (name !== undefined && KERNELS.has(name)) return [];
  return [
    finding(
      "structure/wrong-kernel",
      { file: source.path },
      name === undefined
        ? "This notebook names no kernel."
        : `This notebook is set to the kernel "${name}".`,
      {
        hint: "choose the kernel `steplab` in JupyterLab, or run `npx steplab lint --fix`.",
        fix: notebookFix(source.path, "set-kernel"),
      },
    ),
  ];
}

/** Only a warning: JupyterLab saves outputs all day long, and a run ignores them. */
function savedOutputs(source: SourceNotebook): Diagnostic[] {
  const { cells } = source.notebook;
  const injected = cells.find((cell) => cell.slot === "injected-parameters");
  const withOutputs = cells.filter(
    (cell) => cell.outputs.length > 0 || cell.executionCount !== null,
  );
  const fix = notebookFix(source.path, "clear-outputs");
  const found: Diagnostic[] = [];
  if (injected)
    found.push(
      finding(
        "structure/saved-outputs",
        cellPlace(source, injected),
        "This is an executed copy: it holds injected parameters, which would override PIPELINE.md.",
        { hint: "`npx steplab lint --fix` takes the cell out.", fix },
      ),
    );
  const [first] = withOutputs;
  if (first)
    found.push(
      finding(
        "structure/saved-outputs",
        cellPlace(source, first),
        `This notebook was saved with the outputs of ${withOutputs.length} cell${withOutputs.length === 1 ? "" : "s"}; a source notebook holds none.`,
        { severity: "warning", hint: "`npx steplab lint --fix` clears them.", fix },
      ),
    );
  return found;
}

function syntax(source: SourceNotebook): Diagnostic[] {
  return source.code.flatMap(({ cell, errors }) =>
    cell.slot === "scratch"
      ? []
      : errors.map((error) =>
          finding(
            "structure/syntax",
            cellPlace(source, cell, error.from, error.to),
            `This is not valid TypeScript: ${sentence(error.message)}`,
          ),
        ),
  );
}

function sentence(message: string): string {
  return /[.!?]$/.test(message) ? message : `${message}.`;
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
