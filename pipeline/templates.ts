/** Templates: notebooks whose cells are the slots of a stage, in order. A project's own win over the shipped ones. */
import { readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import type { PortKind } from "../core/contract.ts";
import type { Diagnostic } from "../core/diagnostic.ts";
import { readNotebook, type Cell, type Notebook } from "../core/notebook/index.ts";
import { STEPLAB_ROOT } from "../core/own-sources.ts";

export interface TemplateSlot {
  /** A slot's tag, or "body": the cells without one. */
  name: string;
  required: boolean;
  /** Several cells may fill it. */
  repeat: boolean;
  /** One line for the person who fills it; shown by JupyterLab and `steplab new`. */
  guidance: string;
  /** As it stands in the template: placeholder text, tags and locks. */
  cell: Cell;
}

/** What a stage of this kind must do, beyond having its slots. */
export interface TemplateRequirements {
  /** At least so many checks are made. */
  checks?: number;
  /** At least so many metrics are declared. */
  metrics?: number;
  /** At least one output of each of these kinds; of a list, of one of its kinds. */
  outputs?: (PortKind | PortKind[])[];
}

export interface Template {
  name: string;
  title: string;
  /** One sentence: what stages of this kind are for. */
  describes: string;
  requires: TemplateRequirements;
  /** In the order of the template. */
  slots: TemplateSlot[];
  notebook: Notebook;
  /** One of the project's, whose code means what it says: the shipped ones hold placeholders. */
  own: boolean;
}

export interface TemplatesRead {
  templates: Map<string, Template>;
  diagnostics: Diagnostic[];
}

/** Names of a stage notebook's cells that no slot tag marks. */
export const BODY = "body";

/** The template that a stage's notebook names in its metadata; undefined where it names none. */
export function templateNameOf(notebook: Notebook): string | undefined {
  const name = notebook.metadata.steplab?.["template"];
  return typeof name === "string" ? name : undefined;
}

/** The shipped templates, then the project's `templates/*.ipynb` over them by name. */
export function readTemplates(root: string): TemplatesRead {
  const templates = new Map<string, Template>();
  const diagnostics: Diagnostic[] = [];
  const shipped = join(STEPLAB_ROOT, "templates");
  for (const folder of new Set([shipped, join(root, "templates")]))
    for (const file of notebooksIn(folder)) {
      const read = readTemplate(readFileSync(join(folder, file), "utf8"), `templates/${file}`);
      diagnostics.push(...read.diagnostics);
      const own = folder !== shipped;
      if (read.template) templates.set(read.template.name, { ...read.template, own });
    }
  return { templates, diagnostics };
}

/** `file` is the template's name in diagnostics; its base name is the template's unless its metadata says another. */
export function readTemplate(
  text: string,
  file: string,
): { template: Template | null; diagnostics: Diagnostic[] } {
  const { notebook, diagnostics } = readNotebook(text, file);
  if (!notebook) return { template: null, diagnostics };
  const about = recordOr(notebook.metadata.steplab?.["template"]);
  const slots: TemplateSlot[] = [];
  for (const cell of notebook.cells) {
    const slot = recordOr(cell.metadata.steplab?.["slot"]);
    const name = textOr(slot["name"], cell.slot ?? "");
    if (name === "") {
      diagnostics.push({
        code: "structure/unknown-template",
        severity: "error",
        message: `Cell ${cell.number} of this template says no slot.`,
        hint: 'give it `"steplab": { "slot": { "name": …, "required": …, "repeat": …, "guidance": … } }` in its metadata.',
        at: { file, cell: { number: cell.number, id: cell.id } },
      });
      continue;
    }
    slots.push({
      name,
      required: slot["required"] === true,
      repeat: slot["repeat"] === true,
      guidance: textOr(slot["guidance"], ""),
      cell,
    });
  }
  const name = textOr(about["name"], basename(file, ".ipynb"));
  const template: Template = {
    name,
    title: textOr(about["title"], name),
    describes: textOr(about["describes"], ""),
    requires: recordOr(about["requires"]), // shipped with steplab, or the project's own word
    slots,
    notebook,
    own: false,
  };
  return { template, diagnostics };
}

function notebooksIn(folder: string): string[] {
  try {
    return readdirSync(folder)
      .filter((file) => file.endsWith(".ipynb"))
      .sort();
  } catch {
    return []; // a project without templates of its own
  }
}

function recordOr(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>) // an object, by the test before
    : {};
}

function textOr(value: unknown, otherwise: string): string {
  return typeof value === "string" && value !== "" ? value : otherwise;
}
