/** All executions that any run's results come from: what lineage walks. */
import { StepLabError } from "../../core/error.ts";
import { archiveOf } from "../archive.ts";
import type { RunId } from "../record.ts";
import { keepCache } from "../store/files.ts";
import type { RunBrief } from "./brief.ts";
import {
  appendExecutions,
  executionId,
  executionsOf,
  readExecutionLines,
  type Execution,
  type ExecutionId,
} from "./execution.ts";
import type { Executions } from "./lineage/graph.ts";
import { readBriefs } from "./run-index.ts";
import { readRecord } from "./runs.ts";

/** Newest first. Reads records only for what the index does not have. */
export function readExecutions(projectRoot: string): Executions & { briefs: readonly RunBrief[] } {
  const archive = archiveOf(projectRoot);
  const briefs = [...readBriefs(projectRoot)];
  const wanted = new Map<ExecutionId, { runs: number; toldBy: RunId }>();
  const behind = new Map<string, ExecutionId>();
  for (const { run, stages } of briefs) {
    for (const [stage, { executedIn }] of Object.entries(stages)) {
      if (executedIn === null) continue;
      const id = executionId({ run: executedIn, stage });
      behind.set(`${run}/${stage}`, id);
      const known = wanted.get(id);
      if (known === undefined) wanted.set(id, { runs: 1, toldBy: run });
      else {
        known.runs += 1;
        if (run === executedIn) known.toldBy = run; // it knows the commit too
      }
    }
  }
  const lines = readExecutionLines(archive);
  const found = new Map<ExecutionId, Execution>();
  const missing = new Map<RunId, ExecutionId[]>();
  for (const [id, { toldBy }] of wanted) {
    const line = lines.get(id);
    const execution = line === undefined ? null : parsed(line);
    if (execution !== null) found.set(id, execution);
    else missing.set(toldBy, [...(missing.get(toldBy) ?? []), id]);
  }
  const fresh = [...missing].flatMap(([run, ids]) => fromRecord(projectRoot, run, ids));
  for (const each of fresh) found.set(executionId(each), each);
  if (fresh.length > 0) keepCache(() => appendExecutions(archive, fresh));
  return {
    briefs,
    all: [...found.values()].sort((a, b) => (a.run < b.run ? 1 : -1)),
    behind: (run, stage) => {
      const id = behind.get(`${run}/${stage}`);
      return id === undefined ? undefined : found.get(id);
    },
    runsOf: (id) => wanted.get(id)?.runs ?? 0,
  };
}

/** None when the record cannot be read: `steplab verify` says so. */
function fromRecord(projectRoot: string, run: RunId, ids: readonly ExecutionId[]): Execution[] {
  try {
    const record = readRecord(projectRoot, run);
    if (record === null) return [];
    return executionsOf(record).filter((each) => ids.includes(executionId(each)));
  } catch (error) {
    if (!(error instanceof StepLabError)) throw error;
    return [];
  }
}

/** Null when the line is torn. */
function parsed(line: string): Execution | null {
  try {
    return JSON.parse(line) as Execution; // written by `appendExecutions` alone, in this version
  } catch {
    return null;
  }
}
