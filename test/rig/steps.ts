/** Small pipelines in few words: stages of a template that demands nothing, so that a test shows only what it is about. */
import { stringify } from "yaml";
import {
  codeCell,
  makeNotebook,
  markdownCell,
  STEPLAB_KERNELSPEC,
  type Notebook,
} from "../../core/notebook/index.ts";
import type { CellOptions } from "../../core/notebook/make.ts";
import { stageNotebook, type StageNotebookText } from "./notebook.ts";
import { makeProject, type Project } from "./project.ts";

/** A stage: what its notebook says, and what PIPELINE.md says of it. */
export interface Step extends Omit<StageNotebookText, "inputs"> {
  /** Declared in the notebook by kind, wired in the document: `{ rows: ["a.json(z.number())", "make.rows"] }`. */
  inputs?: Record<string, readonly [kind: string, wire: string]>;
  /** Members of the stage block beside name, notebook and inputs. */
  yaml?: Record<string, unknown>;
  /** The section's prose. */
  prose?: string;
}

export type Steps = Record<string, Step>;

/** What every stage of the pipeline is called in the document's front matter. */
export interface FrontMatter {
  pipeline?: string;
  seed?: number;
  params?: Record<string, unknown>;
  profiles?: Record<string, Record<string, unknown>>;
}

export function documentOf(steps: Steps, front: FrontMatter = {}): string {
  const sections = Object.entries(steps).map(([name, { inputs = {}, yaml = {}, prose }]) => {
    const wires = Object.fromEntries(
      Object.entries(inputs).map(([input, [, wire]]) => [input, wire]),
    );
    const block = stringify({
      name,
      notebook: notebookPath(name),
      ...(Object.keys(wires).length > 0 && { inputs: wires }),
      ...yaml,
    });
    return `## The stage ${name}\n\n${prose ?? `Why there is a stage ${name}.`}\n\n\`\`\`yaml stage\n${block}\`\`\`\n`;
  });
  return `---\n${stringify({ pipeline: "steps", ...front })}---\n\n${sections.join("\n")}`;
}

export function notebookPath(stage: string): string {
  return `notebooks/${stage}.ipynb`;
}

export function notebookOf({ inputs, yaml: _yaml, prose: _prose, ...text }: Step): Notebook {
  const kinds = Object.entries(inputs ?? {}).map(([name, [kind]]) => `${name}: ${kind}`);
  return stageNotebook({
    template: "step",
    checks: "",
    ...text,
    inputs: `const input = inputs({ ${kinds.join(", ")} });`,
  });
}

export function stepFiles(
  steps: Steps,
  front: FrontMatter = {},
): Record<string, string | Notebook> {
  return {
    "PIPELINE.md": documentOf(steps, front),
    "templates/step.ipynb": STEP_TEMPLATE,
    ...Object.fromEntries(
      Object.entries(steps).map(([name, step]) => [notebookPath(name), notebookOf(step)]),
    ),
  };
}

/** A project of these steps; its own template `step` has every slot and requires nothing. */
export async function stepProject(
  steps: Steps,
  front: FrontMatter = {},
  more: Record<string, string | Uint8Array | Notebook> = {},
): Promise<Project> {
  return await makeProject({ ...stepFiles(steps, front), ...more });
}

/** Replaces one stage's notebook, as an edit in JupyterLab would. */
export async function editStep(project: Project, name: string, step: Step): Promise<void> {
  await project.write(notebookPath(name), notebookOf(step));
}

const slot = (name: string, repeat = false): Pick<CellOptions, "metadata"> => ({
  metadata: { steplab: { slot: { name, required: false, repeat, guidance: "" } } },
});

const STEP_TEMPLATE = makeNotebook(
  [
    markdownCell("", { slot: "description", ...slot("description") }),
    codeCell("", { slot: "imports", ...slot("imports") }),
    codeCell("", { slot: "parameters", ...slot("parameters") }),
    codeCell("", { slot: "inputs", ...slot("inputs") }),
    codeCell("", { slot: "outputs", ...slot("outputs") }),
    codeCell("", slot("body", true)),
    codeCell("", { slot: "checks", ...slot("checks", true) }),
    codeCell("", { slot: "scratch", ...slot("scratch", true) }),
  ],
  {
    ...STEPLAB_KERNELSPEC,
    steplab: {
      template: { name: "step", title: "Step", describes: "A stage of tests.", requires: {} },
    },
  },
);

/** A stage that writes one number, and one that reads it: the least chain there is. */
export const MAKE: Step = {
  parameters: "const params = parameters({ n: z.int().default(3) });",
  outputs: "const output = outputs({ n: a.json(z.int()) });",
  body: "await output.n.write(params.n);",
};

export const DOUBLE: Step = {
  inputs: { n: ["a.json(z.int())", "make.n"] },
  outputs: "const output = outputs({ n: a.json(z.int()) });",
  body: "await output.n.write(2 * (await input.n.read()));",
};
