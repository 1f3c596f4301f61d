/** Names and places in the archive: the `runs/` folder of a project (DESIGN 8). */
import { join } from "node:path";
import type { Effects } from "../core/effects.ts";
import type { RunId } from "./record.ts";

/** Absolute paths of one project's archive. */
export interface Archive {
  root: string;
  store: string;
  objects: string;
  keys: string;
  refs: string;
  contracts: string;
  cache: string;
  /** What the pipeline was judged to be, by content. */
  verdicts: string;
  scratch: string;
}

/** The places of a project's archive; nothing is made. */
export function archiveOf(projectRoot: string): Archive {
  const root = join(projectRoot, "runs");
  const store = join(root, ".store");
  return {
    root,
    store,
    objects: join(store, "objects"),
    keys: join(store, "keys"),
    refs: join(store, "refs"),
    contracts: join(store, "contracts"),
    cache: join(store, "cache"),
    verdicts: join(store, "cache", "judged"),
    scratch: join(store, "scratch"),
  };
}

/** The record, written last: a run folder with it is whole. */
export const RECORD_FILE = "run.json";
/** The journal, appended from the run's first moment. */
export const JOURNAL_FILE = "events.jsonl";

const RUN_ID = /^\d{4}-\d{2}-\d{2}T\d{6}Z-[0-9a-f]{4,}$/;

/**
 * `2026-11-21T010203Z-6f3a`: sorts by time, readable, legal as a file name on every system.
 * The random end keeps runs of one second apart; it is above that of `newest`, so that of two runs of one
 * second the later one is still `last`. The caller creates the folder exclusively.
 */
export function newRunId(effects: Effects, newest: RunId | undefined): RunId {
  const iso = new Date(effects.now()).toISOString();
  const second = `${iso.slice(0, 10)}T${iso.slice(11, 19).replaceAll(":", "")}Z-`;
  const id = `${second}${effects.randomHex(2)}`;
  if (newest === undefined || !newest.startsWith(second) || id > newest) return id as RunId; // made here only
  const next = (Number.parseInt(newest.slice(second.length), 16) + 1).toString(16);
  const end = newest.slice(second.length);
  return (
    next.length > end.length ? `${newest}0` : `${second}${next.padStart(end.length, "0")}`
  ) as RunId; // as above
}

/** Whether a folder's name is a run's, and not something a person put there. */
export function isRunId(text: string): text is RunId {
  return RUN_ID.test(text);
}

/** `3-process`: the stage's folder in a run, named by its place in the graph's order. */
export function stageFolder(index: number, stage: string): string {
  return `${index}-${stage}`;
}
