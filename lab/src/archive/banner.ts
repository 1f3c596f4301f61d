/** Above an executed notebook: which run and stage it is of, what changed since, and the way to the working copy. */
import { Notification } from "@jupyterlab/apputils";
import { Widget } from "@lumino/widgets";
import type { DiffHunk } from "../../../core/line-diff.ts";
import type { SinceView } from "../../../runner/service/protocol.ts";
import { button, element } from "../look/element.ts";

export interface ArchivedFacts {
  run: string;
  stage: string;
  status: string;
}

interface BannerActions {
  openWorkingCopy(): void;
  restore(): Promise<void>;
  /** Null outside of a project. */
  since(): Promise<SinceView | null>;
}

/** One line. Its height is there from the beginning, so that nothing jumps when the answer comes. */
export class Banner extends Widget {
  /** What changed since, which the line opens; it belongs below the line. */
  readonly changes = new Changes();

  constructor(
    { run, stage, status }: ArchivedFacts,
    { openWorkingCopy, restore, since }: BannerActions,
  ) {
    super();
    this.addClass("steplab-Archived");
    const verdict = element("span", { class: "steplab-Archived-since", role: "status" });
    this.node.append(
      element(
        "span",
        {},
        "Stage ",
        element("strong", {}, stage),
        " as it ran in ",
        element("strong", {}, run),
        status === "" ? null : `: ${status}`,
      ),
      button({ class: "steplab-Link" }, openWorkingCopy, "Open the working copy"),
      button(
        {
          class: "steplab-Link",
          title: "A live notebook with the code, inputs, parameters and seed of this run",
        },
        () => void restore().catch((error: unknown) => Notification.error(wordsOf(error))),
        "Open with its inputs",
      ),
      verdict,
    );
    void since().then(
      (view) => {
        if (view === null || this.isDisposed) return;
        const parts = partsOf(view);
        if (parts.length === 0) return verdict.append(WORDS[view.verdict]);
        this.changes.node.append(...parts);
        const toggle = button(
          { class: "steplab-Link", "aria-expanded": "false" },
          () => {
            this.changes.setHidden(!this.changes.isHidden);
            toggle.setAttribute("aria-expanded", String(!this.changes.isHidden));
          },
          `What changed since (${countOf(parts.length)})`,
        );
        verdict.append(toggle);
      },
      (error: unknown) => verdict.append(wordsOf(error)),
    );
  }
}

/** A widget of its own: JupyterLab gives the notebook the height that it does not take. */
class Changes extends Widget {
  constructor() {
    super();
    this.addClass("steplab-Archived-changes");
    this.node.setAttribute("role", "region");
    this.node.setAttribute("aria-label", "What changed since");
    this.node.tabIndex = 0;
    this.hide();
  }
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

const WORDS: Record<SinceView["verdict"], string> = {
  same: "Nothing changed since: a run would make the same.",
  changed: "The code is the same; its inputs, packages or seed are others now.",
  gone: "The pipeline has no such stage any more.",
  unknown: "The code is the same.",
};

function countOf(changes: number): string {
  return changes === 1 ? "1 change" : `${changes} changes`;
}

function partsOf({ cells, modules, params }: SinceView): HTMLElement[] {
  return [
    ...params.map(({ path, before, after }) =>
      element(
        "div",
        { class: "steplab-Change" },
        element(
          "div",
          { class: "steplab-Change-title" },
          `parameter ${path}: ${shown(before)} → ${shown(after)}`,
        ),
      ),
    ),
    ...(cells ?? []).map(({ kind, slot, before, after, source }) =>
      change(`cell ${after ?? before ?? 0}${slot === null ? "" : ` (${slot})`}, ${kind}`, source),
    ),
    ...modules.map(({ path, change: kind, lines }) => change(`${path}, ${kind}`, lines ?? [])),
  ];
}

function shown(value: unknown): string {
  return value === undefined ? "none" : JSON.stringify(value);
}

function change(title: string, hunks: readonly DiffHunk[]): HTMLElement {
  return element(
    "div",
    { class: "steplab-Change" },
    element("div", { class: "steplab-Change-title" }, title),
    ...hunks.map(({ lines }) =>
      element(
        "pre",
        { class: "steplab-Change-lines" },
        ...lines.map(({ kind, line }) =>
          // The sign says it too: colour alone would not.
          element("div", { "data-kind": kind }, `${SIGNS[kind]} ${line}`),
        ),
      ),
    ),
  );
}

const SIGNS = { same: " ", removed: "-", added: "+" };
