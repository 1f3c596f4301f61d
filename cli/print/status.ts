/** Where the project stands, to be read at a glance: what does not fit is counted, the last line says what to type. */
import type { Diagnostic } from "../../core/diagnostic.ts";
import { renderPlace } from "../../core/render-diagnostic.ts";
import { NO_STAGE } from "../../pipeline/document.ts";
import type { RunUnderWay } from "../../lineage/query/under-way.ts";
import type { RunRecord } from "../../lineage/record.ts";
import type { StageOutlook } from "../../runner/outlook.ts";
import type { ProjectStatus } from "../../runner/status.ts";
import { ago } from "./ago.ts";
import { changeLines as keyChangeLines } from "./key-changes.ts";
import { changeCells } from "./metric-change.ts";
import { notePhrase } from "./note.ts";
import { stageDetail } from "./stage-detail.ts";
import { columns, duration, paint, plural, statusColor, width } from "./style.ts";

export interface NextStep {
  command: string;
  why: string;
}

/** Lines of each part at most: together they fit a screen. */
const SHOWN = { errors: 4, files: 6, stages: 12, metrics: 6, failed: 3, notes: 3 } as const;

export function statusLines(status: ProjectStatus, next: NextStep): string[] {
  const lines = [headLine(status)];
  const part = (title: string, body: readonly string[]): void => {
    if (body.length > 0) lines.push("", paint("bold", title), ...body.map((line) => `  ${line}`));
  };
  for (const run of status.recovered)
    lines.push(`Run ${run} was interrupted; what it left is archived: npx steplab show ${run}`);
  part("Running", status.running.flatMap(runningLines));
  part("Last run", status.last === null ? [] : lastLines(status.last, status));
  part("Changed since", changeLines(status));
  part("Stages", status.stages === null ? [] : stageLines(status.stages));
  part("Why", whyLines(status.stages ?? []));
  part("Does not lint", errorLines(status.diagnostics));
  part("Notes", noteLines(status));
  part("Sources", sourceLines(status));
  const warnings = status.diagnostics.filter((d) => d.severity === "warning").length;
  if (warnings > 0)
    lines.push("", `${paint("yellow", plural(warnings, "warning"))}: npx steplab lint`);
  lines.push("", `${paint("bold", "Next")}    ${next.command}      (${next.why})`);
  return lines.map(fitted);
}

/** The one command to type. */
export function nextStep({ stages, diagnostics, running, last }: ProjectStatus): NextStep {
  if (stages === null) {
    if (diagnostics.some(({ message }) => message === NO_STAGE))
      return { command: "npx steplab new", why: "lists the kinds of stage, and writes the first" };
    const canFix = diagnostics.some(({ fix }) => fix !== undefined);
    return canFix
      ? { command: "npx steplab lint --fix", why: "mends what is mechanical" }
      : { command: "npx steplab lint", why: "shows every line that is wrong" };
  }
  if (running.length > 0)
    return { command: "npx steplab status", why: "a run is going on; look again later" };
  const toRun = stages.filter(({ state }) => state !== "fresh");
  const failed = last === null ? [] : failedStages(last).map(([name]) => name);
  const same = toRun.find(
    ({ stage, reason }) => failed.includes(stage) && reason.startsWith("it ended "),
  );
  if (same !== undefined)
    return {
      command: `npx steplab show last ${same.stage}`,
      why: "what failed; nothing was mended yet",
    };
  if (toRun.length > 0)
    return { command: "npx steplab run", why: `${plural(toRun.length, "stage")} to run` };
  return { command: "npx steplab show last", why: "all is fresh" };
}

/** Stages that ended the run badly, in the order of the graph. */
export function failedStages(record: RunRecord): [string, RunRecord["stages"][string]][] {
  return Object.entries(record.stages).filter(
    ([, { status }]) => !["succeeded", "cached", "not-run"].includes(status),
  );
}

function headLine({ pipeline, last, document, git }: ProjectStatus): string {
  const name = paint("bold", pipeline ?? last?.pipeline ?? document);
  if (git === null) return name;
  if (git.problem !== undefined) return `${name}   git: ${git.problem}`;
  const commit = git.commit?.slice(0, 7) ?? "no commit yet";
  const tag = git.tag === null ? "" : ` (${git.tag})`;
  const state = git.dirty ? paint("yellow", ", changes not committed") : "";
  return `${name}   ${git.branch ?? "detached"} ${commit}${tag}${state}`;
}

function runningLines({ run, startedAt, stages, executing }: RunUnderWay): string[] {
  const since = duration(Date.now() - startedAt);
  return [
    `${run}  ${stages.ended} of ${plural(stages.total, "stage")} done, ${since}`,
    ...executing.map(
      ({ stage, cell, cells, title }) => `  ${stage}  cell ${cell} of ${cells}  ${title}`,
    ),
  ];
}

function lastLines(last: RunRecord, { metrics }: ProjectStatus): string[] {
  const time = duration(Date.parse(last.endedAt) - Date.parse(last.startedAt));
  const state = paint(statusColor(last.status), last.status);
  const lines = [`${last.run}  ${state}, ${ago(Date.parse(last.endedAt))}, took ${time}`];
  const failed = failedStages(last).map(([name, stage]) => [
    paint(statusColor(stage.status), stage.status),
    name,
    stageDetail(stage),
  ]);
  lines.push(...cut(columns(failed), SHOWN.failed));
  const rows = tellingMetrics(metrics).map(({ stage, metric, before, run, ...measured }) => [
    `${stage}.${metric}`,
    ...changeCells({ ...measured, before: before?.value ?? null }),
    run === last.run ? "" : paint("dim", `run ${run}`),
  ]);
  lines.push(...columns(rows, [{}, { align: "right" }]));
  const left = metrics.length - rows.length;
  if (left > 0) lines.push(paint("dim", `… and ${left} more`));
  return lines;
}

/** In their order; where there are too many, those that changed and those of the last stages, which the others serve. */
function tellingMetrics(metrics: ProjectStatus["metrics"]): ProjectStatus["metrics"] {
  const isChanged = ({ before, value }: ProjectStatus["metrics"][number]): boolean =>
    before !== null && before.value !== value;
  const chosen = [...metrics.filter((each) => !isChanged(each)), ...metrics.filter(isChanged)];
  const shown = new Set(chosen.slice(-SHOWN.metrics));
  return metrics.filter((each) => shown.has(each));
}

function changeLines({ changes }: ProjectStatus): string[] {
  const rows = (changes?.files ?? []).map(({ path, change }) => [
    path,
    change === "modified" ? "" : change,
  ]);
  return cut(columns(rows), SHOWN.files);
}

/** What must run comes first to the eye: in a long pipeline the fresh ones are counted, not listed. */
function stageLines(stages: readonly StageOutlook[]): string[] {
  const color = { fresh: "cyan", stale: "yellow", waits: "dim" } as const;
  const isLong = stages.length > SHOWN.stages;
  const listed = isLong ? stages.filter(({ state }) => state === "stale") : stages;
  const rows = listed.map(({ stage, state, reason }) => [
    paint(color[state], state),
    stage,
    reason,
  ]);
  const lines = cut(columns(rows), SHOWN.stages);
  if (!isLong) return lines;
  const counted = (["fresh", "waits"] as const).flatMap((state) => {
    const count = stages.filter((each) => each.state === state).length;
    return count === 0 ? [] : [`${paint(color[state], state)}  ${plural(count, "stage")}`];
  });
  return [...lines, ...counted];
}

/** Only where it was asked for, and only what the stage's own line leaves out. */
function whyLines(stages: readonly StageOutlook[]): string[] {
  return stages.flatMap(({ stage, reason, changes = [] }) => {
    const lines = keyChangeLines(changes, reason);
    return lines.length === 0 ? [] : [stage, ...lines];
  });
}

/** A line each: `steplab lint` shows them whole. */
function errorLines(diagnostics: readonly Diagnostic[]): string[] {
  const errors = diagnostics.filter(({ severity }) => severity === "error");
  const lines = errors.map(
    ({ code, at, message }) =>
      `${paint("red", "error")} ${code}  ${renderPlace(at)}: ${message.split("\n")[0]}`,
  );
  return cut(lines, SHOWN.errors);
}

function noteLines({ notes }: ProjectStatus): string[] {
  const lines = notes.map(
    (note) =>
      `${notePhrase(note)} (${note.stage}, ${ago(Date.parse(note.at))}): ${note.text.replaceAll(/\s+/g, " ")}`,
  );
  return cut(lines, SHOWN.notes);
}

function sourceLines({ urls, undeclared }: ProjectStatus): string[] {
  const rows = urls.map(({ stage, input, url, fetchedAt }) => [
    `${stage}.${input}`,
    url,
    fetchedAt === null
      ? paint("yellow", "never fetched")
      : `as of ${ago(Date.parse(fetchedAt))}; the next run asks again`,
  ]);
  const reads = undeclared
    .filter(({ how }) => how === "read")
    .map(({ stage, kind, name }) => [
      stage,
      `${kind} ${name}`,
      paint("yellow", "read, not declared: a change of it makes nothing stale"),
    ]);
  return cut(columns([...rows, ...reads]), SHOWN.files);
}

/** The first so many, and how many more there are. */
function cut(lines: readonly string[], shown: number): string[] {
  // One line more costs as much room as the line that counts it.
  if (lines.length <= shown + 1) return [...lines];
  return [...lines.slice(0, shown), paint("dim", `… and ${lines.length - shown} more`)];
}

/** On a terminal a line is a line; elsewhere nothing is cut. */
function fitted(line: string): string {
  const { columns: room } = process.stdout;
  if (room === undefined || width(line) <= room) return line;
  return `${clipped(line, room - 1)}…`;
}

// oxlint-disable-next-line no-control-regex -- colour codes are control characters
const CODE_OR_CHARACTER = /\u001b\[[0-9;]*m|[^]/gu;

/** So many characters; colour codes take no room, and those that end a colour are kept. */
function clipped(line: string, room: number): string {
  let left = room;
  return [...line.matchAll(CODE_OR_CHARACTER)]
    .map(([part]) => (part.length > 1 && part.startsWith("\u001b") ? part : left-- > 0 ? part : ""))
    .join("");
}
