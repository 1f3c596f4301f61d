/** Two runs compared, in text: first a line for each stage that changed, then what changed in each. */
import { hexOf } from "../../core/digest.ts";
import type { Json } from "../../core/json.ts";
import type { Shape } from "../../core/shape.ts";
import type { InputChange, OutputChange } from "../../lineage/query/diff/artifacts.ts";
import { placeOf } from "../../lineage/query/diff/artifacts.ts";
import type { CodeDiff, RunDiff, StageDiff } from "../../lineage/query/diff/compare.ts";
import type { CheckChange, MetricChange, StageFacts } from "../../lineage/query/diff/stage.ts";
import type { ValueChange } from "../../lineage/query/diff/value.ts";
import { ago } from "./ago.ts";
import { gitPhrase } from "./git.ts";
import { cellLines, hunkLines } from "./diff-text.ts";
import { failedCheck } from "./stage-detail.ts";
import { bytes, columns, count, duration, figure, paint, plural, statusColor } from "./style.ts";

const STAT_COLUMNS = 12;
const VALUE_CHARACTERS = 60;
const PACKAGES = 12;

export function diffLines(diff: RunDiff): string[] {
  const lines = headLines(diff);
  if (diff.equal && diff.stages.length === 0) return [...lines, "", "Nothing differs."];
  const run = runLines(diff);
  if (run.length > 0) lines.push("", ...run);
  if (diff.stages.length > 0) {
    lines.push("");
    lines.push(
      ...columns(diff.stages.map((stage) => ["", paint("bold", stage.stage), phraseOf(stage)])),
    );
    if (diff.same.length > 0) lines.push(`  ${paint("dim", `the same: ${diff.same.join(", ")}`)}`);
  } else lines.push("", `The stages are the same: ${diff.same.join(", ")}`);
  for (const stage of diff.stages) {
    const details = detailLines(stage);
    if (details.length > 0) lines.push("", paint("bold", `── ${stage.stage}`), ...details);
  }
  return lines;
}

function headLines({ before, after }: RunDiff): string[] {
  return columns(
    [
      ["before", before],
      ["after", after],
    ].map(([side, head]) => {
      const { run, status, endedAt } = head as RunDiff["before"]; // the pairs above
      return [side as string, run, paint(statusColor(status), status), ago(Date.parse(endedAt))];
    }),
  );
}

/** What is not a stage's: git, seed, environment. */
function runLines({ run, git, environment, packages }: RunDiff): string[] {
  const rows: string[][] = [];
  for (const change of run) rows.push([change.path, valuePhrase(change)]);
  if (git !== null) rows.push(["git", ...gitPhrases(git)]);
  for (const change of environment) rows.push([change.path, valuePhrase(change)]);
  for (const change of packages.slice(0, PACKAGES)) rows.push([change.path, valuePhrase(change)]);
  if (packages.length > PACKAGES)
    rows.push(["packages", `and ${packages.length - PACKAGES} more (--json lists all)`]);
  return columns(rows);
}

function gitPhrases({ before, after }: NonNullable<RunDiff["git"]>): string[] {
  const [was, is] = [gitPhrase(before), gitPhrase(after)];
  return [was === is ? `${is}, other uncommitted changes` : `${was} → ${is}`];
}

/** One line a stage: what matters most first. */
function phraseOf({ presence, facts, code, notebook }: StageDiff): string {
  if (presence !== "both")
    return presence === "added" ? "only in the later run" : "only in the earlier run";
  const phrases: string[] = [];
  if (facts !== null) phrases.push(...outcomePhrases(facts));
  if (code !== null) phrases.push(codePhrase(code));
  if (facts !== null) phrases.push(...causePhrases(facts));
  if (phrases.length === 0 && notebook !== null) phrases.push("the outputs of its cells");
  return phrases.join("; ");
}

function outcomePhrases({ status, reason, checks, metrics, outputs }: StageFacts): string[] {
  const phrases: string[] = [];
  if (status !== null)
    phrases.push(
      `${paint(statusColor(status.before), status.before)} → ${paint(statusColor(status.after), status.after)}${reason === null ? "" : ` (${reason})`}`,
    );
  for (const check of checks) {
    if (check.kind === "newly-failing")
      phrases.push(
        paint("red", `"${check.name}" ${check.before === undefined ? "fails" : "newly fails"}`),
      );
    if (check.kind === "newly-passing")
      phrases.push(paint("green", `"${check.name}" passes again`));
  }
  for (const metric of metrics) phrases.push(`${metric.name} ${metricPhrase(metric)}`);
  for (const output of outputs) phrases.push(`${output.name}${rowsPhrase(output)}`);
  return phrases;
}

function rowsPhrase({ before, after }: OutputChange): string {
  if (before === undefined) return " is new";
  if (after === undefined) return " is gone";
  if (before.rows === null || after.rows === null || before.rows === after.rows) return " differs";
  return ` ${count(before.rows)} → ${plural(after.rows, "row")}`;
}

function codePhrase({ cells, modules }: CodeDiff): string {
  const parts: string[] = [];
  if (cells === null) parts.push("notebook");
  else if (cells.length > 0) parts.push(plural(cells.length, "cell"));
  if (modules.length === 1) parts.push(modules[0]?.path ?? "");
  else if (modules.length > 1) parts.push(plural(modules.length, "module"));
  return `code: ${parts.join(", ")}`;
}

function causePhrases({ params, inputs, time }: StageFacts): string[] {
  const phrases: string[] = [];
  if (params.length > 0)
    phrases.push(
      params.length <= 2
        ? params.map((each) => `${each.path} ${valuePhrase(each)}`).join(", ")
        : plural(params.length, "parameter"),
    );
  if (inputs.length > 0)
    phrases.push(
      `${inputs.length === 1 ? "input" : "inputs"} ${inputs.map(({ name }) => name).join(", ")}`,
    );
  if (time !== null) phrases.push(`${duration(time.beforeMs)} → ${duration(time.afterMs)}`);
  return phrases;
}

function metricPhrase({ before, after, delta, better, unit }: MetricChange): string {
  const shown = (value: number | undefined): string =>
    value === undefined ? "none" : figure(value);
  const units = unit === null ? "" : ` ${unit}`;
  if (delta === null || before === undefined || after === undefined)
    return `${shown(before)} → ${shown(after)}${units}`;
  if (delta === 0) return `${shown(after)}${units}, another series`;
  const ratio =
    before === 0
      ? ""
      : `, ${delta > 0 ? "+" : ""}${((100 * delta) / Math.abs(before)).toFixed(1)} %`;
  const verdict = better === true ? paint("green", "better") : paint("red", "worse");
  return `${shown(before)} → ${shown(after)}${units} (${verdict}${ratio})`;
}

function detailLines({ facts, code, notebook }: StageDiff): string[] {
  const lines: string[] = [];
  const section = (title: string, body: string[]): void => {
    if (body.length > 0) lines.push(paint("dim", title), ...body.map((line) => `  ${line}`));
  };
  if (facts !== null) {
    if (facts.error !== null)
      section(
        "error",
        columns([
          ...(facts.error.before === null ? [] : [["-", facts.error.before]]),
          ...(facts.error.after === null ? [] : [["+", facts.error.after]]),
        ]),
      );
    if (facts.template !== null)
      section("template", [`${facts.template.before} → ${facts.template.after}`]);
    section("parameters", columns(facts.params.map((each) => [each.path, valuePhrase(each)])));
  }
  // With the notebooks asked for, their cells say it, with the outputs beside.
  if (code !== null) section("code", codeLines(notebook === null ? code : { ...code, cells: [] }));
  if (notebook !== null) section("notebook", notebook.cells.flatMap(cellLines));
  if (facts !== null) {
    section("inputs", columns(facts.inputs.map(inputRow)));
    section("checks", facts.checks.map(checkLine));
    section("metrics", columns(facts.metrics.map((each) => [each.name, metricPhrase(each)])));
    for (const output of facts.outputs) section(`output ${output.name}`, outputLines(output));
    section(
      "notes",
      facts.notes.map(
        ({ kind, note }) => `${kind === "added" ? "+" : "-"} ${note.kind}: ${note.text}`,
      ),
    );
  }
  return lines;
}

function codeLines({ cells, modules }: CodeDiff): string[] {
  const lines: string[] = [];
  if (cells === null) lines.push("The notebooks differ; their cells were not archived.");
  else lines.push(...cells.flatMap(cellLines));
  for (const { path, change, lines: hunks } of modules) {
    lines.push(`${path} ${change}${hunks === null ? " (its text was not kept)" : ""}`);
    lines.push(...hunkLines(hunks ?? []));
  }
  return lines;
}

function inputRow({ name, before, after }: InputChange): string[] {
  if (before === undefined || after === undefined) {
    const [side, word] = after === undefined ? [before, "is gone"] : [after, "is new"];
    return [name, word, side === undefined ? "" : `${placeOf(side.source)} ${bytes(side.bytes)}`];
  }
  const [from, to] = [placeOf(before.source), placeOf(after.source)];
  const content =
    before.digest === after.digest
      ? "the same bytes"
      : `${short(before.digest)} → ${short(after.digest)}, ${sizes(before.bytes, after.bytes)}`;
  return [name, from === to ? from : `${from} → ${to}`, content];
}

function sizes(before: number, after: number): string {
  const [was, is] = [bytes(before), bytes(after)];
  return was === is ? is : `${was} → ${is}`;
}

function checkLine({ name, kind, before, after }: CheckChange): string {
  switch (kind) {
    case "newly-failing":
      return `${paint("red", before === undefined ? "fails" : "newly fails")}  ${after === undefined ? name : failedCheck(after)}`;
    case "newly-passing":
      return `${paint("green", "passes again")}  "${name}"`;
    case "added":
      return `new  "${name}"${after?.rule === undefined ? "" : `, rule: ${after.rule}`}`;
    case "removed":
      return `gone  "${name}"`;
    case "changed": {
      const parts: string[] = [];
      if (before?.rule !== after?.rule)
        parts.push(`rule: ${before?.rule ?? "none"} → ${after?.rule ?? "none"}`);
      if (JSON.stringify(before?.value) !== JSON.stringify(after?.value))
        parts.push(`${shown(before?.value)} → ${shown(after?.value)}`);
      if (before?.rows?.failed !== after?.rows?.failed)
        parts.push(
          `${count(before?.rows?.failed ?? 0)} → ${plural(after?.rows?.failed ?? 0, "row")}`,
        );
      else if (before?.rows?.total !== after?.rows?.total)
        parts.push(
          `of ${count(before?.rows?.total ?? 0)} → ${plural(after?.rows?.total ?? 0, "row")}`,
        );
      if (before?.status !== after?.status) parts.push(`${before?.status} → ${after?.status}`);
      return `"${name}"  ${parts.join(", ")}`;
    }
  }
}

function outputLines({ before, after, schema, columns: changed, summary }: OutputChange): string[] {
  if (before === undefined || after === undefined) {
    const facts = before ?? after;
    return [`${after === undefined ? "gone" : "new"}: ${facts?.kind}, ${bytes(facts?.bytes ?? 0)}`];
  }
  const lines = [
    `${short(before.digest)} → ${short(after.digest)}, ${sizes(before.bytes, after.bytes)}`,
  ];
  if (before.kind !== after.kind) lines.push(`${before.kind} → ${after.kind}`);
  if (before.rows !== null && after.rows !== null && before.rows !== after.rows)
    lines.push(`rows ${count(before.rows)} → ${count(after.rows)}`);
  lines.push(...columns(schema.map((each) => [schemaWord(each), each.path, shapePhrase(each)])));
  lines.push(...columnTable(changed));
  lines.push(...columns(summary.map((each) => [each.path, valuePhrase(each)])));
  return lines;
}

/** A row a column, a figure a column: only figures in which any column differs. */
function columnTable(changed: OutputChange["columns"]): string[] {
  if (changed.length === 0) return [];
  const figures = [...new Set(changed.flatMap(({ changes }) => changes.map(({ path }) => path)))];
  const rows = changed.slice(0, STAT_COLUMNS).map(({ column, changes }) => [
    column,
    ...figures.map((name) => {
      const change = changes.find(({ path }) => path === name);
      return change === undefined ? "" : valuePhrase(change);
    }),
  ]);
  const left = changed.length - STAT_COLUMNS;
  return [
    ...columns([["column", ...figures].map((title) => paint("dim", title)), ...rows]),
    ...(left > 0 ? [`and ${plural(left, "column")} more (--json has all)`] : []),
  ];
}

function schemaWord({ before, after }: ValueChange): string {
  return before === undefined ? "new column" : after === undefined ? "column gone" : "column";
}

function shapePhrase({ before, after }: ValueChange): string {
  const [was, is] = [shapeWord(before), shapeWord(after)];
  if (before === undefined) return is;
  if (after === undefined) return was;
  return was === is ? "other bounds or notes" : `${was} → ${is}`;
}

function shapeWord(shape: Json | undefined): string {
  if (typeof shape !== "object" || shape === null || Array.isArray(shape)) return shown(shape);
  const { type, nullable } = shape as Partial<Shape>; // a table's schema is columns
  return `${type ?? "?"}${nullable === true ? " or null" : ""}`;
}

function valuePhrase({ before, after }: ValueChange): string {
  return `${shown(before)} → ${shown(after)}`;
}

function shown(value: Json | undefined): string {
  if (value === undefined) return "none";
  if (typeof value === "number") return figure(value);
  if (typeof value === "string" && value.startsWith("sha256:")) return short(value);
  if (typeof value === "string" && /^[0-9a-f]{40}$/.test(value)) return value.slice(0, 10);
  const text = JSON.stringify(value);
  return text.length <= VALUE_CHARACTERS ? text : `${text.slice(0, VALUE_CHARACTERS)}…`;
}

function short(digest: string): string {
  return hexOf(digest as `sha256:${string}`).slice(0, 8); // a digest, as the records have it
}
