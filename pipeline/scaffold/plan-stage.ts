/** What `steplab new` will write, by what the project is: the stages before it, the notebooks beside it. Reads, writes nothing. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { didYouMean } from "../../core/did-you-mean.ts";
import { messageOf, StepLabError } from "../../core/error.ts";
import { writeNotebook } from "../../core/notebook/index.ts";
import { readPipeline } from "../document.ts";
import { NAME, parseWire } from "../document/wire.ts";
import type { SourceNotebook } from "../notebooks/source-notebook.ts";
import type { Pipeline, Stage } from "../pipeline.ts";
import { readTemplates, type Template } from "../templates.ts";
import { addSection, type NewSection } from "./add-section.ts";
import { folderOf } from "./imports.ts";
import {
  fileInputs,
  fitsAsItIs,
  knownInputs,
  templateInputs,
  wiredOutput,
  withFrom,
  type Wired,
} from "./known-inputs.ts";
import { liftCells } from "./lift.ts";
import { inputNameOf } from "../input-name.ts";
import { newStageNotebook, runsAsItIs } from "./new-stage.ts";
import { notebookPath, titleOf } from "./notebook-path.ts";
import type { LiftNote } from "./translate.ts";
import { wiredInputs, type LookOptions, type SeenFile, type WiredInputs } from "./wired-inputs.ts";

export interface NewStageOptions {
  projectRoot: string;
  document: string;
  name: string;
  template: string;
  /** The section's heading; made from the name where left out. */
  title?: string | undefined;
  /** Where the notebook will lie, relative to the root; beside the others where left out. */
  notebook?: string | undefined;
  /** Stages whose outputs this one reads. */
  after: readonly string[];
  /** Input to wire, over what `after` gives. */
  inputs: Readonly<Record<string, string>>;
  /** A file to read besides, relative to the root, or an address: the input's name is made of it. */
  file?: string | undefined;
  /** For files and addresses among the inputs. */
  look?: LookOptions;
  /** A notebook whose cells fill the slots. */
  from: { source: SourceNotebook; cells: ReadonlySet<number> | null } | null;
}

export interface NewStagePlan {
  notebook: { path: string; text: string };
  /** Schemas that were read off files, in a module of the project; null where there are none. */
  module: { path: string; text: string } | null;
  /** Null for an exploration, which stands in no document. */
  document: { path: string; text: string } | null;
  /** Input to where it comes from; null for one that is still to be wired. */
  inputs: Record<string, string | null>;
  /** What to look at in the notebook that cells were lifted from. */
  notes: LiftNote[];
  /** Of files that inputs are wired to: what was read off them, or why nothing was. */
  seen: SeenFile[];
  refused: WiredInputs["refused"];
  /** Every output that the notebook declares is written by what stands in it. */
  runsAsItIs: boolean;
}

/**
 * Plans one stage.
 *
 * @throws StepLabError `cli/usage` for a name that will not do, `run/unknown-stage`,
 * `project/in-the-way`, `lint/errors` for a document that cannot take a section
 */
export async function planStage(asked: NewStageOptions): Promise<NewStagePlan> {
  const { projectRoot, document, name } = asked;
  const documentText = readDocument(projectRoot, document);
  const pipeline = pipelineOf(documentText, document);
  checkName(name, pipeline);
  const template = templateOf(projectRoot, asked.template);
  const options = withFile(asked, template);
  const explores = template.name === "explore";
  const path = options.notebook ?? notebookPath(projectRoot, pipeline, name, explores);
  if (existsSync(join(projectRoot, path)))
    throw new StepLabError("project/in-the-way", `${path} is there already; nothing was changed.`, {
      hint: "Choose another name, or say where the notebook shall lie: --notebook notebooks/….ipynb",
    });
  const upstream = options.after.map((stage) => stageOf(pipeline, stage));
  const lifted = options.from && liftCells(options.from.source, options.from.cells, folderOf(path));
  const declared = knownInputs(projectRoot, path, template, upstream, lifted, options.inputs);
  const wired = await inputsByWires(options, { path, pipeline, template, declared });
  const known = [...declared, ...wired.inputs];
  const fits =
    lifted !== null || wired.inputs.length > 0
      ? null
      : await fitsAsItIs(projectRoot, path, template, upstream);
  const isTemplates = fits !== null || (known.length === 0 && !lifted);
  const title = options.title ?? titleOf(name);
  const inputs = known.map((each) => (explores ? withFrom(each) : each.input));
  const notebook = newStageNotebook(template, {
    title,
    inputs: isTemplates ? null : inputs,
    lifted,
  });
  const open = isTemplates ? templateInputs(template).map((each) => [each, null] as const) : [];
  const wires: Record<string, string | null> = {
    ...Object.fromEntries(open),
    ...(fits ?? Object.fromEntries(known.map(({ input, wire }) => [input.name, wire]))),
    ...options.inputs,
  };
  const section = { name, title, prose: proseOf(template), notebook: path, inputs: wires };
  return {
    notebook: { path, text: writeNotebook(notebook) },
    module: wired.module,
    document: explores
      ? null
      : { path: document, text: withSection(documentText, document, section) },
    inputs: explores ? {} : wires,
    notes: lifted?.notes ?? [],
    seen: wired.seen,
    refused: wired.refused,
    runsAsItIs:
      lifted === null && !isTemplates && runsAsItIs(template, inputs) && wired.refused.length === 0,
  };
}

/** The file as an input: of a template of the project's own, the first that takes files. */
function withFile(options: NewStageOptions, template: Template): NewStageOptions {
  const { file, inputs } = options;
  if (file === undefined) return options;
  const open = fileInputs(template).find((each) => !(each in inputs));
  const name = template.own ? open : inputNameOf(file);
  if (name === undefined) throw undeclared(template, file);
  const isAddress = parseWire(file)?.kind === "url";
  // Without a slash it would be a stage's output: `listings.csv` (document/wire.ts).
  const wire = isAddress || /[/\\]/.test(file) ? file : `./${file}`;
  const kind = parseWire(wire)?.kind;
  if (kind === "path" || kind === "url") return { ...options, inputs: { ...inputs, [name]: wire } };
  throw new StepLabError("cli/usage", `${file} cannot be wired by its name.`, {
    hint:
      kind === "glob"
        ? "PIPELINE.md takes *, ?, [ and { for a pattern: rename the file."
        : "A path below the project's root, or an address that begins with http:// or https://.",
  });
}

function undeclared({ name }: Template, what: string): StepLabError {
  return new StepLabError(
    "cli/usage",
    `Template "${name}" is this project's own, and declares no input for ${what}.`,
    {
      hint: "Make the stage without it, then declare it in the notebook and wire it in PIPELINE.md.",
    },
  );
}

/** Inputs that nothing declares but their wires. A project's own template means what it declares, and stays as it is. */
async function inputsByWires(
  { projectRoot, name, inputs, look }: NewStageOptions,
  {
    path,
    pipeline,
    template,
    declared,
  }: { path: string; pipeline: Pipeline; template: Template; declared: readonly Wired[] },
): Promise<Omit<WiredInputs, "inputs"> & { inputs: Wired[] }> {
  const placeholders = templateInputs(template);
  const known = new Set([
    ...declared.map(({ input }) => input.name),
    ...(template.own ? placeholders : []),
  ]);
  const open = Object.entries(inputs).filter(([input]) => !known.has(input));
  const [first] = open;
  if (template.own && first !== undefined) throw undeclared(template, first.join("="));
  const outputs = open.flatMap(
    ([input, wire]) =>
      wiredOutput(projectRoot, path, (stage) => stageOf(pipeline, stage), input, wire) ?? [],
  );
  const files = await wiredInputs(projectRoot, path, name, Object.fromEntries(open), look ?? {});
  // Of files that are not there yet, the template's placeholders say more than could be written; an exploration's have wires.
  const isTemplates = open.every(
    ([input]) => files.missing.has(input) && placeholders.includes(input),
  );
  if (isTemplates && declared.length === 0 && template.name !== "explore")
    return { ...files, inputs: [] };
  return { ...files, inputs: [...outputs, ...files.inputs] };
}

function withSection(text: string, document: string, section: NewSection): string {
  const added = addSection(text, document, section);
  if (added !== null) return added;
  throw new StepLabError("lint/errors", `${document} cannot take another section as it stands.`, {
    hint: "npx steplab lint says what is wrong with it.",
  });
}

function readDocument(root: string, document: string): string {
  try {
    return readFileSync(join(root, document), "utf8");
  } catch (error) {
    throw new StepLabError(
      "project/unreadable-file",
      `${document} cannot be read: ${messageOf(error)}`,
      {
        cause: error,
      },
    );
  }
}

function pipelineOf(text: string, document: string): Pipeline {
  const { pipeline } = readPipeline(text, document);
  if (pipeline) return pipeline;
  throw new StepLabError("lint/errors", `${document} cannot be read as a pipeline.`, {
    hint: "npx steplab lint says what is wrong with it.",
  });
}

function checkName(name: string, pipeline: Pipeline): void {
  if (!NAME.test(name))
    throw new StepLabError("cli/usage", `"${name}" cannot be a stage's name.`, {
      hint: "A letter, then letters, digits, - and _: it becomes part of folders' names and of -p stage.name=value.",
    });
  if (pipeline.stages.some((stage) => stage.name === name))
    throw new StepLabError(
      "project/in-the-way",
      `${pipeline.document} has a stage "${name}" already; nothing was changed.`,
      {
        hint: "Choose another name.",
      },
    );
}

function templateOf(root: string, name: string): Template {
  const { templates } = readTemplates(root);
  const template = templates.get(name);
  if (template) return template;
  const names = [...templates.keys()];
  throw new StepLabError("cli/usage", `There is no template "${name}".`, {
    hint: didYouMean(name, names) ?? `There are: ${names.join(", ")}.`,
  });
}

function stageOf(pipeline: Pipeline, name: string): Stage {
  const stage = pipeline.stages.find((each) => each.name === name);
  if (stage) return stage;
  const names = pipeline.stages.map((each) => each.name);
  throw new StepLabError("run/unknown-stage", `${pipeline.document} has no stage "${name}".`, {
    hint: didYouMean(name, names) ?? `It has: ${names.join(", ") || "none yet"}.`,
  });
}

/** What the template's description says below its heading: a sentence to be replaced. */
function proseOf(template: Template): string {
  const description = template.slots.find(({ name }) => name === "description")?.cell.source ?? "";
  return description.replace(/^#[^\n]*\n+/, "").trim();
}

/** `name=wire` of the command line. @throws StepLabError `cli/usage` */
export function readInputWire(word: string): [input: string, wire: string] {
  const [, input, wire] = /^([A-Za-z_$][\w$]*)=(.+)$/s.exec(word) ?? [];
  if (input !== undefined && wire !== undefined && parseWire(wire)) return [input, wire];
  throw new StepLabError("cli/usage", `--input ${word} is not name=where it comes from.`, {
    hint: "For example: --input delivery=data/listings.csv",
  });
}
