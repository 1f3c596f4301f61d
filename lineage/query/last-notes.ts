/** The findings, assumptions and decisions that were made last, in whatever run. */
import type { NoteFact } from "../../core/fact.ts";
import type { RunId } from "../record.ts";
import { recordsBackwards } from "./runs.ts";

export interface StageNote extends Omit<NoteFact, "fact"> {
  run: RunId;
  stage: string;
  /** ISO 8601, UTC: when the run began. */
  at: string;
}

/** So many runs are looked at: a cached stage carries its notes along, so what still holds is in the newest one. */
const LOOKED_AT = 50;

/**
 * Newest run first, within it as they were made; at most `limit`. A stage that ran ten times and said the same
 * is told once, by the newest run that executed it.
 */
export function lastNotes(projectRoot: string, limit: number): StageNote[] {
  const notes = new Map<string, StageNote>();
  let looked = 0;
  for (const record of recordsBackwards(projectRoot)) {
    for (const [stage, { executedIn, notes: told }] of Object.entries(record.stages)) {
      const run = executedIn ?? record.run;
      for (const note of told) keepNewest(notes, { ...note, run, stage, at: beginOf(run) });
    }
    if (notes.size >= limit || ++looked === LOOKED_AT) break;
  }
  return [...notes.values()]
    .sort((a, b) => (a.run === b.run ? 0 : a.run > b.run ? -1 : 1))
    .slice(0, limit);
}

/** A run's id begins with the moment it began: `2026-11-21T010203Z-6f3a`. */
function beginOf(run: RunId): string {
  return run.replace(/^(.{10}T..)(..)(..)Z-.*$/, "$1:$2:$3.000Z");
}

function keepNewest(notes: Map<string, StageNote>, note: StageNote): void {
  const said = JSON.stringify([note.stage, note.kind, note.text, note.holds]);
  if (!notes.has(said)) notes.set(said, note);
}
