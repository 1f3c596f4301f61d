/** Runs as a table that fits the terminal: metrics are cut, then whole columns left out; ids and statuses never. */
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

const METRICS = 5;
/** Less than this says nothing. */
const LEAST_METRICS = 24;
/** Columns to do without, one attempt after the other: code, how long it took, metrics, age. */
const LEFT_OUT: readonly (readonly number[])[] = [[], [4], [2, 4], [2, 4, METRICS]];

export function runTable(runs: readonly RunBrief[], options: RunTableOptions): string[] {
  const terminal = "terminal" in options ? options.terminal : process.stdout.columns;
  const rows = runs.map((run) => rowOf(run, options));
  if (terminal === undefined) return table(rows, []);
  const wanted = Math.max(0, ...rows.map((row) => width(row[METRICS] ?? "")));
  for (const left of LEFT_OUT) {
    const others = table(rows, [...left, METRICS]);
    const room = terminal - Math.max(...others.map(width)) - 2;
    const isEnough =
      left.includes(METRICS) || wanted === 0 ? room >= -2 : room >= Math.min(wanted, LEAST_METRICS);
    if (isEnough)
      return table(
        rows.map((row) => withMetricsIn(row, room)),
        left,
      );
  }
  return table(rows, [2, 3, 4, METRICS]);
}

function table(rows: readonly string[][], left: readonly number[]): string[] {
  return columns(
    rows.map((row) => row.filter((_, at) => !left.includes(at))),
    [{}, {}, ...(left.includes(2) ? [] : [{ align: "right" } as const])],
  );
}

function withMetricsIn(row: readonly string[], room: number): string[] {
  const metrics = row[METRICS] ?? "";
  const cut = metrics.length <= room ? metrics : `${metrics.slice(0, Math.max(0, room - 1))}…`;
  return row.with(METRICS, cut);
}

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
