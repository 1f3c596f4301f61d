/** One line for each input: what it is bound to, of which run, how old, and whether that is still what a run would give it. */
import type { InputView } from "../../../runner/service/protocol.ts";
import { ago } from "../format.ts";
import { element } from "../look/element.ts";
import { severityIcon } from "../look/icons.ts";

export function inputsLine(inputs: readonly InputView[]): HTMLElement[] {
  return inputs.map((input) => {
    const state = input.stale === null ? "" : "stale";
    return element(
      "span",
      { class: "steplab-Input", "data-state": state, title: titleOf(input) },
      input.stale === null ? null : severityIcon("warning"),
      element("span", { class: "steplab-Input-name" }, input.name),
      element("span", {}, wordsFor(input)),
    );
  });
}

/** "process.days of 2026-11-24T230152Z-7c1f, 2 hours ago" */
export function wordsFor({ wire, newest, stale }: InputView, now: number = Date.now()): string {
  if (wire === null) return "is not wired in PIPELINE.md";
  if (newest === null) return isOutput(wire) ? `${wire}, which no run has made yet` : wire;
  const age = `${wire} of ${newest.run}, ${ago(Date.parse(newest.endedAt), now)}`;
  return stale === null ? age : `${age}, stale`;
}

function titleOf({ newest, stale }: InputView): string {
  const branch = newest?.branch == null ? "" : `Made on branch ${newest.branch}. `;
  return stale === null ? branch.trim() : `${branch}A run would make it anew: ${stale}`;
}

/** `stage.output`, and no path, glob or address. */
function isOutput(wire: string): boolean {
  return /^[A-Za-z][\w-]*\.[A-Za-z][\w-]*$/.test(wire);
}
