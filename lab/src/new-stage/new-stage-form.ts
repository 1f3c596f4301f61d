/** The form of a new stage, for a dialog: its name, its template, and which stages it follows. */
import type { Dialog } from "@jupyterlab/apputils";
import { Widget } from "@lumino/widgets";
import type {
  Failure,
  NewStage,
  StageView,
  TemplateView,
} from "../../../runner/service/protocol.ts";
import { element } from "../look/element.ts";
import { nameProblem } from "./stage-name.ts";

/** Made outside of the pipeline: it is in no chain. */
const EXPLORE = "explore";

export class NewStageForm extends Widget implements Dialog.IBodyWidget<NewStage> {
  readonly #taken: readonly string[];
  readonly #templates: readonly TemplateView[];
  readonly #name = element("input", {
    type: "text",
    class: "jp-mod-styled",
    required: true,
    spellcheck: "false",
    autocomplete: "off",
    "aria-describedby": "steplab-new-stage-problem",
  });
  readonly #problem = element("div", {
    class: "steplab-NewStage-problem",
    id: "steplab-new-stage-problem",
    role: "alert",
  });
  readonly #template: HTMLSelectElement;
  readonly #describes = element("div", { class: "steplab-NewStage-describes" });
  readonly #after: HTMLInputElement[];
  readonly #file = element("input", {
    type: "text",
    class: "jp-mod-styled",
    name: "file",
    spellcheck: "false",
    autocomplete: "off",
    placeholder: "data/….csv",
  });

  /** @param asked what was asked before and refused, with the reason */
  constructor(
    stages: readonly StageView[],
    templates: readonly TemplateView[],
    asked: Partial<NewStage>,
    refused: Failure | null,
  ) {
    super();
    this.addClass("steplab-NewStage");
    this.#taken = stages.map(({ name }) => name);
    this.#templates = templates;
    this.#template = element(
      "select",
      { class: "jp-mod-styled" },
      ...templates.map(({ name, own }) =>
        element(
          "option",
          { value: name, selected: name === asked.template },
          own ? `${name} (this project's)` : name,
        ),
      ),
    );
    this.#after = stages.map(({ name }) =>
      element("input", {
        type: "checkbox",
        value: name,
        checked: asked.after?.includes(name) ?? false,
      }),
    );
    this.#name.value = asked.name ?? "";
    this.#file.value = asked.file ?? "";
    this.node.append(
      field("Name", this.#name, this.#problem),
      field("Template", this.#template, this.#describes),
      this.#followsField(stages),
      field("It reads the file (its schema is written for you)", this.#file, element("div")),
    );
    this.#name.addEventListener("input", () => {
      this.#check(true);
      this.#tellDialog();
    });
    this.#template.addEventListener("change", () => this.#describe());
    this.#check(false);
    this.#describe();
    if (refused !== null)
      this.#problem.textContent = [refused.message, refused.hint].filter(Boolean).join(" ");
  }

  getValue(): NewStage {
    const file = this.#file.value.trim();
    return {
      name: this.#name.value.trim(),
      template: this.#template.value,
      after: this.#after.filter(({ checked }) => checked).map(({ value }) => value),
      ...(file !== "" && { file }),
    };
  }

  protected override onAfterAttach(): void {
    requestAnimationFrame(() => this.#tellDialog());
  }

  /** A dialog looks at what is valid when something is typed, and before the form itself has. */
  #tellDialog(): void {
    this.#template.dispatchEvent(new Event("input", { bubbles: true }));
  }

  /** @param aloud nobody is told that a field is empty that was never typed into */
  #check(aloud: boolean): void {
    const problem = nameProblem(this.#name.value.trim(), this.#taken);
    this.#name.setCustomValidity(problem); // the dialog's button follows it
    this.#problem.textContent = aloud ? problem : "";
  }

  #describe(): void {
    const chosen = this.#templates.find(({ name }) => name === this.#template.value);
    const where =
      chosen?.name === EXPLORE ? " In no chain: it is not entered into PIPELINE.md." : "";
    this.#describes.textContent = `${chosen?.describes ?? ""}${where}`;
  }

  #followsField(stages: readonly StageView[]): HTMLElement {
    if (stages.length === 0) return element("div");
    return element(
      "fieldset",
      { class: "steplab-NewStage-follows" },
      element("legend", {}, "It reads the outputs of"),
      ...stages.map(({ name, title }, index) =>
        element(
          "label",
          {},
          this.#after[index] ?? null,
          element("span", {}, name),
          element("span", { class: "steplab-Quiet" }, title === name ? "" : title),
        ),
      ),
    );
  }
}

function field(label: string, input: HTMLElement, below: HTMLElement): HTMLElement {
  return element("label", { class: "steplab-NewStage-field" }, label, input, below);
}
