/** The findings, assumptions and decisions that were made last, in whatever run. */
import type { NoteFact } from "../../core/fact.ts";
import type { RunId } from "../record.ts";
import { recordsWhere } from "./run-index.ts";

export interface StageNote extends Omit<NoteFact, "fact"> {
  run: RunId;
  stage: string;
  /** ISO 8601, UTC: when the run ended. */
  at: string;
}

/**
 * Newest run first, within it as they were made; at most `limit`. A stage that ran ten times and said the same
 * is told once, by the newest run.
 */
export function lastNotes(projectRoot: string, limit: number): StageNote[] {
  const notes = new Map<string, StageNote>();
  for (const record of recordsWhere(projectRoot, (brief) => brief.notes > 0)) {
    for (const [stage, { executedIn, notes: told }] of Object.entries(record.stages))
      if (executedIn === record.run)
        for (const note of told)
          keepNewest(notes, { ...note, run: record.run, stage, at: record.endedAt });
    if (notes.size >= limit) break;
  }
  return [...notes.values()].slice(0, limit);
}

function keepNewest(notes: Map<string, StageNote>, note: StageNote): void {
  const said = JSON.stringify([note.stage, note.kind, note.text, note.holds]);
  if (!notes.has(said)) notes.set(said, note);
}
