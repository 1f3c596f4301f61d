import { StepLabError } from "../../core/error.ts";
import { recordsWhere } from "../../lineage/query/run-index.ts";
import { recordsBackwards } from "../../lineage/query/runs.ts";
import type { RunRecord } from "../../lineage/record.ts";
import { outlook, type Outlook } from "../../runner/outlook.ts";
import { markedRuns } from "../../runner/owner.ts";
import { recoverRuns } from "../../runner/recover.ts";
import { archiveOf } from "../../lineage/archive.ts";
import { EXIT, defineCommand } from "../command.ts";
import { printDiagnostics } from "../print/diagnostics.ts";
import { printJson } from "../print/json.ts";
import { notePhrase } from "../print/note.ts";
import { columns, paint, plural } from "../print/style.ts";
import { ago } from "../print/ago.ts";
import type { StatusOutput } from "../schemas/status.ts";
import { findDocument } from "./run.ts";

const help = `Where the project stands: what is fresh, what is stale and why, what ran last, what to type next.

Usage: steplab [status] [document] [--json]

Nothing is run and no URL is fetched.

Example: steplab
`;

const FINDINGS_SHOWN = 3;

export const command = defineCommand({
  name: "status",
  summary: "where the project stands and what to type next",
  help,
  options: { json: { type: "boolean" } },
  positionals: ["document"],
  async run(values, [named]) {
    const { projectRoot, document } = findDocument(named);
    const recovered = recoverRuns(projectRoot);
    const running = markedRuns(archiveOf(projectRoot));
    const last = recordsBackwards(projectRoot).next().value ?? null;
    let view: Outlook;
    try {
      view = await outlook(projectRoot, document, { profile: null, front: {}, stages: {} });
    } catch (error) {
      if (!(error instanceof StepLabError) || error.code !== "lint/errors" || values.json === true)
        throw error;
      printDiagnostics(
        error.diagnostics.filter((d) => d.severity === "error"),
        process.stdout,
      );
      const canFix = error.diagnostics.some(({ fix }) => fix !== undefined);
      process.stdout.write(`${error.message}\nNext    steplab lint${canFix ? " --fix" : ""}\n`);
      return EXIT.usage;
    }
    if (values.json === true) {
      const stages = view.stages.map(({ stage, state, reason, record }) => ({
        stage,
        state,
        reason,
        executedIn: record?.executedIn ?? null,
      }));
      printJson<StatusOutput>({
        steplab: 1,
        pipeline: view.judged.pipeline.name,
        stages,
        last: last?.run ?? null,
        running,
        recovered,
      });
      return EXIT.done;
    }
    process.stdout.write(
      `${statusLines(view, last, running, recovered, projectRoot).join("\n")}\n`,
    );
    return EXIT.done;
  },
});

function statusLines(
  view: Outlook,
  last: RunRecord | null,
  running: string[],
  recovered: string[],
  projectRoot: string,
): string[] {
  const lines = [paint("bold", view.judged.pipeline.name)];
  for (const run of recovered)
    lines.push(`Run ${run} was interrupted; what it left is archived: steplab show ${run}`);
  for (const run of running) lines.push(`Run ${run} is going on.`);
  if (last !== null)
    lines.push(`Last run ${last.run}: ${last.status}, ${ago(Date.parse(last.endedAt))}`);
  lines.push("");
  const color = { fresh: "cyan", stale: "yellow", waits: "dim" } as const;
  const rows = view.stages.map(({ stage, state, reason }) => [
    paint(color[state], state),
    stage,
    reason,
  ]);
  lines.push(...columns(rows).map((line) => `  ${line}`));
  const findings = lastNotes(projectRoot);
  if (findings.length > 0) lines.push("", "Last notes", ...findings.map((text) => `  ${text}`));
  const warnings = view.judged.diagnostics.filter((d) => d.severity === "warning").length;
  if (warnings > 0) lines.push("", `${plural(warnings, "warning")}: steplab lint`);
  const stale = view.stages.filter(({ state }) => state !== "fresh").length;
  lines.push(
    "",
    stale === 0
      ? "Next    all is fresh: steplab show last"
      : `Next    steplab run      (${plural(stale, "stage")} to run)`,
  );
  return lines;
}

function lastNotes(projectRoot: string): string[] {
  for (const record of recordsWhere(projectRoot, ({ notes }) => notes > 0)) {
    const notes = Object.entries(record.stages).flatMap(([stage, { notes: told }]) =>
      told.map((note) => `${notePhrase(note)} (${stage}): ${note.text}`),
    );
    if (notes.length > 0) return notes.slice(-FINDINGS_SHOWN);
  }
  return [];
}
