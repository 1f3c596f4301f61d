/** What a diagnostic says, for hovers. */
import type { Diagnostic } from "../../../core/diagnostic.ts";
import { button, element } from "../look/element.ts";
import { severityIcon } from "../look/icons.ts";

export function explanation(
  diagnostics: readonly Diagnostic[],
  explain: (code: string) => void,
): HTMLElement {
  const unique = [
    ...new Map(diagnostics.map((each) => [`${each.code} ${each.message}`, each])).values(),
  ];
  return element("div", { class: "steplab-Explanation" }, ...unique.map(one));

  function one({ code, severity, message, hint, related = [] }: Diagnostic): HTMLElement {
    return element(
      "div",
      { class: "steplab-Explanation-item" },
      severityIcon(severity),
      element(
        "div",
        {},
        element("div", {}, message),
        hint === undefined ? null : element("div", { class: "steplab-Hint" }, `Hint: ${hint}`),
        ...related.map(({ at, message }) =>
          element("div", { class: "steplab-Hint" }, `${placeOf(at)}: ${message}`),
        ),
        button({ class: "steplab-Link", title: `What ${code} means` }, () => explain(code), code),
      ),
    );
  }
}

/** "notebooks/3-process.ipynb, cell 4 (inputs), line 2" */
export function placeOf({ file, cell, line }: Diagnostic["at"]): string {
  return [file, ...(cell === undefined ? [] : [cellOf(cell)]), ...lineOf(line)].join(", ");
}

/** "cell 4 (inputs)" */
export function cellOf({ number, slot }: NonNullable<Diagnostic["at"]["cell"]>): string {
  return slot === undefined ? `cell ${number}` : `cell ${number} (${slot})`;
}

function lineOf(line: number | undefined): string[] {
  return line === undefined ? [] : [`line ${line}`];
}
