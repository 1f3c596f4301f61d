import {
  appendFileSync,
  readFileSync,
  rmSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { expect, test } from "vitest";
import { archiveOf } from "../../lineage/archive.ts";
import { newestOutput } from "../../lineage/query/newest.ts";
import { indexPath, indexRun, readBriefs } from "../../lineage/query/run-index.ts";
import { searchRuns, type RunQuery } from "../../lineage/query/search.ts";
import type { GitFacts, RunRecord } from "../../lineage/record.ts";
import { makeProject, type Project } from "../rig/project.ts";
import { runId, runRecord, stageRecord, storedOutput, writeRun } from "../rig/records.ts";
import { errorOf, steplab } from "../rig/run.ts";

const onBranch = (branch: string, tag: string | null = null): GitFacts => ({
  commit: "1".repeat(40),
  branch,
  tag,
  dirty: false,
  changes: null,
});

/** Trains in every run but the third, which took it cached; the fourth failed there. */
function fourRuns(project: Project): void {
  const mae = (value: number) => ({
    validMae: { value, goal: "min" as const, unit: "USD", series: null },
  });
  const make = (
    n: number,
    train: Parameters<typeof stageRecord>[1],
    change: Partial<RunRecord> = {},
  ): void => {
    const run = runId(n);
    writeRun(
      project,
      runRecord(run, {
        git: onBranch("main"),
        stages: { train: stageRecord(run, train) },
        ...change,
      }),
    );
  };
  make(1, { metrics: mae(32) });
  make(2, { metrics: mae(30) }, { git: onBranch("trees", "v1") });
  make(3, { status: "cached", executedIn: runId(2), metrics: mae(30) });
  make(4, { status: "failed" }, { status: "failed" });
}

const idsOf = (runs: { run: string }[]): string[] => runs.map(({ run }) => run);

test("runs are found by status, stage, branch, tag and time, and sorted by a metric, best first", async () => {
  await using project = await makeProject({});
  fourRuns(project);
  const find = (query: RunQuery): string[] => idsOf(searchRuns(project.root, query).runs);
  expect(find({})).toEqual([4, 3, 2, 1].map(runId));
  expect(find({ status: "failed" })).toEqual([runId(4)]);
  expect(find({ stage: "train" })).toEqual([4, 2, 1].map(runId));
  expect(find({ stage: "train", status: "cached" })).toEqual([runId(3)]);
  expect(find({ branch: "main" })).toEqual([4, 3, 1].map(runId));
  expect(find({ tag: "v1" })).toEqual([runId(2)]);
  expect(find({ since: Date.parse("2026-11-21T00:00:03Z") })).toEqual([4, 3].map(runId));
  expect(find({ metric: "validMae" })).toEqual([3, 2, 1].map(runId));
  expect(searchRuns(project.root, { limit: 2 }).more).toBe(true);
  const unknown = await errorOf(
    Promise.try(() => searchRuns(project.root, { metric: "validMea" })),
  );
  expect(unknown.toJSON()).toMatchObject({
    code: "archive/unknown-metric",
    message: 'No run has a metric "validMea".',
  });
});

test("the index is a cache: absent, torn, doubled or older than a record, it changes no answer", async () => {
  await using project = await makeProject({});
  fourRuns(project);
  const all = (): unknown[] => [...readBriefs(project.root)];
  const truth = all();
  const index = indexPath(archiveOf(project.root));
  const text = readFileSync(index, "utf8");
  const afterwards = (damage: () => void): unknown[] => {
    writeFileSync(index, text);
    damage();
    return all();
  };
  expect(afterwards(() => undefined)).toEqual(truth);
  expect(afterwards(() => rmSync(index))).toEqual(truth);
  expect(afterwards(() => truncateSync(index, text.length - 40))).toEqual(truth);
  expect(afterwards(() => appendFileSync(index, text))).toEqual(truth);
  const record = runRecord(runId(1), { pipeline: "renamed" });
  expect(afterwards(() => writeRun(project, record))[3]).toMatchObject({ pipeline: "renamed" });
  rmSync(project.path(`runs/${runId(4)}`), { recursive: true });
  expect(all()).toHaveLength(3);
});

test("what is in the index is not read again, and a run puts itself there", async () => {
  await using project = await makeProject({});
  fourRuns(project);
  const fifth = writeRun(project, runRecord(runId(5)));
  indexRun(project.root, fifth);
  expect(readFileSync(indexPath(archiveOf(project.root)), "utf8")).toContain(fifth.run);
  // Other bytes under the same size and time: only who reads the file again could tell.
  const path = project.path(`runs/${fifth.run}/run.json`);
  const was = readFileSync(path, "utf8");
  const time = new Date("2026-11-21T00:00:00Z");
  utimesSync(path, time, time);
  indexRun(project.root, fifth);
  writeFileSync(path, was.replace('"steps"', '"other"'));
  utimesSync(path, time, time);
  expect(readBriefs(project.root).next().value).toMatchObject({ pipeline: "steps" });
});

test("the newest artifact of an output is found behind hundreds of runs that did not make it", async () => {
  await using project = await makeProject({});
  const first = runId(0);
  const n = storedOutput(project, "1");
  writeRun(project, runRecord(first, { stages: { make: stageRecord(first, { outputs: { n } }) } }));
  for (let i = 1; i < 60; i++) writeRun(project, runRecord(runId(i)));
  expect(newestOutput(project.root, "make.n")).toMatchObject({ run: first, digest: n.digest });
  expect(newestOutput(project.root, "make.m")).toBeNull();
});

test("`steplab runs` refuses a status that nothing ends with, and says when no run fits", async () => {
  await using project = await makeProject({ "PIPELINE.md": "" });
  fourRuns(project);
  const refused = await steplab(project, ["runs", "--status", "sucess"]);
  expect([refused.code, refused.stderr]).toEqual([
    2,
    `error cli/usage\n  --status sucess is no status of a run.\n  Hint: there are "succeeded", "failed", "cancelled", "interrupted".\n`,
  ]);
  const none = await steplab(project, ["runs", "--tag", "v9"]);
  expect([none.code, none.stdout]).toEqual([0, "No run fits.\n"]);
});
