/** The dialog's form: a name, a template, what the stage follows. Says what is wrong while it is typed. */
import type { Dialog } from "@jupyterlab/apputils";
import { Widget } from "@lumino/widgets";
import type { NewStage, TemplateView } from "../../../runner/service/protocol.ts";
import { element } from "../look/element.ts";

/** As `pipeline/document/wire.ts` has it. */
const NAME = /^[A-Za-z][A-Za-z0-9_-]*$/;

export class NewStageForm extends Widget implements Dialog.IBodyWidget<NewStage> {
  readonly #taken: ReadonlySet<string>;
  readonly #name = element("input", {
    id: "steplab-new-name",
    type: "text",
    autocomplete: "off",
    spellcheck: "false",
    "aria-describedby": "steplab-new-problem",
  });
  readonly #template = element("select", { id: "steplab-new-template" });
  readonly #describes = element("small", { class: "steplab-Quiet" });
  readonly #problem = element("small", { id: "steplab-new-problem", role: "status" });
  readonly #after: HTMLInputElement[];

  constructor(
    templates: readonly TemplateView[],
    stages: readonly string[],
    chosen: string | undefined,
  ) {
    super();
    this.addClass("steplab-NewStage");
    this.#taken = new Set(stages);
    for (const { name } of templates) {
      const option = element("option", { value: name }, name);
      option.selected = name === chosen;
      this.#template.append(option);
    }
    // The last stage is what a new one mostly follows.
    this.#after = stages.map((name, index) => {
      const box = element("input", { type: "checkbox", value: name });
      box.checked = index === stages.length - 1;
      return box;
    });
    const describe = (): void => {
      const template = templates.find(({ name }) => name === this.#template.value);
      this.#describes.textContent = template?.describes ?? "";
    };
    this.#template.addEventListener("change", describe);
    this.#name.addEventListener("input", () => this.#judge());
    describe();
    this.node.append(
      element("label", { for: "steplab-new-name" }, "Name"),
      this.#name,
      this.#problem,
      element("label", { for: "steplab-new-template" }, "Template"),
      this.#template,
      this.#describes,
      ...(stages.length === 0
        ? []
        : [
            element(
              "fieldset",
              {},
              element("legend", {}, "Reads what these write"),
              ...this.#after.map((box) => element("label", {}, box, box.value)),
            ),
          ]),
    );
    this.#name.value = this.#freeName(chosen ?? "");
    this.#judge();
  }

  getValue(): NewStage {
    return {
      name: this.#name.value.trim(),
      template: this.#template.value,
      after: this.#after.filter(({ checked }) => checked).map(({ value }) => value),
    };
  }

  protected override onAfterAttach(): void {
    this.#name.focus();
    this.#name.select();
    this.#judge();
  }

  #freeName(wanted: string): string {
    return wanted !== "" && !this.#taken.has(wanted) ? wanted : "";
  }

  #judge(): void {
    const name = this.#name.value.trim();
    const problem =
      name === ""
        ? ""
        : !NAME.test(name)
          ? "Letters, digits, - and _, beginning with a letter."
          : this.#taken.has(name)
            ? `There is a stage ${name} already.`
            : "";
    this.#problem.textContent = problem;
    this.#problem.className = problem === "" ? "" : "steplab-Problem-text";
    const accept = this.node
      .closest(".jp-Dialog")
      ?.querySelector<HTMLButtonElement>(".jp-mod-accept");
    if (accept) accept.disabled = name === "" || problem !== "";
  }
}
