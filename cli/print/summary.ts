/** The end of a run, on standard output: a table of the stages, the metrics, what failed and why, what to do next. */
import { relative } from "node:path";
import type { RunRecord, StageRecord } from "../../lineage/record.ts";
import { kernelLines } from "./kernel.ts";
import { failedCheck, stageDetail } from "./stage-detail.ts";
import { messageLines, tracebackLines } from "./stage-error.ts";
import { timeOf } from "./progress.ts";
import { columns, duration, figure, paint, plural, statusColor } from "./style.ts";

export interface SummaryPlace {
  projectRoot: string;
  runFolder: string;
  /** What else is to be said of its stages, above where it lies. */
  warnings?: readonly string[];
}

/** Whether `reads.ts` has something to say of a run. */
export function hasReads(record: RunRecord): boolean {
  return Object.values(record.stages).some((stage) => stage.undeclaredReads !== undefined);
}

export function summaryLines(record: RunRecord, place: SummaryPlace): string[] {
  const folder = relative(process.cwd(), place.runFolder) || ".";
  const time = duration(Date.parse(record.endedAt) - Date.parse(record.startedAt));
  const lines = [
    "",
    `${paint(statusColor(record.status), record.status)}  ${record.pipeline}  ${time}`,
    "",
  ];
  lines.push(...stageTable(record));
  lines.push(...kernelLines(record));
  const metrics = metricLines(record);
  if (metrics.length > 0) lines.push("", ...metrics);
  for (const [name, stage] of Object.entries(record.stages))
    lines.push(...failureLines(name, stage, folder));
  lines.push(...(place.warnings ?? []));
  lines.push("", `Folder  ${folder}`, ...nextSteps(record));
  return lines;
}

/** Beyond this many stages the unchanged ones are counted, not listed. */
const LISTED = 40;

function stageTable(record: RunRecord): string[] {
  const all = Object.entries(record.stages);
  const listed = all.length <= LISTED ? all : all.filter(([, { status }]) => status !== "cached");
  const left = all.length - listed.length;
  const rows = listed.map(([name, stage]) => [
    name,
    paint(statusColor(stage.status), stage.status),
    timeOf(stage),
    stage.status === "not-run" ? (stage.reason ?? "not selected") : stageDetail(stage),
  ]);
  const head = ["stage", "status", "time", "checks"].map((title) => paint("dim", title));
  const lines = columns([head, ...rows], [{}, {}, { align: "right" }]);
  if (left > 0) lines.push(`${plural(left, "stage")} cached, unchanged`);
  return lines.map((line) => `  ${line}`);
}

function metricLines(record: RunRecord): string[] {
  const rows: string[][] = [];
  for (const [name, stage] of Object.entries(record.stages)) {
    for (const [metric, { value, unit, goal }] of Object.entries(stage.metrics)) {
      rows.push([
        `${name}.${metric}`,
        figure(value),
        unit ?? "",
        paint("dim", `${goal === "min" ? "lower" : "higher"} is better`),
      ]);
    }
  }
  return columns(rows, [{}, { align: "right" }]).map((line) => `  ${line}`);
}

/** What failed: message, place, the cell's own words, and where the executed notebook lies. */
export function failureLines(name: string, stage: StageRecord, folder: string): string[] {
  if (stage.error === null || stage.status === "cached") return [];
  const lines = ["", `${paint("red", stage.status)}  ${name}`];
  if (stage.status === "checks-failed") {
    for (const check of stage.checks.filter((each) => each.status === "failed"))
      lines.push(`  ${failedCheck(check)}`);
  } else {
    lines.push(...messageLines(stage.error).map((line) => `  ${line}`));
  }
  const cell = stage.error.cell;
  if (cell !== null) {
    const number = cell.number === 0 ? "injected parameters" : `cell ${cell.number} (${cell.id})`;
    lines.push(`  in ${number}${cell.line === null ? "" : `, line ${cell.line}`}`);
  }
  if (stage.status === "failed")
    lines.push(
      ...tracebackLines(stage.error)
        .slice(0, 14)
        .map((line) => `    ${line}`),
    );
  if (stage.error.process?.stderr)
    lines.push(
      ...stage.error.process.stderr
        .trimEnd()
        .split("\n")
        .slice(-6)
        .map((line) => `    ${line}`),
    );
  if (stage.error.notebook !== null)
    lines.push(`  Executed notebook: ${folder}/${stage.error.notebook}`);
  return lines;
}

function nextSteps(record: RunRecord): string[] {
  const failed = Object.entries(record.stages).find(
    ([, stage]) => !["succeeded", "cached", "not-run"].includes(stage.status),
  );
  switch (record.status) {
    case "succeeded":
      return [
        `Look    npx steplab show last          inputs, outputs, checks and metrics of this run`,
        `Next    change a notebook or PIPELINE.md and run again: only what it changes runs`,
      ];
    case "failed":
      return [
        `Look    npx steplab show last${failed === undefined ? "" : ` ${failed[0]}`}`,
        `Next    mend it and type: npx steplab run      (stages that succeeded are cached)`,
      ];
    case "cancelled":
    case "interrupted":
      return [`Next    go on with: npx steplab run      (stages that succeeded are cached)`];
  }
}
