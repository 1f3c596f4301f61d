/** How far a run has come that is still going on: told by its journal, so that any process can say it. */
import type { RunEvent } from "../event.ts";
import { readJournal } from "../journal.ts";
import type { RunId } from "../record.ts";
import { isErrno } from "../store/files.ts";
import { runFolder } from "./runs.ts";

export interface RunUnderWay {
  run: RunId;
  pipeline: string;
  /** Milliseconds since the epoch. */
  startedAt: number;
  /** Of all stages of the pipeline, how many have ended (cached and not selected ones too). */
  stages: { ended: number; total: number };
  /** What is being executed now, in the order of its start. */
  executing: ExecutingStage[];
}

export interface ExecutingStage {
  stage: string;
  startedAt: number;
  /** The cell being executed, counted among those that will be; 0 before the first. */
  cell: number;
  cells: number;
  /** First line of the cell's code. */
  title: string;
}

/** Null when the run has not written its first event yet, or is gone. */
export function runUnderWay(projectRoot: string, run: RunId): RunUnderWay | null {
  let events: RunEvent[];
  try {
    events = readJournal(runFolder(projectRoot, run));
  } catch (error) {
    if (isErrno(error, "ENOENT", "EACCES")) return null;
    throw error;
  }
  return progressOf(events);
}

/** Pure: the events so far to how far that is. */
export function progressOf(events: readonly RunEvent[]): RunUnderWay | null {
  const [started] = events;
  if (started?.type !== "run-started") return null;
  const executing = new Map<string, ExecutingStage>();
  let ended = 0;
  for (const event of events) {
    switch (event.type) {
      case "stage-started":
        executing.set(event.stage, {
          stage: event.stage,
          startedAt: event.at,
          cell: 0,
          cells: event.cells,
          title: "",
        });
        break;
      case "cell-started": {
        const stage = executing.get(event.stage);
        if (stage !== undefined) Object.assign(stage, { cell: stage.cell + 1, title: event.title });
        break;
      }
      case "stage-ended":
        executing.delete(event.stage);
        ended += 1;
        break;
      case "run-started":
      case "source-fetched":
      case "stage-planned":
      case "cell-ended":
      case "stage-told":
      case "stage-logged":
      case "attempt-ended":
      case "run-ended":
        break;
      default:
        event satisfies never;
    }
  }
  return {
    run: started.run,
    pipeline: started.pipeline,
    startedAt: started.at,
    stages: { ended, total: Object.keys(started.stages).length },
    executing: [...executing.values()],
  };
}
