import { didYouMean } from "../../core/did-you-mean.ts";
import { StepLabError } from "../../core/error.ts";
import type { RunBrief } from "../../lineage/query/brief.ts";
import { isMetric, searchRuns, type RunQuery } from "../../lineage/query/search.ts";
import { RUN_STATUSES, STAGE_STATUSES } from "../../lineage/status.ts";
import { recoverRuns } from "../../runner/recover.ts";
import { findProjectRoot } from "../../runner/find-project.ts";
import { EXIT, defineCommand } from "../command.ts";
import { momentOf } from "../moment.ts";
import { printJson } from "../print/json.ts";
import { runTable } from "../print/run-table.ts";
import type { RunsOutput } from "../schemas/runs.ts";

const help = `List the runs of the project, newest first, with status, time, code and metrics.

Usage: steplab runs [options]      the newest 20 unless --all or --limit

  --metric name     only runs with this metric, the best first (validMae, train.validMae)
  --stage name      only runs that executed this stage (cached ones are left out)
  --status word     only runs that ended so; with --stage: in which that stage ended so
  --branch name, --tag name
                    only runs of this branch or tag
  --since moment    only runs that ended since: 12h, 30d, 2026-11-20
  --limit n, --all  so many, or all of them
  --json            as JSON

Example: npx steplab runs --metric validMae --since 30d
`;

const SHOWN = 20;

export const command = defineCommand({
  name: "runs",
  summary: "list the runs",
  help,
  options: {
    json: { type: "boolean" },
    all: { type: "boolean" },
    limit: { type: "string" },
    metric: { type: "string" },
    stage: { type: "string", completes: "stage" },
    status: {
      type: "string",
      completes: [...new Set<string>([...RUN_STATUSES, ...STAGE_STATUSES])],
    },
    branch: { type: "string" },
    tag: { type: "string" },
    since: { type: "string" },
  },
  positionals: [],
  run(values) {
    const projectRoot = findProjectRoot(process.cwd());
    recoverRuns(projectRoot);
    const told = (_run: string, error: Error): void =>
      void process.stderr.write(`${error.message}\n  Hint: npx steplab verify\n`);
    const query = queryOf(values);
    const { runs, more } = searchRuns(projectRoot, query, told);
    if (values.json === true) {
      printJson<RunsOutput>(runs.map(listed));
    } else if (runs.length === 0) {
      const isNarrowed = Object.keys(query).some((name) => name !== "limit");
      process.stdout.write(
        isNarrowed ? "No run fits.\n" : "No runs yet. Make the first: npx steplab run\n",
      );
    } else {
      const shows = (name: string): boolean =>
        (query.metric === undefined || isMetric(name, query.metric)) &&
        (query.stage === undefined || name.startsWith(`${query.stage}.`));
      const lines = runTable(runs, { shows, stage: query.stage ?? null });
      process.stdout.write(
        `${lines.join("\n")}\n${more ? "… more: npx steplab runs --all\n" : ""}`,
      );
    }
    return Promise.resolve(EXIT.done);
  },
});

interface Values {
  all?: boolean;
  limit?: string;
  metric?: string;
  stage?: string;
  status?: string;
  branch?: string;
  tag?: string;
  since?: string;
}

function queryOf({ all, limit, status, since, ...words }: Values): RunQuery {
  const query: RunQuery = {};
  for (const name of ["metric", "stage", "branch", "tag"] as const)
    if (words[name] !== undefined) query[name] = words[name];
  if (all !== true) query.limit = limit === undefined ? SHOWN : countOf(limit);
  if (since !== undefined) query.since = momentOf("--since", since);
  if (status !== undefined) query.status = statusOf(status, words.stage !== undefined);
  return query;
}

function countOf(text: string): number {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value > 0) return value;
  throw new StepLabError("cli/usage", `--limit ${text}: expected a whole number, at least 1.`);
}

function statusOf(word: string, ofStage: boolean): NonNullable<RunQuery["status"]> {
  const known = ofStage ? STAGE_STATUSES : RUN_STATUSES;
  const status = known.find((each) => each === word);
  if (status !== undefined) return status;
  const needsStage = !ofStage && STAGE_STATUSES.some((each) => each === word);
  throw new StepLabError(
    "cli/usage",
    `--status ${word} is no status of a ${ofStage ? "stage" : "run"}.`,
    {
      hint: needsStage
        ? "A stage can end so: add --stage."
        : (didYouMean(word, known) ?? known.join(", ")),
    },
  );
}

/** A brief as `--json` prints it. */
function listed(brief: RunBrief): RunsOutput[number] {
  const { run, pipeline, status, startedAt, endedAt, git, stages, metrics } = brief;
  return {
    run,
    pipeline,
    status,
    startedAt,
    endedAt,
    git,
    stages: Object.fromEntries(Object.entries(stages).map(([name, stage]) => [name, stage.status])),
    metrics: Object.fromEntries(Object.entries(metrics).map(([name, { value }]) => [name, value])),
  };
}
