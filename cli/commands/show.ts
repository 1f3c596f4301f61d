import { readFileSync } from "node:fs";
import { join } from "node:path";
import { StepLabError } from "../../core/error.ts";
import { didYouMean } from "../../core/did-you-mean.ts";
import { findRun, readRecord, runFolder } from "../../lineage/query/runs.ts";
import type { RunRecord, StageRecord } from "../../lineage/record.ts";
import { recoverRuns } from "../../runner/recover.ts";
import { findProjectRoot } from "../../runner/find-project.ts";
import { EXIT, defineCommand } from "../command.ts";
import { messageLines, tracebackLines } from "../print/stage-error.ts";
import { failedCheck, moreRows } from "../print/stage-detail.ts";
import { printJson } from "../print/json.ts";
import { kernelPhrase, lostPhrase } from "../print/kernel.ts";
import { readLines, stageReadLines } from "../print/reads.ts";
import { outputPhrase } from "../print/output-phrase.ts";
import { notePhrase } from "../print/note.ts";
import { summaryLines } from "../print/summary.ts";
import { bytes, columns, duration, figure, paint, plural, statusColor } from "../print/style.ts";

const help = `Show one run, or one stage of it: inputs, outputs, checks, metrics, notes, cells, and where it lies.

Usage: steplab show [run] [stage] [--json]      the last run unless named

A run is last, last~2, or a run's id or an end of it. --json prints the record (run.json) itself.

Example: npx steplab show last process
`;

const PARAMETER_CHARACTERS = 200;

export const command = defineCommand({
  name: "show",
  summary: "show a run or one stage of it",
  help,
  options: { json: { type: "boolean" } },
  positionals: ["run", "stage"],
  run(values, [word = "last", stageName]) {
    const projectRoot = findProjectRoot(process.cwd());
    recoverRuns(projectRoot);
    const run = findRun(projectRoot, word);
    const record = readRecord(projectRoot, run);
    const folder = runFolder(projectRoot, run);
    if (record === null) {
      throw new StepLabError(
        "archive/unknown-run",
        `Run ${run} has no record yet: it is still going on.`,
        { hint: `Follow its journal: runs/${run}/events.jsonl` },
      );
    }
    const stage = stageName === undefined ? null : stageOf(record, stageName);
    if (values.json === true) {
      // The whole record as it lies there; a stage of it is a part of the same truth.
      if (stage === null) process.stdout.write(readFileSync(join(folder, "run.json"), "utf8"));
      else printJson<StageRecord>(stage);
      return Promise.resolve(EXIT.done);
    }
    const lines =
      stage === null || stageName === undefined
        ? runLines(record, projectRoot, folder)
        : stageLines(record, stageName, stage);
    process.stdout.write(`${lines.join("\n")}\n`);
    return Promise.resolve(EXIT.done);
  },
});

function stageOf(record: RunRecord, name: string): StageRecord {
  const stage = record.stages[name];
  if (stage !== undefined) return stage;
  const names = Object.keys(record.stages);
  throw new StepLabError("run/unknown-stage", `Run ${record.run} has no stage "${name}".`, {
    hint: didYouMean(name, names) ?? `It has: ${names.join(", ")}.`,
  });
}

/** `main 1a2b3c4d5e (v1.2) with changes` */
function codeOf(git: RunRecord["git"]): string {
  if (git === null) return "no git";
  const tag = git.tag === null ? "" : ` (${git.tag})`;
  const state =
    git.problem === undefined
      ? git.dirty
        ? " with changes"
        : ""
      : `, changes unknown: ${git.problem}`;
  return `${git.branch ?? "detached"} ${git.commit?.slice(0, 10) ?? "no commit"}${tag}${state}`;
}

function runLines(record: RunRecord, projectRoot: string, folder: string): string[] {
  const head = [
    `Run      ${record.run}`,
    `Code     ${codeOf(record.git)}`,
    `Seed     ${record.seed}${record.profile === null ? "" : `, profile ${record.profile}`}`,
    `With     Node ${record.environment.node}, ${record.environment.platform}, steplab ${record.environment.steplab}`,
  ];
  const place = { projectRoot, runFolder: folder, warnings: readLines(record) };
  return [...head, ...summaryLines(record, place).slice(0, -2)];
}

function stageLines(record: RunRecord, name: string, stage: StageRecord): string[] {
  const lines = [
    `${paint("bold", name)}  ${paint(statusColor(stage.status), stage.status)}  run ${record.run}${stage.status === "cached" ? `, executed in ${stage.executedIn}` : ""}`,
  ];
  const section = (title: string, rows: string[][]): void => {
    if (rows.length > 0)
      lines.push("", paint("bold", title), ...columns(rows).map((line) => `  ${line}`));
  };
  if (stage.kernel !== undefined) {
    const lost = lostPhrase(stage.kernel);
    section("Kernel", [[kernelPhrase(stage.kernel)], ...(lost === null ? [] : [[lost]])]);
  }
  section(
    "Parameters",
    Object.entries(stage.params).map(([key, value]) => [key, clipped(JSON.stringify(value))]),
  );
  section(
    "Inputs",
    Object.entries(stage.inputs).map(([key, input]) => [
      key,
      sourcePhrase(input.source),
      bytes(input.bytes),
      short(input.digest),
    ]),
  );
  section(
    "Outputs",
    Object.entries(stage.outputs).map(([key, output]) => [
      key,
      output.kind,
      outputPhrase(output),
      bytes(output.bytes),
      short(output.digest),
      output.path,
    ]),
  );
  section(
    "Checks",
    stage.checks.flatMap((check) => [
      [
        check.status,
        check.status === "passed" ? `"${check.name}"` : failedCheck(check),
        check.rule ?? "",
      ],
      ...(check.status === "passed" ? [] : moreRows(check).map((row) => ["", row])),
    ]),
  );
  section(
    "Metrics",
    Object.entries(stage.metrics).map(([key, metric]) => [
      key,
      figure(metric.value),
      metric.unit ?? "",
      metric.series === null ? "" : plural(metric.series.length, "step"),
    ]),
  );
  section(
    "Notes",
    stage.notes.map((note) => [notePhrase(note), note.text]),
  );
  section(
    "Cells",
    stage.cells.map((cell) => [
      cell.id,
      cell.slot ?? "",
      cell.status,
      cell.wallMs === null ? "" : duration(cell.wallMs),
      cell.peakRssBytes === null ? "" : bytes(cell.peakRssBytes),
    ]),
  );
  lines.push(...stageReadLines(record, name, stage));
  // Failed checks stand above, with their rows.
  if (stage.error !== null && stage.status !== "checks-failed")
    lines.push(
      "",
      paint("bold", "Error"),
      ...[...messageLines(stage.error), ...tracebackLines(stage.error)].map((line) => `  ${line}`),
    );
  if (stage.notebook.path !== null)
    lines.push("", `Notebook  runs/${record.run}/${stage.notebook.path}`);
  return lines;
}

function sourcePhrase(source: StageRecord["inputs"][string]["source"]): string {
  if ("path" in source) return source.path;
  if ("url" in source) return source.url;
  return "run" in source
    ? `run:${source.run}/${source.stage}.${source.output}`
    : `${source.stage}.${source.output}`;
}

/** A parameter may be a table of its own; the record has it whole. */
function clipped(text: string): string {
  return text.length <= PARAMETER_CHARACTERS
    ? text
    : `${text.slice(0, PARAMETER_CHARACTERS)} … (${bytes(text.length)}; --json shows all)`;
}

function short(digest: string): string {
  return digest.slice(0, "sha256:".length + 8);
}
