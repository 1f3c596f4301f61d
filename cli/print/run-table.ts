/** Runs as a table that fits the terminal: what a narrow one has no room for is left out, ids and statuses never. */
import type { RunBrief } from "../../lineage/query/brief.ts";
import { ago } from "./ago.ts";
import { gitPhrase } from "./git.ts";
import { columns, duration, figure, paint, statusColor, width } from "./style.ts";

export interface RunTableOptions {
  /** Whether a metric, `stage.name`, is shown. */
  shows: (metric: string) => boolean;
  /** The stage whose status is shown instead of the run's. */
  stage: string | null;
  /** Columns of the terminal; undefined where there is none, and then nothing is cut. */
  terminal?: number | undefined;
}

export function runTable(runs: readonly RunBrief[], options: RunTableOptions): string[] {
  const terminal = "terminal" in options ? options.terminal : process.stdout.columns;
  const rows = runs.map((run) => rowOf(run, options));
  for (const left of LEFT_OUT) {
    const lines = columns(
      rows.map((row) => row.filter((_, at) => !left.includes(at))),
      [{}, {}, ...(left.includes(2) ? [] : [{ align: "right" } as const])],
    );
    if (terminal === undefined || lines.every((line) => width(line) <= terminal)) return lines;
  }
  return columns(rows.map(([run = "", status = ""]) => [run, status]));
}

/** Columns to do without, one attempt after the other: code, then how long it took, then metrics, then age. */
const LEFT_OUT: readonly (readonly number[])[] = [[], [4], [2, 4], [2, 4, 5], [2, 3, 4, 5]];

function rowOf(run: RunBrief, { shows, stage }: RunTableOptions): string[] {
  const status = (stage === null ? undefined : run.stages[stage]?.status) ?? run.status;
  return [
    run.run,
    paint(statusColor(status), status),
    duration(Date.parse(run.endedAt) - Date.parse(run.startedAt)),
    ago(Date.parse(run.endedAt)),
    run.git === null ? "" : gitPhrase(run.git),
    metricsPhrase(run, shows),
  ];
}

function metricsPhrase({ metrics }: RunBrief, shows: (metric: string) => boolean): string {
  return Object.entries(metrics)
    .filter(([name]) => shows(name))
    .map(([name, { value, unit }]) => {
      const short = name.slice(name.indexOf(".") + 1);
      return `${short} ${figure(value)}${unit === null ? "" : ` ${unit}`}`;
    })
    .join(", ");
}
