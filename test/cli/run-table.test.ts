import { expect, test } from "vitest";
import { runTable } from "../../cli/print/run-table.ts";
import { width } from "../../cli/print/style.ts";
import { briefOf } from "../../lineage/query/brief.ts";
import { runId, runRecord, stageRecord } from "../rig/records.ts";

const metrics = Object.fromEntries(
  Array.from({ length: 9 }, (_, i) => [
    `metric${i}`,
    { value: i, goal: "min" as const, unit: null, series: null },
  ]),
);
const git = { commit: "1".repeat(40), branch: "main", tag: null, dirty: true, changes: null };
const brief = briefOf(
  runRecord(runId(1), { git, stages: { train: stageRecord(runId(1), { metrics }) } }),
);
const line = (terminal: number | undefined): string =>
  runTable([brief], { shows: () => true, stage: null, terminal })[0] ?? "";

test("a table of runs fits the terminal: metrics are cut, then columns left out, ids and statuses never", () => {
  expect(line(undefined)).toMatch(/main 1111111\+changes {2}metric0 0, .*, metric8 8$/);
  expect(line(120)).toMatch(/main 1111111\+changes {2}metric0 0, .*…$/);
  expect(line(90)).not.toContain("main");
  expect(line(90)).toMatch(/metric0 0, .*…$/);
  expect(line(60)).not.toContain("metric0");
  for (const terminal of [120, 100, 90, 80, 60, 40]) {
    expect(width(line(terminal))).toBeLessThanOrEqual(terminal);
    expect(line(terminal)).toContain(`${brief.run}  succeeded`);
  }
});
