/** One judgement of a project: everything is read, what did not change since the last one from memory, and every rule asked. */
import { existsSync } from "node:fs";
import { basename, join } from "node:path";
import {
  closureOf,
  type Closure,
  type ClosureOptions,
  type ModuleFactsCache,
} from "../../core/closure.ts";
import type { Contract } from "../../core/contract.ts";
import type { Diagnostic } from "../../core/diagnostic.ts";
import type { Digest } from "../../core/digest.ts";
import type { Json } from "../../core/json.ts";
import { mergeDeep } from "../../core/merge.ts";
import { TextMemory, type ReadText } from "../../core/read-text.ts";
import { readContracts, type ContractRead } from "../contracts.ts";
import { readPipeline, type PipelineRead } from "../document.ts";
import { orderOf } from "../graph.ts";
import {
  cellsToRun,
  oncePerNotebook,
  readSourceNotebook,
  type SourceNotebook,
  type SourceNotebookRead,
} from "../notebooks/source-notebook.ts";
import { virtualModule } from "../notebooks/virtual-module.ts";
import type { Pipeline, Stage } from "../pipeline.ts";
import { readProjectFile } from "../read-file.ts";
import { listProjectFiles, type ProjectFiles } from "../project-files.ts";
import { readTemplates } from "../templates.ts";
import type { TypesJudge, TypesResult } from "../types/index.ts";
import { withSources } from "./attach-sources.ts";
import { finding, memberPlace, stagePlace, type LintContext, type Rule } from "./context.ts";
import { contract } from "./contract.ts";
import { graph, leavesProject } from "./graph.ts";
import { hygiene } from "./hygiene.ts";
import { names } from "./names.ts";
import { reads } from "./reads.ts";
import { recordedReads } from "./recorded-reads.ts";
import { structure } from "./structure.ts";
import { template } from "./template.ts";

/** What lint is asked to judge, and with which values. */
export interface LintOptions {
  /** Relative to the project root; default "PIPELINE.md". */
  document?: string;
  /** False leaves the compiler out: some hundred milliseconds less, and no `types/error`. Default true. */
  types?: boolean;
  /** Judge only these stages, by name, and these notebooks, by path; the document is always judged. */
  only?: readonly string[];
  /** As in `readPipeline`. */
  profile?: string;
  params?: Record<string, Json>;
  /** `-p stage.name=value`: judged as if PIPELINE.md said so. */
  stageParams?: Record<string, Record<string, Json>>;
  /** Absolute path of the folder that keeps contracts; default `runs/.store/contracts`. Null keeps none. */
  cacheDir?: string | null;
  /** False leaves out what runs have recorded (`key/undeclared-read`). Default true. */
  reads?: boolean;
  /**
   * `saved`: declarations that are not saved yet are not evaluated; their notebooks keep the contract that they had.
   * Linting while typing must run nothing that nobody has finished writing. Default `all`.
   */
  declare?: "all" | "saved";
  /** Milliseconds without progress after which a declaration is said to hang. Default `DECLARE_LIMIT_MS`. */
  declareLimitMs?: number;
}

/** What lint found, and what it knows of a pipeline that it could read. */
export interface LintResult {
  /** Errors first; within a severity the document, then the notebooks in the order of the graph. */
  diagnostics: Diagnostic[];
  /** Null when the document cannot be read at all. */
  pipeline: Pipeline | null;
  /** Names of the stages, in the order of the graph. */
  order: string[];
  /** By stage; stages whose declarations cannot be evaluated are left out. */
  contracts: Map<string, Contract>;
  /** The same by notebook, explorations too. */
  declared: Map<string, Contract>;
  /** By path relative to the project: the stages' notebooks, and others that name a template. */
  notebooks: Map<string, SourceNotebook>;
}

const RULES: readonly Rule[] = [structure, names, template, contract, graph, hygiene, reads];

/** What one judgement leaves for the next one of the same project. */
export class LintMemory implements Disposable {
  readonly texts = new TextMemory();
  readonly moduleFacts: ModuleFactsCache = new Map();
  readonly contracts = new Map<Digest, Contract>();
  /** The last one of each notebook, by path: what holds while its declarations are being typed. */
  readonly lastContracts = new Map<string, Contract>();
  /** The document as it was read last, and for what. */
  document: { key: string; read: PipelineRead } | undefined;
  /** By path; parsed again when the text changed. */
  readonly notebooks = new Map<string, { text: string; read: SourceNotebookRead }>();
  /** Loaded and opened by the first judgement of types. */
  types: TypesJudge | undefined;

  [Symbol.dispose](): void {
    this.types?.[Symbol.dispose]();
  }
}

/** Judges a project. Throws StepLabErrors for what the outside world did (`types/compiler-failed`), never for what it judges. */
export async function judgeProject(
  projectRoot: string,
  options: LintOptions,
  memory: LintMemory,
): Promise<LintResult> {
  const document = options.document ?? "PIPELINE.md";
  const { read: readText } = memory.texts;
  const isUnsaved = memory.texts.overlay.has(join(projectRoot, document));
  if (!isUnsaved && !existsSync(join(projectRoot, document)))
    return nothingToJudge(notFound(document));
  const text = readProjectFile(projectRoot, document, readText);
  if (!text.ok) return nothingToJudge(text.diagnostic);
  const documentText = text.text;
  const read = readDocument(documentText, document, options, memory);
  const pipeline = read.pipeline && prepare(projectRoot, read.pipeline, options.stageParams);
  const diagnostics = [...read.diagnostics];
  const files = listProjectFiles(projectRoot);
  const notebooks = readNotebooks(projectRoot, pipeline, files, { diagnostics, memory });
  if (!pipeline) return { ...nothingKnown(), diagnostics, notebooks };

  const templates = readTemplates(projectRoot);
  diagnostics.push(...templates.diagnostics);
  const { moduleFacts } = memory;
  const modules = { root: projectRoot, cache: moduleFacts, readText };
  const closures = new Map(
    [...notebooks.values()].map((source) => [source.path, closureOfNotebook(source, modules)]),
  );
  const cacheDir =
    options.cacheDir === undefined ? join(projectRoot, "runs/.store/contracts") : options.cacheDir;
  // Side by side: contracts are evaluated in a process of their own, types are judged by a native one.
  const reading = readContracts(projectRoot, [...notebooks.values()], {
    cacheDir,
    moduleFacts,
    read: readText,
    memory: memory.contracts,
    last: memory.lastContracts,
    ...(options.declare === "saved" && { isUnsaved: (path) => memory.texts.overlay.has(path) }),
    ...(options.declareLimitMs !== undefined && { limitMs: options.declareLimitMs }),
  });
  const typing: Promise<TypesResult> =
    options.types === false
      ? Promise.resolve({ diagnostics: [], wires: [] })
      : import("../types/index.ts").then(({ TypesJudge }) => {
          memory.types ??= new TypesJudge(projectRoot);
          const { overlay } = memory.texts;
          return memory.types.judge({ pipeline, notebooks, closures, overlay, read: readText });
        });
  const [contracts, types] = await Promise.all([reading, typing]);
  for (const each of contracts.values()) diagnostics.push(...each.diagnostics);
  diagnostics.push(...types.diagnostics);
  const context: LintContext = {
    root: projectRoot,
    pipeline,
    read: readText,
    documentText,
    notebooks,
    contracts: new Map([...contracts].map(([notebook, each]) => [notebook, each.contract])),
    templates: templates.templates,
    closures,
    reads: options.reads === false ? new Map() : recordedReads(projectRoot, document),
    tests: readTests(projectRoot, files.tests, readText),
  };
  for (const rule of RULES) diagnostics.push(...rule(context));
  diagnostics.push(...refusedWires(context, types.wires, diagnostics));
  const { order } = orderOf(pipeline);
  return {
    diagnostics: arrange(withSources(context, diagnostics), context, order, options.only),
    pipeline,
    order,
    contracts: contractsByStage(pipeline, contracts),
    declared: new Map(
      [...contracts].flatMap(([path, { contract }]) => (contract ? [[path, contract]] : [])),
    ),
    notebooks,
  };
}

function notFound(document: string): Diagnostic {
  return finding("project/not-found", { file: document }, `There is no ${document} here.`, {
    hint: "go to a project's folder, or name the document.",
  });
}

function nothingToJudge(reason: Diagnostic): LintResult {
  return { ...nothingKnown(), diagnostics: [reason] };
}

function nothingKnown(): LintResult {
  return {
    diagnostics: [],
    pipeline: null,
    order: [],
    contracts: new Map(),
    declared: new Map(),
    notebooks: new Map(),
  };
}

/** Notebooks of installed packages are found, and the command line's parameters put over the document's. */
function prepare(
  root: string,
  pipeline: Pipeline,
  stageParams: LintOptions["stageParams"],
): Pipeline {
  const stages = pipeline.stages.map((stage): Stage => {
    const given = stageParams?.[stage.name];
    return {
      ...stage,
      notebook: locateNotebook(root, stage.notebook),
      params: given ? mergeDeep(stage.params, given) : stage.params,
    };
  });
  return { ...pipeline, stages };
}

/** `some-package/notebooks/x.ipynb` where the project has no such file and has installed such a package. */
function locateNotebook(root: string, path: string): string {
  if (leavesProject(path) || existsSync(join(root, path))) return path;
  const installed = `node_modules/${path}`;
  return existsSync(join(root, installed)) ? installed : path;
}

function readTests(
  root: string,
  paths: readonly string[],
  readText: ReadText,
): Map<string, string> {
  const tests = new Map<string, string>();
  for (const path of paths) {
    const read = readProjectFile(root, path, readText);
    if (read.ok) tests.set(path, read.text); // one that cannot be read tests nothing
  }
  return tests;
}

/** The stages' notebooks, and every other one of the project that names a template: explorations. */
function readNotebooks(
  root: string,
  pipeline: Pipeline | null,
  files: ProjectFiles,
  { diagnostics, memory }: { diagnostics: Diagnostic[]; memory: LintMemory },
): Map<string, SourceNotebook> {
  const ofStages = new Set(pipeline?.stages.map((stage) => stage.notebook));
  const notebooks = new Map<string, SourceNotebook>();
  for (const path of new Set([...ofStages, ...files.notebooks])) {
    const isThere = memory.texts.overlay.has(join(root, path)) || existsSync(join(root, path));
    if (leavesProject(path) || !isThere) continue; // the graph rules say so
    const read = readNotebook(root, path, memory);
    const marks = read.source?.notebook.metadata.steplab;
    // What a run left, copied out of the archive, is a result and no source.
    const isSource = marks !== undefined && marks["run"] === undefined;
    if (!ofStages.has(path) && !isSource) continue;
    diagnostics.push(...read.diagnostics);
    if (read.source) notebooks.set(path, read.source);
  }
  return notebooks;
}

function readDocument(
  text: string,
  document: string,
  { profile, params }: LintOptions,
  memory: LintMemory,
): PipelineRead {
  const key = JSON.stringify([text, document, profile, params]);
  if (memory.document?.key !== key)
    memory.document = {
      key,
      read: readPipeline(text, document, {
        ...(profile !== undefined && { profile }),
        ...(params && { params }),
      }),
    };
  return memory.document.read;
}

function readNotebook(root: string, path: string, memory: LintMemory): SourceNotebookRead {
  const text = readProjectFile(root, path, memory.texts.read);
  if (!text.ok) return { source: null, diagnostics: [text.diagnostic] };
  const known = memory.notebooks.get(path);
  if (known?.text === text.text) return known.read;
  const read = readSourceNotebook(text.text, path);
  memory.notebooks.set(path, { text: text.text, read });
  return read;
}

function closureOfNotebook(source: SourceNotebook, modules: ClosureOptions): Closure {
  const path = join(modules.root, source.path);
  return closureOf([{ path, source: codeToRun(source) }], modules);
}

/** The cells that a run executes, as one text. */
export const codeToRun = oncePerNotebook(
  (source) => virtualModule(cellsToRun(source).map(({ cell }) => cell)).source,
);

function contractsByStage(
  pipeline: Pipeline,
  reads: Map<string, ContractRead>,
): Map<string, Contract> {
  const contracts = new Map<string, Contract>();
  for (const stage of pipeline.stages) {
    const declared = reads.get(stage.notebook)?.contract;
    if (declared) contracts.set(stage.name, declared);
  }
  return contracts;
}

/** What the column model has said already, in better words, is not said twice. */
function refusedWires(
  context: LintContext,
  wires: TypesResult["wires"],
  said: readonly Diagnostic[],
): Diagnostic[] {
  const found: Diagnostic[] = [];
  for (const { wire, message } of wires) {
    const consumer = context.notebooks.get(wire.consumer.notebook);
    const producer = context.notebooks.get(wire.producer.notebook);
    if (!consumer || !producer) continue;
    const at = memberPlace(consumer, "inputs", wire.input);
    const explained = said.some(
      (other) =>
        other.code === "contract/incompatible" &&
        other.at.file === at.file &&
        other.at.line === at.line &&
        other.at.column === at.column,
    );
    if (explained) continue;
    found.push(
      finding(
        "types/wire",
        at,
        `Stage "${wire.consumer.name}" reads "${wire.output}" of stage "${wire.producer.name}" as another type: ${message}`,
        {
          hint: "make both ends use one schema, or convert in the stage between them.",
          related: [
            { at: memberPlace(producer, "outputs", wire.output), message: "written here" },
            {
              at: stagePlace(context, wire.consumer, `inputs.${wire.input}`),
              message: "wired here",
            },
          ],
        },
      ),
    );
  }
  return found;
}

const SEVERITIES = ["error", "warning", "information"];

/** In the order in which people mend things; each finding once. */
export function arrange(
  diagnostics: Diagnostic[],
  context: LintContext,
  order: string[],
  only: readonly string[] | undefined,
): Diagnostic[] {
  const files = [
    context.pipeline.document,
    ...order.map((name) => context.pipeline.stages.find((stage) => stage.name === name)?.notebook),
  ];
  const rankOf = (diagnostic: Diagnostic): number => {
    const index = files.indexOf(diagnostic.at.file);
    return index === -1 ? files.length : index;
  };
  const keyOf = ({ code, message, at }: Diagnostic): string =>
    JSON.stringify([code, message, at.file, at.cell?.number, at.line, at.column]);
  const unique = [...new Map(diagnostics.map((each) => [keyOf(each), each])).values()];
  const asked = only && askedFiles(context, only);
  return unique
    .filter(({ at }) => !asked || !context.notebooks.has(at.file) || asked.has(at.file))
    .map((diagnostic, index) => ({ diagnostic, index }))
    .sort((a, b) => {
      const x = a.diagnostic;
      const y = b.diagnostic;
      return (
        SEVERITIES.indexOf(x.severity) - SEVERITIES.indexOf(y.severity) ||
        rankOf(x) - rankOf(y) ||
        (x.at.file < y.at.file ? -1 : x.at.file > y.at.file ? 1 : 0) ||
        (x.at.cell?.number ?? 0) - (y.at.cell?.number ?? 0) ||
        (x.at.line ?? 0) - (y.at.line ?? 0) ||
        (x.at.column ?? 0) - (y.at.column ?? 0) ||
        a.index - b.index
      );
    })
    .map(({ diagnostic }) => diagnostic);
}

function askedFiles(context: LintContext, only: readonly string[]): Set<string> {
  const stages = context.pipeline.stages.filter((stage) => only.includes(stage.name));
  const paths = [...context.notebooks.keys()].filter(
    (path) => only.includes(path) || only.includes(basename(path)),
  );
  return new Set([...stages.map((stage) => stage.notebook), ...paths]);
}
