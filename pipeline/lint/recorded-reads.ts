/** What the archive says of reads past the inputs: of every stage, as its newest execution saw them. */
import { recordsBackwards } from "../../lineage/query/runs.ts";
import type { UndeclaredRead } from "../../lineage/record.ts";

/** Runs looked at: a stage that none of them has run has probably changed since. */
const RUNS = 20;

/** By stage of this document; a stage whose newest execution read nothing has an empty list. */
export function recordedReads(
  projectRoot: string,
  document: string,
): Map<string, readonly UndeclaredRead[]> {
  const reads = new Map<string, readonly UndeclaredRead[]>();
  let left = RUNS;
  for (const record of recordsBackwards(projectRoot)) {
    if (left-- === 0) break;
    if (record.document !== document) continue;
    for (const [stage, { executedIn, undeclaredReads = [] }] of Object.entries(record.stages))
      if (executedIn !== null && !reads.has(stage)) reads.set(stage, undeclaredReads);
    if (reads.size >= Object.keys(record.stages).length) break;
  }
  return reads;
}
