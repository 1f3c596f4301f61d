/** What a panel draws of a pipeline: its graph, how fresh each stage is, its parameters, and what ran last. */
import { join } from "node:path";
import type { Contract } from "../../core/contract.ts";
import type { Diagnostic } from "../../core/diagnostic.ts";
import { StepLabError } from "../../core/error.ts";
import type { Json } from "../../core/json.ts";
import { archiveOf } from "../../lineage/archive.ts";
import { markedRuns } from "../../lineage/owner.ts";
import { readBriefs } from "../../lineage/query/run-index.ts";
import { readRecord } from "../../lineage/query/runs.ts";
import { runUnderWay } from "../../lineage/query/under-way.ts";
import type { RunId, RunRecord, StageRecord } from "../../lineage/record.ts";
import { whyEnded } from "../../lineage/why-ended.ts";
import type { LintSession } from "../../pipeline/lint/session.ts";
import type { Pipeline, Stage } from "../../pipeline/pipeline.ts";
import { templateNameOf } from "../../pipeline/templates.ts";
import type { Judged } from "../options.ts";
import { RUN_DEFAULTS } from "../options.ts";
import { outlook, type StageOutlook } from "../outlook.ts";
import { recoverRuns } from "../recover.ts";
import type { ParameterView, PipelineView, StageResult, StageView } from "./protocol.ts";

/** What is known of a pipeline, whether it lints or not. */
export interface KnownPipeline {
  pipeline: Pipeline | null;
  order: string[];
  contracts: Record<string, Contract>;
  diagnostics: Diagnostic[];
  /** By notebook: the template that it names. */
  templates: ReadonlyMap<string, string>;
  /** Null when it does not lint. */
  sound: { outlook: Map<string, StageOutlook>; judged: Judged } | null;
}

/** Of what is saved. Never fetches, never runs; an invalid document is an answer, not an error. */
export async function knownPipeline(
  projectRoot: string,
  document: string,
  lint: LintSession,
): Promise<KnownPipeline> {
  try {
    const { judged, stages } = await outlook(projectRoot, document, RUN_DEFAULTS.overrides, {
      lint: async (_root, options) => await lint.lint({ ...options, overlay: new Map() }),
    });
    const templates = judged.pipeline.stages.flatMap(({ name, notebook }) => {
      const template = judged.notebooks[name]?.template;
      return template === undefined ? [] : [[notebook, template] as const];
    });
    return {
      ...judged,
      templates: new Map(templates),
      sound: { judged, outlook: new Map(stages.map((each) => [each.stage, each])) },
    };
  } catch (error) {
    if (!(error instanceof StepLabError)) throw error;
    const found = await lint.lint({ document, overlay: new Map(), types: false, reads: false });
    const diagnostics =
      error.diagnostics.length > 0
        ? error.diagnostics
        : [asDiagnostic(error, document), ...found.diagnostics];
    return {
      pipeline: found.pipeline,
      order: found.order,
      contracts: Object.fromEntries(found.contracts),
      diagnostics,
      templates: new Map(
        [...found.notebooks].flatMap(([path, { notebook }]) => {
          const template = templateNameOf(notebook);
          return template === undefined ? [] : [[path, template] as const];
        }),
      ),
      sound: null,
    };
  }
}

function asDiagnostic({ code, message, hint }: StepLabError, file: string): Diagnostic {
  return { code, severity: "error", message, ...(hint !== undefined && { hint }), at: { file } };
}

export async function viewPipeline(
  projectRoot: string,
  document: string,
  knownOf: (document: string) => Promise<KnownPipeline>,
): Promise<PipelineView> {
  recoverRuns(projectRoot);
  const known = await knownOf(document);
  const { pipeline, sound } = known;
  const results = pipeline === null ? null : lastResults(projectRoot, pipeline.name, known.order);
  const archive = archiveOf(projectRoot);
  return {
    document,
    pipeline: pipeline?.name ?? null,
    lints: sound !== null,
    stages: known.order.flatMap((name): StageView[] => {
      const stage = pipeline?.stages.find((each) => each.name === name);
      if (stage === undefined) return [];
      const { state, reason } = sound?.outlook.get(name) ?? { state: null, reason: "" };
      return [
        {
          name,
          title: stage.title,
          notebook: stage.notebook,
          template: known.templates.get(stage.notebook) ?? null,
          reads: readsOf(stage),
          after: stage.after,
          state,
          reason,
          parameters: parametersOf(stage, known.contracts[name], sound?.judged.params[name]),
          last: results?.stages.get(name) ?? null,
        },
      ];
    }),
    diagnostics: known.diagnostics.filter(({ severity }) => severity !== "information"),
    profiles: pipeline?.profiles ?? [],
    running: markedRuns(archive).flatMap((run) => runUnderWay(projectRoot, run) ?? []),
    last: results?.last ?? null,
  };
}

function readsOf(stage: Stage): string[] {
  const wires = Object.values(stage.inputs);
  return [...new Set(wires.flatMap((wire) => (wire.kind === "output" ? [wire.stage] : [])))];
}

function parametersOf(
  stage: Stage,
  contract: Contract | undefined,
  resolved: Record<string, Json> | undefined,
): ParameterView[] {
  return Object.entries(contract?.parameters ?? {}).map(([name, shape]) => {
    const value = resolved?.[name] ?? stage.params[name] ?? shape.default;
    const said = stage.params[name] !== undefined;
    const from = said ? "document" : shape.default === undefined ? "nobody" : "default";
    return { name, shape, ...(value !== undefined && { value }), from };
  });
}

/** A stage that nobody has executed for so many runs: a panel can do without, and a search of them all costs 0.2 s. */
const RUNS_LOOKED_AT = 500;

/** By stage its last execution; and the newest run of the pipeline. */
function lastResults(
  projectRoot: string,
  pipeline: string,
  order: readonly string[],
): { stages: Map<string, StageResult>; last: PipelineView["last"] } {
  const wanted = new Set(order);
  const runs = new Map<string, RunId>();
  let last: PipelineView["last"] = null;
  let looked = 0;
  for (const brief of readBriefs(projectRoot)) {
    if (wanted.size === 0 || ++looked > RUNS_LOOKED_AT) break;
    if (brief.pipeline !== pipeline) continue;
    last ??= brief;
    for (const name of wanted) {
      const { status, executedIn } = brief.stages[name] ?? { status: "not-run", executedIn: null };
      if (status === "not-run") continue;
      runs.set(name, executedIn ?? brief.run);
      wanted.delete(name);
    }
  }
  const records = new Map<RunId, RunRecord | null>();
  const stages = new Map<string, StageResult>();
  for (const [name, run] of runs) {
    if (!records.has(run)) records.set(run, readableRecord(projectRoot, run));
    const stage = records.get(run)?.stages[name];
    if (stage !== undefined) stages.set(name, resultOf(run, stage));
  }
  return { stages, last };
}

/** A damaged or collected run must not hide the others: `steplab verify` names it. */
function readableRecord(projectRoot: string, run: RunId): RunRecord | null {
  try {
    return readRecord(projectRoot, run);
  } catch (error) {
    if (!(error instanceof StepLabError)) throw error;
    return null;
  }
}

function resultOf(run: RunId, stage: StageRecord): StageResult {
  const { status, attempts, notebook, metrics } = stage;
  return {
    run,
    status,
    endedAt: attempts.at(-1)?.endedAt ?? null,
    message: whyEnded(stage),
    executed:
      notebook.path === null ? null : join("runs", run, notebook.path).replaceAll("\\", "/"),
    metrics: Object.entries(metrics).map(([name, { value, goal, unit }]) => ({
      name,
      value,
      goal,
      unit,
    })),
  };
}
