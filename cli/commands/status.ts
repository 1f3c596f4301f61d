import { hasErrors } from "../../core/diagnostic.ts";
import { status, type ProjectStatus } from "../../runner/status.ts";
import { EXIT, defineCommand } from "../command.ts";
import { printJson } from "../print/json.ts";
import { stageDetail } from "../print/stage-detail.ts";
import { failedStages, nextStep, statusLines, type NextStep } from "../print/status.ts";
import type { StatusOutput } from "../schemas/status.ts";
import { findDocument } from "./run.ts";

const help = `Where the project stands, to be back at work in a minute: what ran last and what came of it, which files changed
since, which stages are fresh, which are stale and why, runs that go on or were interrupted, the last notes, and what to
type next.

Usage: steplab [status] [document] [--explain] [--json]

  --explain   show in full why stages are stale: what changed, code as a diff

Nothing is run and no URL is fetched. Exit code 2 when the project does not lint; the rest is shown all the same.

Example: npx steplab
`;

export const command = defineCommand({
  name: "status",
  summary: "where the project stands and what to type next",
  help,
  options: { explain: { type: "boolean" }, json: { type: "boolean" } },
  positionals: ["document"],
  async run(values, [named]) {
    const { projectRoot, document } = findDocument(named);
    const found = await status(projectRoot, { document, explain: values.explain === true });
    const next = nextStep(found);
    if (values.json === true) printJson<StatusOutput>(statusOutput(found, next));
    else process.stdout.write(`${statusLines(found, next).join("\n")}\n`);
    return hasErrors(found.diagnostics) ? EXIT.usage : EXIT.done;
  },
});

function statusOutput(found: ProjectStatus, next: NextStep): StatusOutput {
  const { document, pipeline, stages, diagnostics, git, changes, urls, recovered, metrics } = found;
  return {
    steplab: 1,
    document,
    pipeline,
    stages:
      stages?.map(({ stage, state, reason, record, changes }) => ({
        stage,
        state,
        reason,
        ...(changes && { changes }),
        executedIn: record?.executedIn ?? null,
      })) ?? null,
    diagnostics,
    git: git && { commit: git.commit, branch: git.branch, tag: git.tag, dirty: git.dirty },
    changes: changes?.files ?? null,
    urls,
    undeclared: found.undeclared.map(({ stage, kind, name, how }) => ({ stage, kind, name, how })),
    recovered,
    running: found.running.map(({ startedAt, executing, ...run }) => ({
      ...run,
      startedAt: new Date(startedAt).toISOString(),
      executing: executing.map((each) => ({
        ...each,
        startedAt: new Date(each.startedAt).toISOString(),
      })),
    })),
    last: found.last && lastOutput(found.last),
    metrics,
    notes: found.notes.map(({ run, stage, at, kind, text, holds = null }) => ({
      run,
      stage,
      at,
      kind,
      text,
      holds,
    })),
    next,
  };
}

function lastOutput(last: NonNullable<ProjectStatus["last"]>): NonNullable<StatusOutput["last"]> {
  const { run, status: state, startedAt, endedAt } = last;
  return {
    run,
    status: state,
    startedAt,
    endedAt,
    failed: failedStages(last).map(([stage, record]) => ({
      stage,
      status: record.status,
      message: stageDetail(record),
      notebook: record.notebook.path === null ? null : `runs/${run}/${record.notebook.path}`,
    })),
  };
}
