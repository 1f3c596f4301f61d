import { recordsBackwards } from "../../lineage/query/runs.ts";
import type { RunRecord } from "../../lineage/record.ts";
import { recoverRuns } from "../../runner/recover.ts";
import { findProjectRoot } from "../../runner/find-project.ts";
import { EXIT, parseWords, type Command } from "../command.ts";
import { ago } from "../print/ago.ts";
import { columns, duration, figure, paint, statusColor } from "../print/style.ts";

const help = `List the runs of the project, newest first, with status, time and metrics.

Usage: steplab runs [--all] [--json]      the newest 20 unless --all

Example: steplab runs
`;

const SHOWN = 20;

export const command: Command = {
  summary: "list the runs",
  help,
  run(words) {
    const { values } = parseWords("runs", words, {
      options: { json: { type: "boolean" }, all: { type: "boolean" } },
    });
    const projectRoot = findProjectRoot(process.cwd());
    recoverRuns(projectRoot);
    const records: RunRecord[] = [];
    let more = false;
    const told = (_run: string, error: Error): void =>
      void process.stderr.write(`${error.message}\n  Hint: steplab verify\n`);
    for (const record of recordsBackwards(projectRoot, told)) {
      if (values.all !== true && records.length === SHOWN) {
        more = true;
        break;
      }
      records.push(record);
    }
    if (values.json === true) {
      process.stdout.write(`${JSON.stringify(records.map(brief), null, 2)}\n`);
    } else if (records.length === 0) {
      process.stdout.write("No runs yet. Make the first: steplab run\n");
    } else {
      const rows = records.map((record) => [
        record.run,
        paint(statusColor(record.status), record.status),
        duration(Date.parse(record.endedAt) - Date.parse(record.startedAt)),
        ago(Date.parse(record.endedAt)),
        gitPhrase(record),
        metricsPhrase(record),
      ]);
      process.stdout.write(
        `${columns(rows, [{}, {}, { align: "right" }]).join("\n")}\n${more ? "… more: steplab runs --all\n" : ""}`,
      );
    }
    return Promise.resolve(EXIT.done);
  },
};

function brief({ run, pipeline, status, startedAt, endedAt, git, stages }: RunRecord): object {
  const metrics = Object.fromEntries(
    Object.entries(stages).flatMap(([stage, record]) =>
      Object.entries(record.metrics).map(([name, { value }]) => [`${stage}.${name}`, value]),
    ),
  );
  return {
    run,
    pipeline,
    status,
    startedAt,
    endedAt,
    git,
    stages: Object.fromEntries(Object.entries(stages).map(([name, stage]) => [name, stage.status])),
    metrics,
  };
}

function gitPhrase({ git }: RunRecord): string {
  if (git === null) return "";
  return `${git.tag ?? git.branch ?? ""} ${git.commit?.slice(0, 7) ?? ""}${git.dirty ? "+changes" : ""}`.trim();
}

function metricsPhrase(record: RunRecord): string {
  return Object.entries(record.stages)
    .flatMap(([, stage]) =>
      Object.entries(stage.metrics).map(
        ([name, { value, unit }]) => `${name} ${figure(value)}${unit === null ? "" : ` ${unit}`}`,
      ),
    )
    .join(", ");
}
