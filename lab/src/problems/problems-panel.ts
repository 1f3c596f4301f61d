/** All that lint says of the current project, as a list that leads to each place. */
import { Widget } from "@lumino/widgets";
import type { Diagnostic, Severity } from "../../../core/diagnostic.ts";
import { countsOf, SEVERITIES, wordsOf } from "../look/counts.ts";
import { button, element } from "../look/element.ts";
import { severityIcon, stageIcon } from "../look/icons.ts";
import type { ProjectJudge } from "../judge/project-judge.ts";
import { cellOf } from "../marks/explanation.ts";

export interface ProblemsActions {
  jump(diagnostic: Diagnostic): void;
  explain(code: string): void;
}

const NAMES: Record<Severity, string> = {
  error: "Errors",
  warning: "Warnings",
  information: "Information",
};

export class ProblemsPanel extends Widget {
  readonly #actions: ProblemsActions;
  readonly #shown: Record<Severity, boolean> = { error: true, warning: true, information: false };
  readonly #bar = element("div", {
    class: "steplab-Problems-bar",
    role: "toolbar",
    "aria-label": "Which problems",
  });
  readonly #list = element("div", {
    class: "steplab-Problems-list",
    role: "list",
    "aria-label": "Problems",
  });
  #judge: ProjectJudge | null = null;
  /** What is drawn: the same judgement again leaves focus and scrolling alone. */
  #drawn = "";

  constructor(actions: ProblemsActions) {
    super();
    this.#actions = actions;
    this.id = "steplab-problems";
    this.addClass("steplab-Problems");
    this.title.label = "Problems";
    this.title.icon = stageIcon;
    this.title.caption = "What steplab lint says of this project";
    this.title.closable = true;
    this.node.append(this.#bar, this.#list);
    this.#list.addEventListener("keydown", (event) => this.#move(event));
  }

  /** Shows another project, or none. */
  follow(judge: ProjectJudge | null): void {
    this.#judge?.judged.disconnect(this.draw, this);
    this.#judge?.project.stateChanged.disconnect(this.draw, this);
    this.#judge = judge;
    judge?.judged.connect(this.draw, this);
    judge?.project.stateChanged.connect(this.draw, this);
    if (judge !== null && judge.judgement === null) judge.touch(0);
    this.draw();
  }

  draw(): void {
    const diagnostics = this.#judge?.judgement?.diagnostics ?? [];
    const drawn = JSON.stringify([diagnostics, this.#shown, this.#message()]);
    if (drawn === this.#drawn) return;
    this.#drawn = drawn;
    this.#drawBar(diagnostics);
    this.#drawList(diagnostics.filter(({ severity }) => this.#shown[severity]));
  }

  protected override onBeforeShow(): void {
    this.draw();
  }

  #drawBar(diagnostics: readonly Diagnostic[]): void {
    const counts = countsOf(diagnostics);
    const focused = (document.activeElement as HTMLElement | null)?.dataset["severity"];
    const toggles = SEVERITIES.map((severity) =>
      button(
        {
          class: "steplab-Toggle",
          "aria-pressed": String(this.#shown[severity]),
          "data-severity": severity,
        },
        () => {
          this.#shown[severity] = !this.#shown[severity];
          this.draw();
        },
        severityIcon(severity),
        `${NAMES[severity]} ${counts[severity]}`,
      ),
    );
    const folder = this.#judge?.project.folder;
    const name =
      folder === undefined ? "" : folder === "" ? "PIPELINE.md" : `${folder}/PIPELINE.md`;
    this.#bar.replaceChildren(...toggles, element("span", { class: "steplab-Quiet" }, name));
    toggles.find((toggle) => toggle.dataset["severity"] === focused)?.focus();
  }

  #drawList(diagnostics: readonly Diagnostic[]): void {
    const message = this.#message() ?? (diagnostics.length === 0 ? this.#nothing() : null);
    const groups = Map.groupBy(diagnostics, ({ at }) => at.file);
    this.#list.replaceChildren(
      ...(message === null ? [] : [element("p", { class: "steplab-Problems-message" }, message)]),
      ...[...groups].flatMap(([file, mine]) => [
        element(
          "div",
          { class: "steplab-Problems-file" },
          file,
          element("span", { class: "steplab-Quiet" }, wordsOf(countsOf(mine))),
        ),
        ...mine.map((diagnostic) => this.#row(diagnostic)),
      ]),
    );
  }

  #row(diagnostic: Diagnostic): HTMLElement {
    const { code, severity, message, hint, at } = diagnostic;
    const place = [
      ...(at.cell === undefined ? [] : [cellOf(at.cell)]),
      ...(at.line === undefined ? [] : [`line ${at.line}`]),
    ].join(", ");
    return element(
      "div",
      { class: "steplab-Problem", role: "listitem" },
      button(
        {
          class: "steplab-Problem-place",
          title: hint === undefined ? message : `${message}\n\nHint: ${hint}`,
        },
        () => this.#actions.jump(diagnostic),
        severityIcon(severity),
        element("span", { class: "steplab-Problem-words" }, message),
        element("span", { class: "steplab-Quiet" }, place),
      ),
      button(
        { class: "steplab-Link", title: `What ${code} means` },
        () => this.#actions.explain(code),
        code,
      ),
    );
  }

  /** Null: there is a list to show. */
  #message(): string | null {
    if (this.#judge === null)
      return "No steplab project is open. A project is a folder with a PIPELINE.md.";
    const { project, judgement, failure } = this.#judge;
    const trouble = project.failure ?? failure;
    if (trouble !== null) return [trouble.message, trouble.hint].filter(Boolean).join(" ");
    return judgement === null ? "Reading the project …" : null;
  }

  #nothing(): string {
    const hidden = this.#judge?.judgement?.diagnostics.length ?? 0;
    return hidden === 0 ? "No problems." : "No problems of the kinds that are shown.";
  }

  /** Arrow keys go from row to row. */
  #move(event: KeyboardEvent): void {
    const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    if (step === 0) return;
    const rows = [...this.#list.querySelectorAll<HTMLElement>(".steplab-Problem-place")];
    const next = rows[rows.indexOf(document.activeElement as HTMLElement) + step];
    if (next === undefined) return;
    event.preventDefault();
    next.focus();
  }
}
