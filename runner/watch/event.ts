/** What a watch tells, in the order it happens: the views of `steplab watch` know nothing else. */
import type { Diagnostic } from "../../core/diagnostic.ts";
import type { StepLabError } from "../../core/error.ts";
import type { RunEvent } from "../../lineage/event.ts";
import type { MetricChange } from "../../lineage/query/metric-changes.ts";
import type { RunRecord } from "../../lineage/record.ts";

/** What a watch tells, as it happens. */
export type WatchEvent =
  /** Files were saved, made or removed; relative to the project root. A turn begins. */
  | { type: "changed"; files: string[] }
  /** The project was judged; with errors among the diagnostics nothing runs until they are mended. */
  | { type: "linted"; pipeline: string | null; stages: number; diagnostics: Diagnostic[] }
  /** The project could not be judged at all (a document that is gone), or a new folder not be watched. */
  | { type: "failed"; error: StepLabError }
  /** What was saved changes no stage that is watched. */
  | { type: "unaffected" }
  /** An event of the run under way, as in its journal. */
  | { type: "run"; event: RunEvent }
  /** A save changed a stage that this run has begun with: the run is being cancelled, and begins again. */
  | { type: "superseded"; stages: string[] }
  /** A run ended and is archived. `metrics`: what its own executions measured, beside what they measured before. */
  | { type: "ran"; record: RunRecord; metrics: MetricChange[] }
  /** The turn is over. */
  | { type: "waiting" };
