/** What two runs did not have in common besides their stages: status, git, seed, environment. Pure. */
import type { Json } from "../../../core/json.ts";
import type { GitFacts, RunId, RunRecord } from "../../record.ts";
import type { RunStatus } from "../../status.ts";
import { namesOf, valueChanges, type ValueChange } from "./value.ts";

export interface RunHead {
  run: RunId;
  status: RunStatus;
  startedAt: string;
  endedAt: string;
}

export interface RunFacts {
  status: { before: RunStatus; after: RunStatus } | null;
  /** `pipeline`, `document`, `seed`, `profile`. */
  run: ValueChange[];
  /** Both sides when anything of it differs; a side is null where there was no repository. */
  git: { before: GitFacts | null; after: GitFacts | null } | null;
  /** `node`, `platform`, `steplab`, `lockfile`. */
  environment: ValueChange[];
  /** By name, versions. Where a run left stages out, a package it does not name says nothing and is left out. */
  packages: ValueChange[];
}

export function headOf({ run, status, startedAt, endedAt }: RunRecord): RunHead {
  return { run, status, startedAt, endedAt };
}

export function diffRunFacts(before: RunRecord, after: RunRecord): RunFacts {
  return {
    status: before.status === after.status ? null : { before: before.status, after: after.status },
    run: valueChanges(settingsOf(before), settingsOf(after)),
    git:
      valueChanges(jsonOf(before.git), jsonOf(after.git)).length === 0
        ? null
        : { before: before.git, after: after.git },
    environment: valueChanges(environmentOf(before), environmentOf(after)),
    packages: packageChanges(before, after),
  };
}

function settingsOf({ pipeline, document, seed, profile }: RunRecord): Record<string, Json> {
  return { pipeline, document, seed, profile };
}

function environmentOf({ environment }: RunRecord): Record<string, Json> {
  const { node, platform, steplab, lockfile } = environment;
  return { node, platform, steplab, lockfile };
}

function jsonOf(git: GitFacts | null): Json {
  return git && { ...git };
}

/** Not by `valueChanges`: the names hold dots, and are no paths. */
function packageChanges(before: RunRecord, after: RunRecord): ValueChange[] {
  const [earlier, later] = [before.environment.packages, after.environment.packages];
  const isWhole = reachedAll(before) && reachedAll(after);
  return namesOf(earlier, later)
    .sort()
    .flatMap((path) => {
      const [was, is] = [earlier[path], later[path]];
      if (was === is) return [];
      if (!isWhole && (was === undefined || is === undefined)) return [];
      return [
        { path, ...(was !== undefined && { before: was }), ...(is !== undefined && { after: is }) },
      ];
    });
}

function reachedAll({ stages }: RunRecord): boolean {
  return Object.values(stages).every(({ status }) => status !== "not-run");
}
