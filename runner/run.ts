/**
 * One execution of a pipeline: judged, planned, executed side by side where the graph allows, archived.
 * The journal is written as things happen, the record last; whatever goes wrong on the way, both are true.
 */
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { textWithoutCredentials } from "../core/credentials.ts";
import { digestOf } from "../core/digest.ts";
import type { Effects } from "../core/effects.ts";
import { StepLabError } from "../core/error.ts";
import { readableJson } from "../core/json.ts";
import { RECORD_FILE, archiveOf, isRunId, newRunId, type Archive } from "../lineage/archive.ts";
import { gcEnded } from "../lineage/gc/lock.ts";
import { gitFacts } from "../lineage/git/watch.ts";
import { Journal } from "../lineage/journal.ts";
import { plannedStage } from "../lineage/planned-stage.ts";
import { indexRun } from "../lineage/query/run-index.ts";
import type {
  EnvironmentFacts,
  GitFacts,
  RunId,
  RunRecord,
  StageRecord,
} from "../lineage/record.ts";
import type { RunStatus } from "../lineage/status.ts";
import {
  ensureFolder,
  isErrno,
  keepCache,
  writeFailed,
  writeFileAtomic,
} from "../lineage/store/files.ts";
import { ObjectStore } from "../lineage/store/objects.ts";
import { syncFolder } from "../lineage/store/sync.ts";
import { isNotebook } from "./document-kind.ts";
import { judge } from "./judge.ts";
import { KernelPool } from "./jupyter/pool.ts";
import type { JupyterServer, ServerKernels } from "./jupyter/server-kernels.ts";
import { RUN_DEFAULTS, type Judged, type RunOptions } from "./options.ts";
import { abandon, markRunning, thisProcess, unmarkRunning } from "../lineage/owner.ts";
import { Planner } from "./plan.ts";
import { Schedule } from "./schedule.ts";
import { selectStages } from "../pipeline/graph.ts";

/**
 * Runs a pipeline and returns its record, whatever its status.
 *
 *     const record = await run({ projectRoot: process.cwd() });
 *     console.log(record.status, record.stages["train"]?.metrics);
 *
 * @throws StepLabError for what keeps a run from beginning (`lint/errors`, `parameter/…`, `run/…`), and for
 *   an archive that cannot be written (`archive/…`).
 */
export async function run(
  options: Partial<RunOptions> & Pick<RunOptions, "projectRoot">,
): Promise<RunRecord> {
  const settings: RunOptions = { ...RUN_DEFAULTS, ...options };
  const { projectRoot, effects } = settings;
  const archive = archiveOf(projectRoot);
  const startedAt = effects.now();
  using server = settings.server && (await connected(settings.server, projectRoot));
  await using pool = new KernelPool(projectRoot, server ? () => server.start() : undefined);
  // What is sure to run, or to have changed, will want a kernel: it comes up while the rest is found out.
  const warm = (): void => pool.warm(1);
  if (settings.force) warm();
  const judged = await judge(projectRoot, settings.document, settings.overrides, archive, warm);
  settings.onJudged(judged);
  const selected = selectedStages(judged, settings);
  const store = new ObjectStore(archive);
  ensureFolder(archive.store);
  const git = await gitFacts(projectRoot, archive, store);
  const seed = settings.seed ?? judged.pipeline.seed;
  const planner = new Planner(projectRoot, archive, store, judged, seed);
  const { run: id, folder } = createRunFolder(archive, effects);
  try {
    await gcEnded(archive);
    const record = await runInFolder({
      settings,
      archive,
      judged,
      selected,
      store,
      git,
      seed,
      planner,
      pool,
      id,
      folder,
      startedAt,
    });
    unmarkRunning(archive, id);
    rmSync(join(archive.scratch, id), { recursive: true, force: true });
    indexRun(projectRoot, record);
    return record;
  } finally {
    abandon(id); // without a record it keeps its marker and its scratch: the next command writes the record from them
  }
}

/** Loaded where it is wanted: few runs are. */
async function connected(server: JupyterServer, projectRoot: string): Promise<ServerKernels> {
  const { ServerKernels } = await import("./jupyter/server-kernels.ts");
  return await ServerKernels.connect(server, projectRoot);
}

interface Begun {
  settings: RunOptions;
  archive: Archive;
  judged: Judged;
  selected: Set<string>;
  store: ObjectStore;
  git: GitFacts | null;
  seed: number;
  planner: Planner;
  pool: KernelPool;
  id: RunId;
  folder: string;
  startedAt: number;
}

async function runInFolder(begun: Begun): Promise<RunRecord> {
  const { settings, archive, judged, planner, id, folder, startedAt } = begun;
  const { pipeline } = judged;
  // An exploration is its own document, and its executed copy is archived anyway.
  if (!isNotebook(settings.document)) copyDocument(settings.projectRoot, settings.document, folder);
  using journal = new Journal(folder, () => settings.effects.now());
  journal.watch(settings.onEvent);
  const stages = Object.fromEntries(
    judged.order.map((name, position) => [name, notRun(judged, name, position + 1)]),
  );
  const head = {
    run: id,
    pipeline: pipeline.name,
    document: settings.document,
    seed: begun.seed,
    profile: settings.overrides.profile,
    git: begun.git,
  };
  journal.append({
    type: "run-started",
    ...head,
    owner: thisProcess(),
    environment: environmentOf(planner),
    stages: { ...stages }, // as they stand now: an event never changes
  });
  const schedule = new Schedule({
    ...begun,
    journal,
    stages,
    jobs: settings.jobs ?? availableParallelism(),
  });
  const failure = await schedule.run();
  keepCache(() => planner.save());
  const status = statusOf(stages, begun.selected, settings.signal);
  const record: RunRecord = {
    steplab: 1,
    ...head,
    status,
    startedAt: new Date(startedAt).toISOString(),
    endedAt: new Date(settings.effects.now()).toISOString(),
    environment: environmentOf(planner),
    stages,
  };
  try {
    if (failure === null) journal.append({ type: "run-ended", status: record.status });
    writeRecord(archive, folder, record, journal);
  } catch (error) {
    throw failure ?? error; // what went wrong first says more
  }
  return record;
}

/** The record last: who sees it sees a whole run. Then the reference to the newest run. */
function writeRecord(archive: Archive, folder: string, record: RunRecord, journal: Journal): void {
  journal.sync();
  syncFolder(folder);
  writeFileAtomic(join(folder, RECORD_FILE), readableJson(record), { durable: true });
  syncFolder(folder);
  ensureFolder(archive.refs);
  writeFileAtomic(
    join(archive.refs, "last.json"),
    JSON.stringify({ run: record.run, status: record.status }),
    { durable: false },
  );
}

/** @throws StepLabError `run/unknown-stage`, `run/nothing-selected`, `run/unknown-input` */
function selectedStages(judged: Judged, { select, inputs }: RunOptions): Set<string> {
  const selection = selectStages(judged.pipeline, select);
  if (!selection.ok) {
    throw new StepLabError(
      "run/unknown-stage",
      selection.message,
      selection.hint === undefined ? {} : { hint: selection.hint },
    );
  }
  if (selection.stages.size === 0) {
    throw new StepLabError("run/nothing-selected", "No stage lies between --from and --to.", {
      hint: `The order is: ${judged.order.join(", ")}.`,
    });
  }
  for (const place of Object.keys(inputs)) {
    const [stage = "", input = ""] = place.split(".");
    const contract = judged.contracts[stage];
    if (contract !== undefined && input in contract.inputs) continue;
    const known =
      contract === undefined
        ? `Stages: ${judged.order.join(", ")}.`
        : `Inputs of ${stage}: ${Object.keys(contract.inputs).join(", ") || "none"}.`;
    throw new StepLabError("run/unknown-input", `There is no input "${place}".`, { hint: known });
  }
  return selection.stages;
}

/** Marked, then created exclusively: two runs of one second never share a folder, and none is ever without an owner. */
function createRunFolder(archive: Archive, effects: Effects): { run: RunId; folder: string } {
  ensureFolder(archive.root);
  for (;;) {
    const run = newRunId(effects, readdirSync(archive.root).filter(isRunId).sort().at(-1));
    const folder = join(archive.root, run);
    if (existsSync(folder) || !markRunning(archive, run)) continue;
    try {
      mkdirSync(folder);
      return { run, folder };
    } catch (error) {
      unmarkRunning(archive, run);
      if (!isErrno(error, "EEXIST")) throw writeFailed(folder, error);
    }
  }
}

/** As it stood, but for credentials in addresses: an archive is shown to other people. */
function copyDocument(projectRoot: string, document: string, folder: string): void {
  const path = join(folder, "PIPELINE.md");
  try {
    const text = readFileSync(join(projectRoot, document), "utf8");
    writeFileSync(path, textWithoutCredentials(text));
  } catch (error) {
    throw writeFailed(path, error);
  }
}

function environmentOf(planner: Planner): EnvironmentFacts {
  const packages = Object.entries(planner.packages).map(([name, pinned]) => [
    name,
    pinned.split(" ")[0] ?? pinned,
  ]);
  return {
    node: process.versions.node,
    platform: `${process.platform}-${process.arch}`,
    lockfile: planner.lockfile.digest,
    packages: Object.fromEntries(packages),
    steplab: planner.own.version,
  };
}

function notRun({ notebooks, params }: Judged, name: string, index: number): StageRecord {
  const { template = "", source = digestOf("") } = notebooks[name] ?? {};
  return plannedStage({ index, template, source, params: params[name] ?? {} });
}

function statusOf(
  stages: Record<string, StageRecord>,
  selected: Set<string>,
  signal: AbortSignal,
): RunStatus {
  const asked = [...selected].map((name) => stages[name]?.status);
  if (asked.every((status) => status === "succeeded" || status === "cached")) return "succeeded";
  return signal.aborted ? "cancelled" : "failed";
}
