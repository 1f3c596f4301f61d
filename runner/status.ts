/**
 * Where a project stands: what a person who comes back after a weekend wants to know. Nothing is run, no URL is
 * fetched, and a project that does not lint is told of as far as it can be.
 */
import type { Diagnostic } from "../core/diagnostic.ts";
import { StepLabError } from "../core/error.ts";
import { archiveOf, type Archive } from "../lineage/archive.ts";
import { changedSince, type ChangedSince } from "../lineage/git/changed-since.ts";
import { lookAtGit } from "../lineage/git/watch.ts";
import { lastNotes, type StageNote } from "../lineage/query/last-notes.ts";
import { lastMetrics, type MetricChange } from "../lineage/query/metric-changes.ts";
import { recordsWhere } from "../lineage/query/run-index.ts";
import { runUnderWay, type RunUnderWay } from "../lineage/query/under-way.ts";
import type { GitFacts, RunId, RunRecord, UndeclaredRead } from "../lineage/record.ts";
import { ObjectStore } from "../lineage/store/objects.ts";
import type { Pipeline } from "../pipeline/pipeline.ts";
import { RUN_DEFAULTS, type Overrides } from "./options.ts";
import { outlook, type StageOutlook } from "./outlook.ts";
import { markedRuns } from "../lineage/owner.ts";
import { recoverRuns } from "./recover.ts";
import { lastFetched } from "./sources/url.ts";

export interface StatusOptions {
  /** Relative to the project root. Default: PIPELINE.md. */
  document?: string;
  /** What a run would be given: a stage may be stale with one value and fresh with another. */
  overrides?: Overrides;
  /** Say in full why stages are stale. */
  explain?: boolean;
}

/** Where a project stands: what ran last, what is stale and why. */
export interface ProjectStatus {
  /** Null when the project does not lint: then `diagnostics` says why. */
  pipeline: string | null;
  document: string;
  /** In the order of the graph; null when the project does not lint. */
  stages: StageOutlook[] | null;
  /** Lint's findings, errors included. */
  diagnostics: Diagnostic[];
  /** URLs that the next run will ask again, as they were last fetched. */
  urls: { stage: string; input: string; url: string; fetchedAt: string | null }[];
  /** What the stages of the last run were seen to read past its inputs: a change of it makes nothing stale. */
  undeclared: (UndeclaredRead & { stage: string })[];
  /** Null outside a repository. */
  git: GitFacts | null;
  /** Files that differ from what the last run saw; null when there was none, or nobody can say. */
  changes: ChangedSince | null;
  /** Runs that were found interrupted just now, and given their record. */
  recovered: RunId[];
  /** Runs that go on at this moment, in whatever process. */
  running: RunUnderWay[];
  /** The newest run of this pipeline. */
  last: RunRecord | null;
  metrics: MetricChange[];
  notes: StageNote[];
}

const NOTES = 10;

/**
 * Where the project stands, as `steplab status` says it: what ran last, which stages are stale and why.
 *
 *     const { stages } = await status(process.cwd());
 *     console.log(stages?.filter(({ state }) => state === "stale").map(({ stage }) => stage));
 *
 * Costs some 0.1 s when nothing changed since the last command, whatever the number of runs.
 * @throws StepLabError `project/not-found` when there is no such document, `parameter/…` for overrides that do not fit
 */
export async function status(
  projectRoot: string,
  {
    document = RUN_DEFAULTS.document,
    overrides = RUN_DEFAULTS.overrides,
    explain = false,
  }: StatusOptions = {},
): Promise<ProjectStatus> {
  const archive = archiveOf(projectRoot);
  const recovered = recoverRuns(projectRoot);
  const { pipeline, stages, diagnostics } = await judged(projectRoot, document, overrides, explain);
  const name = pipeline?.name ?? null;
  const [last = null] = recordsWhere(
    projectRoot,
    (brief) => brief.pipeline === (name ?? brief.pipeline),
  );
  const store = new ObjectStore(archive);
  const look = await lookAtGit(projectRoot, archive, store);
  return {
    pipeline: name,
    document,
    stages,
    diagnostics,
    urls: pipeline === null ? [] : urlsOf(pipeline, archive),
    undeclared: Object.entries(last?.stages ?? {}).flatMap(([stage, { undeclaredReads = [] }]) =>
      undeclaredReads.map((read) => ({ stage, ...read })),
    ),
    git: look?.facts ?? null,
    changes: last === null ? null : await changedSince(projectRoot, last.git, look, store),
    recovered,
    running: markedRuns(archive).flatMap((run) => runUnderWay(projectRoot, run) ?? []),
    last,
    metrics: last === null ? [] : lastMetrics(projectRoot, name),
    notes: last === null ? [] : lastNotes(projectRoot, NOTES),
  };
}

async function judged(
  projectRoot: string,
  document: string,
  overrides: Overrides,
  explain: boolean,
): Promise<{
  pipeline: Pipeline | null;
  stages: StageOutlook[] | null;
  diagnostics: Diagnostic[];
}> {
  try {
    const view = await outlook(projectRoot, document, overrides, { explain });
    const { pipeline, diagnostics } = view.judged;
    return { pipeline, stages: view.stages, diagnostics };
  } catch (error) {
    if (!(error instanceof StepLabError) || isUsage(error)) throw error;
    const diagnostics =
      error.diagnostics.length > 0 ? error.diagnostics : [asDiagnostic(error, document)];
    return { pipeline: null, stages: null, diagnostics };
  }
}

/** What was typed is wrong: that is no state of the project. */
function isUsage({ code }: StepLabError): boolean {
  return code.startsWith("parameter/") || code === "project/not-found";
}

/** Lint itself could not go on, without a compiler say: all else can be told nevertheless. */
function asDiagnostic({ code, message, hint }: StepLabError, file: string): Diagnostic {
  return { code, severity: "error", message, ...(hint !== undefined && { hint }), at: { file } };
}

function urlsOf(pipeline: Pipeline, archive: Archive): ProjectStatus["urls"] {
  return pipeline.stages.flatMap(({ name, inputs }) =>
    Object.entries(inputs).flatMap(([input, wire]) =>
      wire.kind === "url" ? [{ stage: name, input, ...lastFetched(wire.url, archive) }] : [],
    ),
  );
}
