/** How far a run has come, folded from its events as they arrive. Pure: events in, values out. */
import type { ProgressFact } from "../../../core/fact.ts";
import type { RunEvent } from "../../../lineage/event.ts";
import type { RunStatus, StageStatus } from "../../../lineage/status.ts";
import { whyEnded } from "../../../lineage/why-ended.ts";

export interface StageProgress {
  /** `waiting`: planned or not yet; `running`: its notebook is being executed; otherwise how it ended. */
  status: "waiting" | "running" | StageStatus;
  /** Why it runs, is taken as it was, or does not run. */
  reason: string | null;
  attempt: number;
  /** Cells that will be executed; 0 before it begins. */
  cells: number;
  /** Cells that have ended. */
  done: number;
  /** First line of the cell that is being executed; "" between cells. */
  title: string;
  /** Milliseconds since the epoch. */
  startedAt: number | null;
  endedAt: number | null;
  /** What the notebook says of long work: `value` from 0 to 1, or null where it cannot say. */
  work: { label: string; value: number | null } | null;
  /** First line of the error, or the checks that failed. */
  message: string | null;
  /** What the kernel's process wrote, the last lines. */
  log: string;
}

export interface RunProgress {
  run: string;
  startedAt: number;
  /** Null while it goes on. */
  status: RunStatus | null;
  /** In the order of the graph. */
  stages: Record<string, StageProgress>;
}

/** More of a log than this is in the archive. */
const LOG_CHARACTERS = 20_000;

const WAITING: StageProgress = {
  status: "waiting",
  reason: null,
  attempt: 0,
  cells: 0,
  done: 0,
  title: "",
  startedAt: null,
  endedAt: null,
  work: null,
  message: null,
  log: "",
};

/** Null before the first event. Gives a new value where something changed, so that views can compare. */
export function withEvents(
  before: RunProgress | null,
  events: readonly RunEvent[],
): RunProgress | null {
  return events.reduce(withEvent, before);
}

function withEvent(before: RunProgress | null, event: RunEvent): RunProgress | null {
  if (event.type === "run-started") {
    const stages = Object.keys(event.stages).map((name) => [name, WAITING]);
    return {
      run: event.run,
      startedAt: event.at,
      status: null,
      stages: Object.fromEntries(stages) as RunProgress["stages"], // made of pairs
    };
  }
  if (before === null) return null;
  if (event.type === "run-ended") return { ...before, status: event.status };
  const known = before.stages[event.stage] ?? WAITING;
  const next = stageWith(known, event);
  if (next === known) return before;
  return { ...before, stages: { ...before.stages, [event.stage]: next } };
}

type StageEvent = Exclude<RunEvent, { type: "run-started" | "run-ended" }>;

function stageWith(stage: StageProgress, event: StageEvent): StageProgress {
  switch (event.type) {
    case "source-fetched":
      return stage;
    case "stage-planned":
      return { ...stage, reason: event.reason };
    case "stage-started":
      return {
        ...stage,
        status: "running",
        attempt: event.attempt,
        cells: event.cells,
        done: 0,
        title: "",
        work: null,
        startedAt: stage.startedAt ?? event.at,
      };
    case "cell-started":
      return { ...stage, title: event.title };
    case "cell-ended":
      return { ...stage, title: "", work: null, done: stage.done + 1 };
    case "stage-told":
      return event.fact.fact === "progress" ? { ...stage, work: workOf(event.fact) } : stage;
    case "stage-logged":
      return { ...stage, log: (stage.log + event.text).slice(-LOG_CHARACTERS) };
    case "attempt-ended":
      return stage;
    case "stage-ended":
      return {
        ...stage,
        status: event.status,
        title: "",
        work: null,
        endedAt: event.at,
        reason: event.record.reason ?? stage.reason,
        message: whyEnded(event.record),
      };
  }
}

function workOf({ label, done, total }: ProgressFact): StageProgress["work"] {
  return { label, value: total === null || total === 0 ? null : done / total };
}
