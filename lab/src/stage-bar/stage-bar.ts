/**
 * The bar above a stage's notebook: which stage it is, what its inputs are bound to and whether that is up to date, and
 * the slots that it lacks, each put back with one click. Always there for such a notebook, so that nothing jumps.
 */
import type { INotebookModel } from "@jupyterlab/notebook";
import { Widget } from "@lumino/widgets";
import type { InputView, ServedNotebook } from "../../../runner/service/protocol.ts";
import { ago } from "../format.ts";
import type { OpenNotebook } from "../judge/open-documents.ts";
import { button, element } from "../look/element.ts";
import { severityIcon } from "../look/icons.ts";

type SharedCell = Parameters<INotebookModel["sharedModel"]["insertCell"]>[1];
type MissingSlot = ServedNotebook["missing"][number];

/** @returns what ends it */
export function showStageBar(opened: OpenNotebook): () => void {
  const { panel, path, judge } = opened;
  const { project } = judge;
  const bar = new Widget();
  bar.addClass("steplab-StageBar");
  bar.node.setAttribute("role", "group");
  bar.node.setAttribute("aria-label", "Stage");
  panel.contentHeader.addWidget(bar);
  let inputs: readonly InputView[] = [];
  let drawn = "";
  const draw = (): void => {
    const shape = judge.judgement?.notebooks[path];
    const now = JSON.stringify([shape?.template, shape?.stages, shape?.missing, inputs, minute()]);
    if (now === drawn || bar.isDisposed) return;
    drawn = now;
    bar.node.replaceChildren(
      titleOf(shape),
      ...inputs.map(inputChip),
      ...(shape?.missing ?? []).map((slot) => putBackButton(slot, opened)),
    );
  };
  /** Asked again when runs or files changed: the newest artifact may be another one. */
  const ask = async (): Promise<void> => {
    try {
      ({ inputs } = await project.ask("inputs", { notebook: path }));
    } catch {
      return; // the project's state says it, and it is asked again when it is connected
    }
    draw();
  };
  const onPush = (): void => void ask();
  judge.judged.connect(draw);
  project.pushed.connect(onPush);
  project.stateChanged.connect(onPush);
  draw();
  void ask();
  return () => {
    judge.judged.disconnect(draw);
    project.pushed.disconnect(onPush);
    project.stateChanged.disconnect(onPush);
    bar.dispose();
  };
}

/** Ages are drawn again with the next judgement, but not with every one. */
function minute(): number {
  return Math.floor(Date.now() / 60_000);
}

function titleOf(shape: ServedNotebook | undefined): HTMLElement {
  const stages = shape?.stages ?? [];
  const words =
    stages.length > 0
      ? `${stages.length === 1 ? "Stage" : "Stages"} ${stages.join(", ")}`
      : shape?.template === "explore"
        ? "Exploration"
        : shape === undefined
          ? ""
          : "In no pipeline yet";
  const template = shape?.template ?? null;
  return element(
    "span",
    { class: "steplab-StageBar-title" },
    words,
    template === null || template === "explore"
      ? null
      : element("span", { class: "steplab-Quiet" }, ` template ${template}`),
  );
}

function inputChip({ name, wire, newest, stale }: InputView): HTMLElement {
  const [text, title] =
    newest === null
      ? [
          wire ?? "not wired",
          wire === null ? "PIPELINE.md says no source for it." : `${wire}: read as it is.`,
        ]
      : [
          `run ${newest.run.slice(-4)}, ${ago(Date.parse(newest.endedAt))}`,
          `${wire} of run ${newest.run}${newest.branch === null ? "" : `, branch ${newest.branch}`}`,
        ];
  return element(
    "span",
    {
      class: `steplab-Input${stale === null ? "" : " steplab-mod-stale"}`,
      title: stale === null ? title : `${title}\nNot up to date: ${stale}`,
      "data-input": name,
    },
    stale === null ? null : severityIcon("warning"),
    element("strong", {}, name),
    ` ${text}`,
    stale === null ? null : element("span", {}, ", stale"),
  );
}

function putBackButton(slot: MissingSlot, { panel, model }: OpenNotebook): HTMLElement {
  return button(
    { class: "steplab-PutBack-button", title: slot.guidance, "data-slot": slot.slot },
    () => {
      const at = Math.min(slot.before, model.cells.length);
      model.sharedModel.insertCell(at, slot.cell as unknown as SharedCell); // nbformat, which this takes
      panel.content.activeCellIndex = at;
      void panel.content.scrollToItem(at, "smart");
    },
    `Put back ${slot.slot}`,
  );
}
