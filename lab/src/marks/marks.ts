/** Squiggles under what diagnostics are about, with their words on hover. Marks move with the text that is typed around them. */
import { StateEffect, StateField, type Extension } from "@codemirror/state";
import { Decoration, EditorView, hoverTooltip, type DecorationSet } from "@codemirror/view";
import type { Diagnostic, Severity } from "../../../core/diagnostic.ts";
import { explanation } from "./explanation.ts";
import { spanOf } from "./span.ts";

const setMarks = StateEffect.define<readonly Diagnostic[]>();

/** The worst is drawn last, over the others. */
const ORDER: Record<Severity, number> = { information: 0, warning: 1, error: 2 };

/** @param explain opens the page about a code */
export function marks(explain: (code: string) => void): Extension {
  return [
    field,
    hoverTooltip((view, position) => {
      const found: { from: number; to: number; diagnostic: Diagnostic }[] = [];
      view.state.field(field).between(position, position, (from, to, { spec }) => {
        found.push({ from, to, diagnostic: (spec as { diagnostic: Diagnostic }).diagnostic }); // made below
      });
      if (found.length === 0) return null;
      return {
        pos: Math.min(...found.map(({ from }) => from)),
        end: Math.max(...found.map(({ to }) => to)),
        above: true,
        create: () => ({
          dom: explanation(
            found.map((each) => each.diagnostic),
            explain,
          ),
        }),
      };
    }),
  ];
}

/** Shows these instead of those before; the extension must be in the editor. */
export function showMarks(view: EditorView, diagnostics: readonly Diagnostic[]): void {
  if (diagnostics.length === 0 && view.state.field(field, false)?.size === 0) return;
  view.dispatch({ effects: setMarks.of(diagnostics) });
}

const field: StateField<DecorationSet> = StateField.define<DecorationSet>({
  create: () => Decoration.none,
  update(shown, transaction) {
    let now = shown.map(transaction.changes);
    for (const effect of transaction.effects)
      if (effect.is(setMarks))
        now = Decoration.set(
          effect.value
            .toSorted((a, b) => ORDER[a.severity] - ORDER[b.severity])
            .flatMap((diagnostic) => {
              const { from, to } = spanOf(transaction.state.doc, diagnostic.at);
              return from < to ? [markOf(diagnostic).range(from, to)] : [];
            }),
          true,
        );
    return now;
  },
  provide: (field) => EditorView.decorations.from(field),
});

function markOf(diagnostic: Diagnostic): Decoration {
  return Decoration.mark({
    class: `steplab-Squiggle steplab-mod-${diagnostic.severity}`,
    diagnostic,
  });
}
