/** What a new stage can read: outputs of the stages before it, and what a lifted notebook reads already. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { didYouMean } from "../../core/did-you-mean.ts";
import { readContracts } from "../contracts.ts";
import { findIncompatibilities } from "../column-model.ts";
import {
  parseNotebook,
  readSourceNotebookFile,
  type SourceNotebook,
} from "../notebooks/source-notebook.ts";
import { StepLabError } from "../../core/error.ts";
import { parseWire } from "../document/wire.ts";
import type { Stage } from "../pipeline.ts";
import type { Template } from "../templates.ts";
import { folderOf } from "./imports.ts";
import type { Lifted } from "./lift.ts";
import type { KnownPort } from "./new-stage.ts";
import { declarationsOf, readDeclarations } from "./ports.ts";

/** An input and the wire of it. */
export interface Wired {
  input: KnownPort;
  wire: string | null;
}

/**
 * What the lifted notebook reads, then what the stages before give, by their declarations. A name that the notebook
 * reads stays as it declares it. `wires` says which is meant where two stages write one name.
 *
 * @throws StepLabError `cli/usage` where it does not, or a stage writes nothing to read; `lint/errors`
 */
export function knownInputs(
  root: string,
  path: string,
  template: Template,
  upstream: readonly Stage[],
  lifted: Lifted | null,
  wires: Readonly<Record<string, string>>,
): Wired[] {
  const found = new Map<string, Wired>();
  if (lifted)
    for (const port of lifted.declared.inputs)
      found.set(port.name, {
        input: { ...port, imports: lifted.declared.imports },
        wire: port.from,
      });
  const wanted = new Set(declarationsOf(template).inputs.map(({ kind }) => kind));
  const givers = new Map<string, string>();
  for (const stage of new Set(upstream))
    for (const input of readableOutputs(root, path, stage, wanted)) {
      const { name } = input;
      const known = found.get(name);
      const giver = givers.get(name);
      if (giver === undefined && known?.wire != null) continue; // lifted, and it says itself where it comes from
      if (giver !== undefined && wires[name] === undefined) throw twice([giver, stage.name], name);
      const wire = `${stage.name}.${name}`;
      if (giver !== undefined && wires[name] !== wire) continue;
      givers.set(name, stage.name);
      const isLifted = giver === undefined && known !== undefined;
      found.set(name, { input: isLifted ? known.input : input, wire });
    }
  return [...found.values()];
}

/**
 * An output of a stage, in this run or an earlier one, that a wire names alone, under the name that the new stage gives it.
 * Null for another wire.
 *
 * @param stageOf throws for a stage that there is not
 */
export function wiredOutput(
  root: string,
  path: string,
  stageOf: (name: string) => Stage,
  name: string,
  text: string,
): Wired | null {
  const wire = parseWire(text);
  if (wire?.kind !== "output" && wire?.kind !== "run") return null;
  if (wire.kind === "output" && existsSync(join(root, text)))
    throw new StepLabError(
      "cli/usage",
      `--input ${name}=${text} names an output of a stage, by its form.`,
      {
        hint: `A file in the project's root is written ./${text}`,
      },
    );
  const stage = stageOf(wire.stage);
  const { outputs, imports } = readDeclarations(notebookOfStage(root, stage));
  const port = outputs.find((output) => output.name === wire.output);
  if (port === undefined)
    throw new StepLabError("cli/usage", `Stage "${wire.stage}" has no output "${wire.output}".`, {
      hint:
        didYouMean(
          wire.output,
          outputs.map((output) => output.name),
        ) ?? `It writes: ${outputs.map((output) => output.name).join(", ") || "nothing"}.`,
    });
  if (port.kind === "metric")
    throw new StepLabError(
      "cli/usage",
      `${text} is a metric, and metrics are not read by stages.`,
      {
        hint: `Let "${wire.stage}" write the figure as JSON too: a.json(z.number()).`,
      },
    );
  const moved = imports.moved(folderOf(stage.notebook), folderOf(path));
  return { input: { ...port, name, imports: moved }, wire: text };
}

/** What a stage writes of the kinds that the template reads; everything but metrics where it writes none of those. */
function readableOutputs(
  root: string,
  path: string,
  stage: Stage,
  wanted: ReadonlySet<string | null>,
): KnownPort[] {
  const { outputs, imports } = readDeclarations(notebookOfStage(root, stage));
  const usable = outputs.filter(({ kind }) => kind !== null && kind !== "metric");
  if (usable.length === 0)
    throw new StepLabError(
      "cli/usage",
      `Stage "${stage.name}" writes nothing that a stage could read.`,
      {
        hint: "`after: [" + stage.name + "]` in PIPELINE.md orders stages without data.",
      },
    );
  const fitting = usable.filter(({ kind }) => wanted.has(kind));
  const own = imports.moved(folderOf(stage.notebook), folderOf(path));
  return (fitting.length > 0 ? fitting : usable).map((port) => ({ ...port, imports: own }));
}

function twice(stages: readonly [string, string], output: string): StepLabError {
  return new StepLabError(
    "cli/usage",
    `Stages "${stages[0]}" and "${stages[1]}" both write "${output}", and a stage has one input of a name.`,
    {
      hint: `say which is read: --input ${output}=${stages[1]}.${output}. Add the other to the notebook under a name of its own.`,
    },
  );
}

/** @throws StepLabError `lint/errors` */
function notebookOfStage(root: string, { name, notebook }: Stage): SourceNotebook {
  const { source } = readSourceNotebookFile(root, notebook);
  if (source) return source;
  throw new StepLabError(
    "lint/errors",
    `The notebook of stage "${name}", ${notebook}, cannot be read.`,
    { hint: "npx steplab lint says what is wrong with it." },
  );
}

/** A template whose own inputs all fit outputs of these stages (a project's own, mostly) stays as it is. */
export async function fitsAsItIs(
  root: string,
  path: string,
  template: Template,
  upstream: readonly Stage[],
): Promise<Record<string, string> | null> {
  if (upstream.length === 0) return null;
  const sources = upstream.map((stage) => notebookOfStage(root, stage));
  const contracts = await readContracts(
    root,
    [parseNotebook(template.notebook, path), ...sources],
    { cacheDir: null },
  );
  const own = contracts.get(path)?.contract;
  if (!own || Object.keys(own.inputs).length === 0) return null;
  const wires: Record<string, string> = {};
  for (const [input, port] of Object.entries(own.inputs)) {
    const fitting = upstream.flatMap((stage) =>
      Object.entries(contracts.get(stage.notebook)?.contract?.outputs ?? {})
        .filter(([, written]) => findIncompatibilities(written, port).length === 0)
        .map(([output]) => ({ stage: stage.name, output })),
    );
    const chosen =
      fitting.find(({ output }) => output === input) ??
      (fitting.length === 1 ? fitting[0] : undefined);
    if (!chosen) return null;
    wires[input] = `${chosen.stage}.${chosen.output}`;
  }
  return wires;
}

/** An exploration says in its notebook where its inputs come from. */
export function withFrom({ input, wire }: Wired): KnownPort {
  return wire === null ? input : { ...input, code: `${input.code}.from(${JSON.stringify(wire)})` };
}

export function templateInputs(template: Template): string[] {
  return declarationsOf(template).inputs.map(({ name }) => name);
}

/** Of a template's inputs, those that take a file. */
export function fileInputs(template: Template): string[] {
  return declarationsOf(template)
    .inputs.filter(({ kind }) => kind === "file")
    .map(({ name }) => name);
}
