/** One phrase a stage: why it stands as it stands. */
import type { CheckRecord, StageRecord } from "../../lineage/record.ts";
import { count, plural } from "./style.ts";

export function stageDetail(record: StageRecord): string {
  const reads = record.undeclaredReads?.length ?? 0;
  return [phraseOf(record), ...(reads > 0 ? [plural(reads, "undeclared read")] : [])]
    .filter((phrase) => phrase !== "")
    .join("; ");
}

function phraseOf(record: StageRecord): string {
  switch (record.status) {
    case "succeeded":
      return `${checksPhrase(record.checks)}${attemptsPhrase(record)}`;
    case "cached":
      return `unchanged since run ${record.executedIn}`;
    case "checks-failed":
      return record.checks
        .filter((check) => check.status === "failed")
        .map(failedCheck)
        .join("; ");
    case "failed":
    case "timed-out":
    case "killed":
    case "interrupted":
    case "cancelled":
      return record.error === null
        ? ""
        : `${placePhrase(record)}${record.error.message.split("\n")[0]}${attemptsPhrase(record)}`;
    case "not-run":
      return "";
  }
}

function attemptsPhrase({ attempts }: StageRecord): string {
  return attempts.length > 1 ? `, attempt ${attempts.length}` : "";
}

export function checksPhrase(checks: readonly CheckRecord[]): string {
  if (checks.length === 0) return "no checks";
  const warned = checks.filter((check) => check.status === "warned").length;
  const passed = checks.filter((check) => check.status === "passed").length;
  return `${plural(passed, "check")} passed${warned > 0 ? `, ${count(warned)} warned` : ""}`;
}

/** `"inside the city": 1 of 19,001 rows, first: row 1,042, latitude 39.8` */
export function failedCheck(check: CheckRecord): string {
  if (check.rows === undefined) {
    const value =
      check.value === undefined
        ? ""
        : `: ${typeof check.value === "string" ? check.value : JSON.stringify(check.value)}`;
    return `"${check.name}"${value}${check.rule === undefined ? "" : `, rule: ${check.rule}`}`;
  }
  const { failed, total, first } = check.rows;
  const example = first[0];
  return `"${check.name}": ${count(failed)} of ${plural(total, "row")}${example === undefined ? "" : `, first: ${rowPhrase(example)}`}`;
}

/** The rows that broke it beyond the first, a line each: those that the record keeps, then how many more there are. */
export function moreRows({ rows }: CheckRecord): string[] {
  if (rows === undefined) return [];
  const left = rows.failed - rows.first.length;
  return [
    ...rows.first.slice(1).map(rowPhrase),
    ...(left > 0 ? [`… and ${plural(left, "row")} more`] : []),
  ];
}

type Example = NonNullable<CheckRecord["rows"]>["first"][number];

/** `row 1,042, latitude 39.8` */
function rowPhrase({ row, values }: Example): string {
  const shown = Object.entries(values)
    .slice(0, 4)
    .map(([name, value]) => `${name} ${typeof value === "string" ? value : JSON.stringify(value)}`);
  return [`row ${count(row)}`, ...shown].join(", ");
}

function placePhrase(record: StageRecord): string {
  const cell = record.error?.cell;
  if (!cell) return "";
  const where = cell.number === 0 ? "injected parameters" : `cell ${cell.number}`;
  return `${where}${cell.line === null ? "" : `, line ${cell.line}`}: `;
}
