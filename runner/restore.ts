/**
 * A stage of a past run as a live notebook: its executed notebook, its modules, inputs, parameters and seed as they
 * were, laid out in `restored/<run>/<stage>/` of the project. What is done there changes nothing in the archive.
 */
import { copyFileSync, existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { StepLabError } from "../core/error.ts";
import { HOST_VERSION, type Bindings } from "../core/host.ts";
import type { Json } from "../core/json.ts";
import {
  readNotebook,
  STEPLAB_KERNELSPEC,
  writeNotebook,
  type Notebook,
} from "../core/notebook/index.ts";
import { RESTORED_FILE, type Restored } from "../core/restored.ts";
import { archiveOf } from "../lineage/archive.ts";
import { recordOf } from "../lineage/query/runs.ts";
import type { RunId, RunRecord, StageRecord } from "../lineage/record.ts";
import { ensureFolder, writeFileAtomic } from "../lineage/store/files.ts";
import { ObjectStore } from "../lineage/store/objects.ts";
import { readPipeline } from "../pipeline/document.ts";
import { bindRecorded } from "./execute/bindings.ts";
import { INJECTED_CELL_ID } from "./execute/executed-notebook.ts";
import { stageSeed } from "./key/key.ts";

/** Visible, because Jupyter hides what begins with a dot; ignored by git. */
export const RESTORED_FOLDER = "restored";

export interface RestoreOptions {
  /** A cell's number, id or slot; of a stage that failed in a cell, that one where left out. */
  at?: string;
  /** Lays it out anew, beside what was left there. */
  fresh?: boolean;
}

export interface RestoredStage {
  run: RunId;
  stage: string;
  /** Relative to the project root, with forward slashes. */
  notebook: string;
  /** The cell that it is to be replayed to, which itself is left to run; null: nobody said, and no cell failed. */
  at: { id: string; number: number } | null;
  /** False: it was laid out before, and is as it was left. */
  isNew: boolean;
  /** What is not as it was, in words. */
  differs: string[];
}

/**
 * @throws StepLabError `archive/unknown-run`, `run/unknown-stage`, `open/nothing-executed`, `open/unknown-cell`,
 * `store/missing`, `store/damaged`
 */
export function restoreStage(
  projectRoot: string,
  run: RunId,
  stage: string,
  { at, fresh = false }: RestoreOptions = {},
): RestoredStage {
  const record = recordOf(projectRoot, run);
  const made = record.stages[stage];
  if (made === undefined)
    throw new StepLabError("run/unknown-stage", `Run ${run} has no stage "${stage}".`, {
      hint: `It has: ${Object.keys(record.stages).join(", ")}.`,
    });
  const store = new ObjectStore(archiveOf(projectRoot));
  const notebook = executedNotebook(store, run, stage, made);
  const target = cellAt(notebook, made, at);
  const folder = folderFor(projectRoot, run, stage, fresh);
  const path = `${folder}/${sourcePath(projectRoot, record, stage)}`;
  const isNew = !existsSync(join(projectRoot, path));
  ensureFolder(join(projectRoot, RESTORED_FOLDER));
  writeFileAtomic(join(projectRoot, RESTORED_FOLDER, ".gitignore"), "*\n", { durable: false });
  const differs = [
    ...layOutModules(projectRoot, folder, made, store),
    ...otherPackages(projectRoot, record),
    ...otherKernel(made),
  ];
  ensureFolder(dirname(join(projectRoot, path)));
  const bindings = bindingsOf({ projectRoot, folder, path, record, stage, made, store });
  const restored: Restored = { steplab: 1, run, stage, bindings };
  writeFileAtomic(join(projectRoot, folder, RESTORED_FILE), JSON.stringify(restored), {
    durable: false,
  });
  // What somebody has written there stays.
  if (isNew)
    writeFileAtomic(join(projectRoot, path), writeNotebook(marked(notebook, run, stage)), {
      durable: false,
    });
  return { run, stage, notebook: path, at: target, isNew, differs };
}

function executedNotebook(
  store: ObjectStore,
  run: RunId,
  stage: string,
  { notebook: { executed } }: StageRecord,
): Notebook {
  if (executed === null)
    throw new StepLabError("open/nothing-executed", `Stage "${stage}" of run ${run} did not run.`, {
      hint: "Open a run in which it did: npx steplab runs --stage lists them.",
    });
  const text = store.readBytes(executed).toString("utf8");
  const { notebook } = readNotebook(text, `${stage}.ipynb`);
  if (notebook === null) throw new Error(`the executed notebook ${executed} is none`);
  return notebook;
}

/** The numbers are those that messages name: of the source, which has no injected cell. */
function cellAt(
  { cells }: Notebook,
  { error }: StageRecord,
  at: string | undefined,
): RestoredStage["at"] {
  const numbered = cells
    .filter(({ id }) => id !== INJECTED_CELL_ID)
    .map((cell, index) => ({ cell, number: index + 1 }));
  const found =
    at === undefined
      ? numbered.find(({ cell }) => cell.id === error?.cell?.id)
      : (numbered.find(({ cell }) => cell.id === at) ??
        numbered.find(({ number }) => String(number) === at) ??
        numbered.find(({ cell }) => cell.slot === at));
  if (found !== undefined) return { id: found.cell.id, number: found.number };
  if (at === undefined) return null;
  throw new StepLabError("open/unknown-cell", `The executed notebook has no cell "${at}".`, {
    hint: `A cell is named by its number (1 to ${numbered.length}), its id or its slot.`,
  });
}

function folderFor(projectRoot: string, run: RunId, stage: string, fresh: boolean): string {
  const first = `${RESTORED_FOLDER}/${run}/${stage}`;
  if (!fresh) return first;
  let folder = first;
  for (let n = 2; existsSync(join(projectRoot, folder)); n++) folder = `${first}-${n}`;
  return folder;
}

/** Where the notebook stood in the project then: relative imports go out from there. */
function sourcePath(projectRoot: string, { run, document }: RunRecord, stage: string): string {
  if (document.endsWith(".ipynb")) return document; // an exploration
  const copy = join(projectRoot, "runs", run, "PIPELINE.md");
  const { pipeline } = existsSync(copy)
    ? readPipeline(readFileSync(copy, "utf8"), document)
    : { pipeline: null };
  return pipeline?.stages.find(({ name }) => name === stage)?.notebook ?? `${stage}.ipynb`;
}

/** @returns what could not be laid out as it was */
function layOutModules(
  projectRoot: string,
  folder: string,
  { modules = {} }: StageRecord,
  store: ObjectStore,
): string[] {
  const differs: string[] = [];
  const manifest = join(projectRoot, "package.json");
  ensureFolder(join(projectRoot, folder));
  // `#names` of imports lead into the folder, and not to what the modules are now.
  if (existsSync(manifest)) copyFileSync(manifest, join(projectRoot, folder, "package.json"));
  for (const [path, digest] of Object.entries(modules)) {
    const [now, then] = [join(projectRoot, path), join(projectRoot, folder, path)];
    if (existsSync(then)) continue; // laid out before, and maybe edited
    ensureFolder(dirname(then));
    if (digest !== null && store.has(digest))
      writeFileAtomic(then, store.readBytes(digest), { durable: false });
    else {
      differs.push(`${path} was not kept: it is taken as it is now.`);
      if (existsSync(now)) copyFileSync(now, then);
    }
  }
  return differs;
}

function otherPackages(projectRoot: string, { environment }: RunRecord): string[] {
  return Object.entries(environment.packages).flatMap(([name, then]) => {
    const path = join(projectRoot, "node_modules", name, "package.json");
    if (!existsSync(path)) return [`${name} ${then} is not installed.`];
    const { version } = JSON.parse(readFileSync(path, "utf8")) as { version?: string }; // npm's own form
    return version === undefined || version === then
      ? []
      : [`${name} was ${then} and is ${version} now.`];
  });
}

/** Only steplab's own kernel binds what a person opens. */
function otherKernel({ kernel }: StageRecord): string[] {
  if (kernel === undefined || kernel.name === STEPLAB_KERNELSPEC.kernelspec.name) return [];
  const { name, version } = kernel;
  const what = version === null ? name : `${name} ${version}`;
  return [`It ran on the kernel ${what}, and opens on steplab's own.`];
}

function bindingsOf({
  projectRoot,
  folder,
  path,
  record,
  stage,
  made,
  store,
}: {
  projectRoot: string;
  folder: string;
  path: string;
  record: RunRecord;
  stage: string;
  made: StageRecord;
  store: ObjectStore;
}): Bindings {
  const beside = join(projectRoot, folder, ".steplab");
  return {
    version: HOST_VERSION,
    mode: "interactive",
    run: record.run,
    stage,
    seed: stageSeed(record.seed, stage),
    inputs: bindRecorded(projectRoot, record, made, store, join(beside, "inputs")),
    staging: join(beside, "staging"),
    scratch: join(beside, "tmp"),
    projectRoot,
    notebook: join(projectRoot, path),
  };
}

/** So that front ends know it for what it is. */
function marked(notebook: Notebook, run: RunId, stage: string): Notebook {
  const ours: Record<string, Json> = {
    ...notebook.metadata.steplab,
    restored: { run, stage },
  };
  return {
    ...notebook,
    metadata: { ...notebook.metadata, ...STEPLAB_KERNELSPEC, steplab: ours },
  };
}
