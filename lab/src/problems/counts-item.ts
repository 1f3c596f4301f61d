/** In the status bar: how many errors and warnings the current project has; leads to the list of them. */
import { Signal, type ISignal } from "@lumino/signaling";
import { Widget } from "@lumino/widgets";
import { countsOf, wordsOf } from "../look/counts.ts";
import { button } from "../look/element.ts";
import { severityIcon } from "../look/icons.ts";
import type { ProjectJudge } from "../judge/project-judge.ts";

export class CountsItem extends Widget {
  readonly #button: HTMLButtonElement;
  readonly #wantedChanged = new Signal<this, void>(this);
  #judge: ProjectJudge | null = null;

  constructor(onClick: () => void) {
    super();
    this.addClass("steplab-Counts");
    this.#button = button({ class: "steplab-Counts-button" }, onClick);
    this.node.append(this.#button);
  }

  /** Without a judgement there is nothing to count. */
  get isWanted(): boolean {
    return this.#judge?.judgement != null;
  }

  get wantedChanged(): ISignal<this, void> {
    return this.#wantedChanged;
  }

  follow(judge: ProjectJudge | null): void {
    this.#judge?.judged.disconnect(this.draw, this);
    this.#judge = judge;
    judge?.judged.connect(this.draw, this);
    this.draw();
  }

  draw(): void {
    const judgement = this.#judge?.judgement ?? null;
    this.#wantedChanged.emit();
    if (judgement === null) return;
    const counts = countsOf(judgement.diagnostics);
    this.#button.title = `steplab: ${wordsOf(counts)}`;
    this.#button.setAttribute("aria-label", this.#button.title);
    this.#button.replaceChildren(
      severityIcon("error"),
      String(counts.error),
      severityIcon("warning"),
      String(counts.warning),
    );
  }
}
