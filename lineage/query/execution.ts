/** Stage executions as lineage sees them: what each read, what it made, and from which code. */
import { appendFileSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Digest, StageKey } from "../../core/digest.ts";
import type { InputSource } from "../../core/host.ts";
import type { Json } from "../../core/json.ts";
import type { Archive } from "../archive.ts";
import type { GitFacts, OutputRecord, RunId, RunRecord } from "../record.ts";
import type { StageStatus } from "../status.ts";
import { ensureFolder, writeFailed } from "../store/files.ts";

/** One execution of a stage. Runs that took its results cached have none of their own. */
export interface Execution {
  /** The run that executed it; with the stage's name, its identity. */
  run: RunId;
  stage: string;
  status: StageStatus;
  key: StageKey | null;
  endedAt: string;
  git: Pick<GitFacts, "commit" | "branch" | "tag" | "dirty"> | null;
  /** Digest of the notebook as it was. */
  notebook: Digest;
  params: Record<string, Json>;
  inputs: { name: string; source: InputSource; digest: Digest; bytes: number }[];
  outputs: {
    name: string;
    kind: OutputRecord["kind"];
    digest: Digest;
    bytes: number;
    rows: number | null;
  }[];
  metrics: string[];
  /** Checks by name, with the digest of the rows that broke them. */
  checks: { name: string; rows: Digest | null }[];
}

/** `2026-11-21T010203Z-6f3a/train` */
export type ExecutionId = `${RunId}/${string}`;

export function executionId({ run, stage }: Pick<Execution, "run" | "stage">): ExecutionId {
  return `${run}/${stage}`;
}

/**
 * The executions that a record tells of: its own, and those of earlier runs whose results it took, as it has them.
 * Git's facts are only known of its own.
 */
export function executionsOf(record: RunRecord): Execution[] {
  return Object.entries(record.stages).flatMap(([stage, made]): Execution[] => {
    if (made.executedIn === null) return [];
    const isOwn = made.executedIn === record.run;
    const { git } = record;
    return [
      {
        run: made.executedIn,
        stage,
        status: made.status === "cached" ? "succeeded" : made.status,
        key: made.key,
        endedAt: made.attempts.at(-1)?.endedAt ?? record.endedAt,
        git: isOwn
          ? git && { commit: git.commit, branch: git.branch, tag: git.tag, dirty: git.dirty }
          : null,
        notebook: made.notebook.source,
        params: made.params,
        inputs: Object.entries(made.inputs).map(([name, input]) => ({ name, ...input })),
        outputs: Object.entries(made.outputs).map(([name, { kind, digest, bytes, summary }]) => ({
          name,
          kind,
          digest,
          bytes,
          rows: "rows" in summary && typeof summary.rows === "number" ? summary.rows : null,
        })),
        metrics: Object.keys(made.metrics),
        checks: made.checks.map(({ name, rows }) => ({ name, rows: rows?.artifact ?? null })),
      },
    ];
  });
}

/** In the file's name: raised when an execution gains or loses a member. */
const VERSION = 1;

export function executionsPath(archive: Archive): string {
  return join(archive.cache, `executions-${VERSION}.tsv`);
}

/** Those that were written down, by id. A cache, as the index of runs is: what is torn or missing is made again. */
export function readExecutionLines(archive: Archive): Map<ExecutionId, string> {
  const lines = new Map<ExecutionId, string>();
  let text: string;
  try {
    text = readFileSync(executionsPath(archive), "utf8");
  } catch {
    return lines;
  }
  for (const each of text.split("\n")) {
    const tab = each.indexOf("\t");
    if (tab > 0) lines.set(each.slice(0, tab) as ExecutionId, each.slice(tab + 1)); // only ever looked up by real ids
  }
  return lines;
}

export function appendExecutions(archive: Archive, executions: readonly Execution[]): void {
  if (executions.length === 0) return;
  ensureFolder(archive.cache);
  const path = executionsPath(archive);
  const text = executions.map((each) => `${executionId(each)}\t${JSON.stringify(each)}\n`).join("");
  try {
    // The line end in front closes what a writer that died left open.
    appendFileSync(path, `\n${text}`);
  } catch (error) {
    throw writeFailed(path, error);
  }
}
