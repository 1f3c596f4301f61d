/** The archive at size: 10,000 runs of six stages, and whole cold commands that look at them. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { listRuns, readRecord, runFolder } from "../lineage/query/runs.ts";
import { RECORD_FILE } from "../lineage/archive.ts";
import { readableJson } from "../core/json.ts";
import type { RunId, RunRecord } from "../lineage/record.ts";
import { benchProject, chainFiles } from "./project.ts";
import type { Figures, Row, Task } from "./measure.ts";
import { timed } from "./process.ts";

const RUNS = 10_000;
const STAGES = 6;

const COMMANDS: readonly (Omit<Row, "unit"> & { words: readonly string[] })[] = [
  { figure: "runs", what: "runs", bound: 0.3, words: ["runs"] },
  {
    figure: "filtered",
    what: "runs --status failed",
    bound: 0.3,
    words: ["runs", "--status", "failed"],
  },
  { figure: "metric", what: "runs, best of all by a metric", words: ["runs", "--metric", "score"] },
  { figure: "show", what: "show last", bound: 0.3, words: ["show", "last"] },
  { figure: "diff", what: "diff", bound: 0.3, words: ["diff"] },
  { figure: "lineage", what: "lineage s6.value", words: ["lineage", "s6.value"] },
  { figure: "gc", what: "gc, shown", words: ["gc"] },
  { figure: "status", what: "status", words: ["status"] },
  { figure: "run", what: "run, nothing changed", words: ["run"] },
];

export const archiveTasks: readonly Task[] = [
  {
    name: "archive-10k",
    rounds: 7,
    rows: COMMANDS.map((command) => ({
      ...command,
      what: `10,000 runs in the archive: ${command.what}`,
      unit: "s",
    })),
    prepare({ resources, say }) {
      say("laying out 10,000 runs …");
      const { root } = resources.use(benchProject(chainFiles(STAGES, { independent: false })));
      timed(root, ["run"]);
      writeFileSync(join(root, "data/start.txt"), "2\n");
      timed(root, ["run"]);
      fillArchive(root, RUNS);
      if (listRuns(root).length !== RUNS) throw new Error("the archive is not as large as it says");
      const measure = (): Figures =>
        Object.fromEntries(COMMANDS.map(({ figure, words }) => [figure, timed(root, words)]));
      return [{ name: "steplab", measure }];
    },
  },
];

/** Runs that could have been, before the real ones: all that a record of tables and packages holds, other ids, times and metrics. */
export function fillArchive(projectRoot: string, runs: number): void {
  const real = listRuns(projectRoot);
  const [first] = real;
  const record = first && readRecord(projectRoot, first);
  if (!record) throw new Error("there is no run to take after");
  const text = readableJson(grown(record));
  const began = Date.parse(record.startedAt);
  for (let i = real.length; i < runs; i++) {
    const at = new Date(began - i * MINUTES_APART * 60_000).toISOString();
    const id =
      `${at.slice(0, 10)}T${at.slice(11, 19).replaceAll(":", "")}Z-${(i % 65_536).toString(16).padStart(4, "0")}` as RunId; // as newRunId makes them
    const folder = runFolder(projectRoot, id);
    mkdirSync(folder);
    const failed = i % 10 === 3;
    writeFileSync(
      join(folder, RECORD_FILE),
      text
        .replaceAll(record.run, id)
        .replaceAll(record.startedAt, at)
        .replaceAll(record.endedAt, at)
        .replaceAll('"value": 0.5', `"value": ${0.5 + (i % 100) / 1000}`)
        .replace(
          /("status": )"succeeded"(,\n {2}"steplab")/,
          `$1"${failed ? "failed" : "succeeded"}"$2`,
        ),
    );
  }
}

const MINUTES_APART = 20;

/** As large as the example's record: a hundred packages, a summarised table a stage, a metric. */
function grown(record: RunRecord): RunRecord {
  const packages = Object.fromEntries(
    Array.from({ length: 110 }, (_, i) => [`@scope/package-${i}`, `1.${i}.0`]),
  );
  const bins = Array.from({ length: 20 }, (_, i) => i * 37);
  const column = {
    nulls: 3,
    min: 0.5,
    max: 349.5,
    mean: 120.25,
    distinct: 312,
    histogram: { from: 0.5, to: 349.5, counts: bins },
  };
  const columns = Object.fromEntries(Array.from({ length: 16 }, (_, i) => [`column_${i}`, column]));
  const stages = Object.fromEntries(
    Object.entries(record.stages).map(([name, stage]) => {
      const outputs = Object.fromEntries(
        Object.entries(stage.outputs).map(([output, made]) => [
          output,
          { ...made, kind: "table" as const, summary: { rows: 19_001, columns } },
        ]),
      );
      return [
        name,
        {
          ...stage,
          outputs,
          metrics: { score: { value: 0.5, goal: "max" as const, unit: null, series: null } },
        },
      ];
    }),
  );
  return { ...record, environment: { ...record.environment, packages }, stages };
}
