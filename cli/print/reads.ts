/** Reads past the inputs as diagnostics; loaded by who has some, so that a run without them does not pay for their words. */
import type { RunRecord, StageRecord } from "../../lineage/record.ts";
import { readDiagnostics } from "../../pipeline/undeclared-reads.ts";
import { diagnosticLines } from "./diagnostics.ts";
import { plural } from "./style.ts";

/** Of a whole run so many are shown; the rest is counted. */
const SHOWN = 5;

/** Those of all stages, cached ones too: their results rest on them as well. */
export function readLines(record: RunRecord): string[] {
  const all = Object.entries(record.stages).flatMap(([name, stage]) =>
    readDiagnostics(name, stage, { file: record.document }),
  );
  const left = all.length - SHOWN;
  return [
    ...all.slice(0, SHOWN).flatMap((each) => ["", ...diagnosticLines(each, process.stdout)]),
    ...(left > 0 ? ["", `${plural(left, "undeclared read")} more: npx steplab lint`] : []),
  ];
}

export function stageReadLines(record: RunRecord, name: string, stage: StageRecord): string[] {
  const found = readDiagnostics(name, stage, { file: record.document });
  return found.flatMap((each) => ["", ...diagnosticLines(each, process.stdout)]);
}
