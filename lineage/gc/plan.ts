/** What could be freed, found by reading: runs by the rule, then whatever nothing that stays needs. */
import { existsSync, lstatSync, readdirSync, statSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import type { Digest, StageKey } from "../../core/digest.ts";
import { archiveOf, isRunId, type Archive } from "../archive.ts";
import { isAlive, isOwned, markedRuns } from "../owner.ts";
import { readBriefs } from "../query/run-index.ts";
import { listRuns, runFolder } from "../query/runs.ts";
import type { RunId } from "../record.ts";
import { KeyIndex } from "../store/keys.ts";
import { ObjectStore } from "../store/objects.ts";
import { planDrop, type DropRule } from "./drop.ts";
import { pinsOf } from "./pins.ts";
import { protections } from "./protect.ts";
import { Reached } from "./reach.ts";

export interface GcOptions {
  /** Runs to give up first; none unless told. */
  rule: DropRule;
  /** What is younger stays, whoever needs it: its user may be about to write it down. Milliseconds. */
  graceMs: number;
  now: number;
}

export interface GcPlan {
  /** Runs under way. While there are any, no run is dropped and every key is honoured. */
  running: RunId[];
  drop: { run: RunId; bytes: number }[];
  /** Runs that fit the rule and stay. */
  kept: { run: RunId; why: string }[];
  keys: string[];
  objects: { digest: Digest; bytes: number; mtimeMs: number }[];
  /** Scratch of dead runs, temporary files of dead writers, what an interrupted collection left: absolute paths. */
  leftovers: { path: string; bytes: number }[];
  /** Contracts and verdicts that nobody asked for in {@link UNUSED_DAYS} days: absolute paths. Made again when needed. */
  unused: { path: string; bytes: number }[];
  /** Unneeded and younger than the grace period. */
  recent: { count: number; bytes: number };
  /** What stays in the store. */
  needed: { count: number; bytes: number };
}

/** Longer than a holiday: what is freed too early costs a second. */
export const UNUSED_DAYS = 30;
const DAY_MS = 24 * 3_600_000;

/** Where dropped runs go first: out of everybody's sight at once, removed in their own time. */
export function trashOf(archive: Archive): string {
  return join(archive.store, "trash");
}

/** @throws StepLabError `gc/unreadable`, `gc/protected` */
export function planGc(projectRoot: string, { rule, graceMs, now }: GcOptions): GcPlan {
  const archive = archiveOf(projectRoot);
  const store = new ObjectStore(archive);
  const youngest = now - graceMs;
  const running = markedRuns(archive).filter((run) => isOwned(archive, run));
  const protectedBy = [...protections(archive), ...pinsOf(projectRoot)];
  const { drop, kept } = planDrop([...readBriefs(projectRoot)], rule, protectedBy);
  const dropped = new Set(running.length > 0 ? [] : drop);
  const reached = new Reached(store);
  for (const { digests } of protectedBy) for (const digest of digests) reached.add(digest);
  const stays = new Set(listRuns(projectRoot).filter((run) => !dropped.has(run)));
  for (const run of stays) reached.addRun(projectRoot, run);
  reached.addLastPlans(projectRoot);
  if (running.length > 0) reached.addKeys(projectRoot);
  const plan: GcPlan = {
    running,
    drop: [...dropped].map((run) => ({ run, bytes: sizeOf(runFolder(projectRoot, run)) })),
    kept:
      running.length > 0
        ? [...kept, ...drop.map((run) => ({ run, why: "needed until no run is under way" }))]
        : kept,
    keys: running.length > 0 ? [] : staleKeys(archive, stays, reached, youngest),
    objects: [],
    leftovers: leftoversOf(archive, stays, running, youngest),
    unused: unusedCaches(archive, Math.min(youngest, now - UNUSED_DAYS * DAY_MS)),
    recent: { count: 0, bytes: 0 },
    needed: { count: 0, bytes: 0 },
  };
  for (const digest of store.list()) sort(plan, store, digest, reached, youngest);
  return plan;
}

function sort(
  plan: GcPlan,
  store: ObjectStore,
  digest: Digest,
  reached: Reached,
  youngest: number,
): void {
  const stat = statSync(store.pathOf(digest), { throwIfNoEntry: false });
  if (stat === undefined) return; // another collection was quicker
  const { size: bytes, mtimeMs } = stat;
  if (!reached.digests.has(digest) && mtimeMs <= youngest) {
    plan.objects.push({ digest, bytes, mtimeMs });
    return;
  }
  const list = reached.digests.has(digest) ? plan.needed : plan.recent;
  list.count += 1;
  list.bytes += bytes;
}

/** Keys whose results were executed in a run that no longer stays, and of which an object is needed by nothing else. */
function staleKeys(
  archive: Archive,
  stays: ReadonlySet<RunId>,
  reached: Reached,
  youngest: number,
): string[] {
  if (!existsSync(archive.keys)) return [];
  const index = new KeyIndex(archive);
  return readdirSync(archive.keys).filter((name) => {
    const key = /^([0-9a-f]{64})\.json$/.exec(name)?.[1];
    if (key === undefined || statSync(join(archive.keys, name)).mtimeMs > youngest) return false;
    const entry = index.get(`sha256:${key}` as StageKey); // the name is the key
    if (entry === null) return true; // unreadable: its stage runs again anyway
    const { executedIn, outputs, notebook } = entry.record;
    if (executedIn !== null && stays.has(executedIn)) return false;
    const needs = Object.values(outputs).map(({ digest }): Digest => digest);
    if (notebook.executed !== null) needs.push(notebook.executed);
    return needs.some((digest) => !reached.digests.has(digest));
  });
}

/** Who reads one makes its time new, so an old one is of code that is no longer there. */
function unusedCaches(archive: Archive, youngest: number): GcPlan["unused"] {
  return [archive.contracts, archive.verdicts]
    .flatMap((folder) => namesIn(folder).map((name) => join(folder, name)))
    .filter((path) => path.endsWith(".json") && isOlder(path, youngest))
    .map((path) => ({ path, bytes: sizeOf(path) }));
}

/** As `temporaryName` makes them: with the process that writes it. */
const TEMPORARY = /\.(\d+)\.[0-9a-f]+\.tmp$/;

function leftoversOf(
  archive: Archive,
  stays: ReadonlySet<RunId>,
  running: readonly RunId[],
  youngest: number,
): GcPlan["leftovers"] {
  const paths: string[] = [];
  for (const name of namesIn(archive.scratch)) {
    const path = join(archive.scratch, name);
    const isDead = isRunId(name) ? !running.includes(name) : isOlder(path, youngest);
    if (isDead) paths.push(path);
  }
  for (const name of namesIn(trashOf(archive))) paths.push(join(trashOf(archive), name));
  const folders = [
    archive.objects,
    ...namesIn(archive.objects).map((prefix) => join(archive.objects, prefix)),
    archive.keys,
    archive.refs,
    archive.cache,
    archive.contracts,
    archive.verdicts,
    ...[...stays].map((run) => join(archive.root, run)),
  ];
  for (const folder of folders)
    for (const name of namesIn(folder)) {
      const path = join(folder, name);
      const pid = TEMPORARY.exec(name)?.[1];
      if (pid === undefined || !isOlder(path, youngest)) continue;
      if (!isAlive({ pid: Number(pid), startedAt: null, host: hostname() })) paths.push(path);
    }
  return paths.map((path) => ({ path, bytes: sizeOf(path) }));
}

function namesIn(folder: string): string[] {
  const stat = lstatSync(folder, { throwIfNoEntry: false });
  return stat?.isDirectory() === true ? readdirSync(folder) : [];
}

function isOlder(path: string, youngest: number): boolean {
  const stat = lstatSync(path, { throwIfNoEntry: false });
  return stat !== undefined && stat.mtimeMs <= youngest;
}

/** Bytes of the files below that are its own: a link's target is another's. */
function sizeOf(path: string): number {
  const stat = lstatSync(path, { throwIfNoEntry: false });
  if (stat === undefined) return 0;
  if (!stat.isDirectory()) return stat.isFile() ? stat.size : 0;
  return readdirSync(path).reduce((sum, name) => sum + sizeOf(join(path, name)), 0);
}
