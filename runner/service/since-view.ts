/** What changed since a run in what made one of its stages: the project as it is saved now, against what was archived. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { artifactDigest } from "../../core/digest.ts";
import { StepLabError } from "../../core/error.ts";
import { readNotebook, type Notebook } from "../../core/notebook/index.ts";
import { archiveOf } from "../../lineage/archive.ts";
import { moduleChanges, type ModuleChange } from "../../lineage/query/diff/code.ts";
import { diffNotebooks, type CellChange } from "../../lineage/query/diff/notebook.ts";
import { valueChanges } from "../../lineage/query/diff/value.ts";
import { recordOf } from "../../lineage/query/runs.ts";
import type { RunId, StageRecord } from "../../lineage/record.ts";
import { ObjectStore } from "../../lineage/store/objects.ts";
import type { KnownPipeline } from "./pipeline-view.ts";
import type { SinceView } from "./protocol.ts";
import { sinceOf } from "./run-view.ts";

/** @throws StepLabError `archive/unknown-run`, `run/unknown-stage` */
export async function viewSince(
  projectRoot: string,
  run: RunId,
  stage: string,
  knownOf: (document: string) => Promise<KnownPipeline>,
): Promise<SinceView> {
  const record = recordOf(projectRoot, run);
  const made = record.stages[stage];
  if (made === undefined)
    throw new StepLabError("run/unknown-stage", `Run ${run} has no stage "${stage}".`);
  const known = await knownOf(record.document);
  const verdict = sinceOf(stage, made, known);
  const path = known.pipeline?.stages.find(({ name }) => name === stage)?.notebook;
  if (verdict === "gone" || path === undefined)
    return { verdict, cells: [], modules: [], params: [] };
  const store = new ObjectStore(archiveOf(projectRoot));
  const params = known.sound?.judged.params[stage];
  return {
    verdict,
    cells: cellsSince(join(projectRoot, path), made, store),
    modules: modulesSince(projectRoot, made, store),
    params: params === undefined ? [] : valueChanges(made.params, params),
  };
}

/** Null where the executed notebook is not kept, or there is no working copy that can be read. */
function cellsSince(path: string, made: StageRecord, store: ObjectStore): CellChange[] | null {
  const { executed } = made.notebook;
  if (executed === null || !store.has(executed) || !existsSync(path)) return null;
  const before = readNotebook(store.readBytes(executed).toString("utf8"), path).notebook;
  const after = readNotebook(readFileSync(path, "utf8"), path).notebook;
  if (before === null || after === null) return null;
  return diffNotebooks(before, withoutScratch(after), { outputs: false }).cells;
}

/** Runs leave scratch cells out. */
function withoutScratch(notebook: Notebook): Notebook {
  return { ...notebook, cells: notebook.cells.filter(({ slot }) => slot !== "scratch") };
}

/** Of the modules that the stage rested on then; one that is new is named by a cell or a module that changed. */
function modulesSince(
  projectRoot: string,
  { modules = {} }: StageRecord,
  store: ObjectStore,
): ModuleChange[] {
  const texts = new Map<string, string>();
  const now: typeof modules = {};
  for (const path of Object.keys(modules)) {
    const file = join(projectRoot, path);
    if (!existsSync(file)) continue;
    const text = readFileSync(file, "utf8");
    const digest = artifactDigest(text);
    now[path] = digest;
    texts.set(digest, text);
  }
  const textOf = (digest: NonNullable<(typeof modules)[string]>): string | null =>
    texts.get(digest) ?? (store.has(digest) ? store.readBytes(digest).toString("utf8") : null);
  return moduleChanges(modules, now, textOf);
}
