/**
 * Fitted chains as folders, and back:
 *
 *     model.json           what it is for, its signature, every step's transformer, code digest, parameters and state, an example
 *     arrays/8.roots.bin   the typed arrays of the states, little-endian
 *
 * The code is not in there. Loading finds it in the project by module and name, and refuses it when its digest
 * is another than the one the model was fitted with: what answers is always what was trained.
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Port } from "../../core/contract.ts";
import { StepLabError } from "../../core/error.ts";
import { table, type Table } from "../artifact/table.ts";
import { currentSession } from "../session.ts";
import { FittedChain } from "./chain.ts";
import {
  definitionIn,
  findDefinition,
  identityOf,
  importFile,
  packageVersions,
  projectClosure,
  SHIPPED_MODULE,
  type CodeIdentity,
} from "./code-of.ts";
import { onlyColumns } from "./columns.ts";
import { readModelFile, type ModelFile } from "./model-format.ts";
import { decodeRows, demandFit, encodeRows } from "./signature.ts";
import { decodeState, encodeState } from "./state.ts";
import { stepOf } from "./transformer.ts";
import type { AnyDefinition, FittedStep, Model } from "./types.ts";

export type ModelPort = Extract<Port, { kind: "model" }>;

/** What a model's file says besides the model. */
export interface AboutModel<In extends object = object> {
  /** A few rows as the model will be asked with; at most ten are kept, cut to the signature's columns. */
  example: Table<In> | readonly In[];
  /** What it is for, in a sentence. */
  use: string;
  /** What it must not be used for. */
  notFor?: string;
}

const EXAMPLE_ROWS = 10;

/**
 * Writes a fitted chain into a new folder. The example is asked there and then, with the signature's columns
 * and no others, so that a model which secretly needs more is never written.
 *
 * @throws StepLabError `model/no-module`, `model/bad-state`, `model/signature`
 */
export async function writeModel<In extends object, Out extends object>(
  fitted: Model<In, Out>,
  about: AboutModel<In>,
  port: ModelPort,
  path: string,
  { projectRoot = currentSession().projectRoot }: { projectRoot?: string } = {},
): Promise<ModelFile> {
  const arrays = new Map<string, Uint8Array>();
  const packages: Record<string, string> = {};
  const steps: ModelFile["steps"] = [];
  for (const [place, step] of fitted.steps.entries()) {
    const identity = identityOf(step.definition, projectRoot);
    await demandExported(step.definition, identity, packages, projectRoot);
    const state = encodeState(step.state, String(place));
    for (const [file, bytes] of state.arrays) arrays.set(file, bytes);
    steps.push({
      transformer: step.definition.name,
      ...identity,
      params: encodeState(step.params, `${place}.params`).json,
      state: state.json,
    });
  }
  const file: ModelFile = {
    steplab: "model/1",
    use: about.use,
    notFor: about.notFor ?? null,
    signature: { input: port.input, output: port.output },
    steps,
    example: await answerExample(fitted, about.example, port),
    packages,
  };
  mkdirSync(join(path, "arrays"), { recursive: true });
  for (const [name, bytes] of arrays) writeFileSync(join(path, name), bytes);
  writeFileSync(join(path, "model.json"), `${JSON.stringify(file, null, 2)}\n`);
  return file;
}

/**
 * Loads a stored model with the project's code.
 *
 * @param port what the reader declares; null takes the model as it says it is
 * @throws StepLabError `model/code-changed` naming the module and both digests; `model/code-missing`,
 *   `model/damaged`, `model/signature`
 */
export async function loadModel<In extends object, Out extends object>(
  path: string,
  port: ModelPort | null,
  { projectRoot = currentSession().projectRoot }: { projectRoot?: string } = {},
): Promise<LoadedModel<In, Out>> {
  return readModel(path, port, (name, identity) => findDefinition(name, identity, projectRoot));
}

/** The same with another way to the code; a bundle brings its own. */
export async function readModel<In extends object, Out extends object>(
  path: string,
  port: ModelPort | null,
  find: (name: string, identity: CodeIdentity) => Promise<AnyDefinition>,
): Promise<LoadedModel<In, Out>> {
  const file = readModelFile(path);
  if (port !== null) demandFit(file.signature, port);
  const steps: FittedStep[] = [];
  for (const { transformer, module, code, params, state } of file.steps) {
    const definition = await find(transformer, { module, code });
    const noArrays = (): Uint8Array => new Uint8Array();
    steps.push({
      ...stepOf(definition, decodeState(params, noArrays)),
      state: judged(
        definition,
        decodeState(state, (name) => readArray(path, name)),
      ),
    });
  }
  return new LoadedModel(steps, file, path);
}

/** A model as it was stored: what it answers, what it is for, and where it lies. */
export class LoadedModel<In extends object, Out extends object> implements Model<In, Out> {
  readonly steps: readonly FittedStep[];
  readonly use: string;
  readonly notFor: string | null;
  readonly signature: ModelFile["signature"];
  /** The folder it was read from. */
  readonly folder: string;
  /** Rows it was asked with when it was written, and its answers then. */
  readonly example: { input: Table<In>; output: Table<Out> };
  readonly #chain: FittedChain<In, object, never>;

  /** @internal */
  constructor(steps: readonly FittedStep[], file: ModelFile, folder: string) {
    this.steps = steps;
    this.use = file.use;
    this.notFor = file.notFor;
    this.signature = file.signature;
    this.folder = folder;
    this.example = {
      input: table(decodeRows(file.example.input, file.signature.input) as In[]), // what its schema says
      output: table(decodeRows(file.example.output, file.signature.output) as Out[]), // as above
    };
    this.#chain = new FittedChain(steps);
  }

  /** One answer a row, in order: the columns of the signature's output and no others. */
  async apply(rows: Table<In> | readonly In[]): Promise<Table<Out>> {
    return answerOf(this.#chain, rows, this.signature);
  }

  /** As of a fitted chain: the state of the step that this factory made. */
  stateOf<S>(factory: { readonly made?: S; readonly definition: AnyDefinition }): S {
    return this.#chain.stateOf(factory);
  }
}

async function answerOf<In extends object, Out extends object>(
  model: Pick<Model<In, object>, "apply">,
  rows: Table<In> | readonly In[],
  { input, output }: ModelFile["signature"],
): Promise<Table<Out>> {
  const asked = Array.isArray(rows) ? table(rows as readonly In[]) : (rows as Table<In>);
  const missing = Object.keys(input).filter((name) => !asked.columnNames().includes(name));
  if (missing.length > 0) {
    throw new StepLabError(
      "transform/unknown-column",
      `The model is asked with ${Object.keys(input).length} columns, and these rows lack ${missing.join(", ")}.`,
      {
        hint: "Give every column of the model's input signature; a value may be null where it says so.",
      },
    );
  }
  const cut = onlyColumns(asked, Object.keys(input)) as Table<In>; // the signature's columns are In's
  return onlyColumns(await model.apply(cut), Object.keys(output)) as Table<Out>; // likewise
}

async function answerExample<In extends object, Out extends object>(
  fitted: Model<In, Out>,
  example: Table<In> | readonly In[],
  port: ModelPort,
): Promise<ModelFile["example"]> {
  const rows = [...example].slice(0, EXAMPLE_ROWS);
  if (rows.length === 0) {
    throw new StepLabError("model/signature", "The model's example has no rows.", {
      hint: "Give a few rows as the model will be asked with: { example: valid.objects().slice(0, 5) }.",
    });
  }
  const answers = await answerOf(fitted, rows, port);
  return {
    input: encodeRows(rows, port.input, "example's input"),
    output: encodeRows(answers.objects(), port.output, "example's output"),
  };
}

/** A model that could not be loaded again must not be written: the export is looked for now. */
async function demandExported(
  definition: AnyDefinition,
  identity: CodeIdentity,
  packages: Record<string, string>,
  projectRoot: string,
): Promise<void> {
  if (identity.module === SHIPPED_MODULE) return;
  definitionIn(await importFile(definition.module), definition.name, identity.module);
  const names = projectClosure(identity.module, projectRoot).packages;
  Object.assign(packages, packageVersions(names, definition.module));
}

function judged(definition: AnyDefinition, state: unknown): unknown {
  const parsed = definition.state.safeParse(state);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new StepLabError(
    "model/damaged",
    `The stored state of transformer "${definition.name}" is not what it says it stores: ${issue?.path.join(".") ?? ""}: ${issue?.message ?? "unknown form"}.`,
  );
}

/** File names come from model.json: none may lead out of its folder. */
function readArray(folder: string, name: string): Uint8Array {
  if (!/^arrays\/[\w.~-]+\.bin$/.test(name)) {
    throw new StepLabError(
      "model/damaged",
      `A model names the array file "${name}", which is no name steplab gives.`,
    );
  }
  try {
    return readFileSync(join(folder, name));
  } catch (error) {
    throw new StepLabError("model/damaged", `A model lacks its array file "${name}".`, {
      cause: error,
    });
  }
}
