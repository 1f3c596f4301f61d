import { readFileSync } from "node:fs";
import { join } from "node:path";
import { StepLabError } from "../../core/error.ts";
import { readNotebook } from "../../core/notebook/index.ts";
import { findRun } from "../../lineage/query/runs.ts";
import type { OpenedLab } from "../../jupyter/index.ts";
import type { ReplayCell } from "../../jupyter/replay.ts";
import { findProjectRoot } from "../../runner/find-project.ts";
import { recoverRuns } from "../../runner/recover.ts";
import { isExecuted } from "../../runner/execute/executed-notebook.ts";
import { restoreStage, type RestoredStage } from "../../runner/restore.ts";
import { EXIT, defineCommand } from "../command.ts";
import { inLab, LAB_OPTIONS, labOptionsOf } from "../lab-session.ts";
import { printJson } from "../print/json.ts";
import { paint } from "../print/style.ts";
import type { OpenOutput } from "../schemas/open.ts";

const help = `Open a stage of a past run as a live notebook: its code, inputs, parameters and seed as they were.

Usage: steplab open <run> <stage> [options]

  --at CELL        replay to this cell, which is left for you: its number, id or slot. Of a stage that failed in a
                   cell, that one unless told
  --fresh          lay it out anew, beside what you left there last time
  --no-lab         lay it out and say how to open it; start no JupyterLab
  --port N         as for steplab lab
  --no-browser     as for steplab lab
  --jupyter PATH   as for steplab lab
  --json           with --no-lab: print where it lies as JSON

It lies in restored/<run>/<stage>/, which git ignores, and is yours to change: the archive stays as it is. What it
writes goes to a temporary folder. Modules are those of the run; packages are those that are installed, and what
differs is said.

Example: npx steplab open last train --at 5
`;

export const command = defineCommand({
  name: "open",
  summary: "open a stage of a past run as a live notebook",
  help,
  options: {
    at: { type: "string" },
    fresh: { type: "boolean" },
    "no-lab": { type: "boolean" },
    ...LAB_OPTIONS,
    json: { type: "boolean" },
  },
  positionals: ["run", "stage"],
  handsOn: true,
  async run(values, [word, stage], more) {
    if (word === undefined || stage === undefined)
      throw new StepLabError("cli/usage", "steplab open takes a run and a stage.", {
        hint: "npx steplab open last <stage>; npx steplab runs and npx steplab show list them.",
      });
    if (values.json === true && values["no-lab"] !== true)
      throw new StepLabError("cli/usage", "--json belongs to --no-lab.");
    const options = labOptionsOf(values);
    const projectRoot = findProjectRoot(process.cwd());
    recoverRuns(projectRoot);
    const { at, fresh } = values;
    const restored = restoreStage(projectRoot, findRun(projectRoot, word), stage, {
      ...(at !== undefined && { at }),
      ...(fresh !== undefined && { fresh }),
    });
    if (values.json === true) printJson<OpenOutput>({ steplab: 1, ...restored });
    else tell(restored);
    if (values["no-lab"] === true) {
      if (values.json !== true) tellHow(restored);
      return EXIT.done;
    }
    const { notebook } = restored;
    return await inLab(projectRoot, options, {
      open: { document: "PIPELINE.md", notebook },
      show: notebook,
      more,
      onOpened: (lab, signal) => replayed(projectRoot, restored, lab, signal),
    });
  },
});

function tell({ run, stage, notebook, isNew, differs }: RestoredStage): void {
  const left = isNew ? "" : ", as you left it (--fresh lays it out anew)";
  process.stdout.write(`Stage ${paint("bold", stage)} of ${run}: ${notebook}${left}\n`);
  for (const line of differs) process.stdout.write(`${paint("yellow", "differs")}  ${line}\n`);
}

function tellHow({ at }: RestoredStage): void {
  const cell = at === null ? "" : ` Run all above cell ${at.number} to be where it was.`;
  process.stdout.write(
    `Open it with the kernel "TypeScript (steplab)" (npx steplab lab, or any Jupyter that has it): its inputs, parameters and seed are bound.${cell}\n`,
  );
}

/** In the kernel that the page will find, before it is there. */
async function replayed(
  projectRoot: string,
  { notebook: path, at }: RestoredStage,
  lab: OpenedLab,
  signal: AbortSignal,
): Promise<void> {
  if (at === null) return;
  const { notebook } = readNotebook(readFileSync(join(projectRoot, path), "utf8"), path);
  const end = notebook?.cells.findIndex(({ id }) => id === at.id) ?? -1;
  const cells = (notebook?.cells.slice(0, Math.max(0, end)) ?? [])
    .filter(isExecuted)
    .map(({ id, source }): ReplayCell => ({ id, code: source }));
  const { replay } = await import("../../jupyter/replay.ts");
  const failed = await replay({
    url: lab.url,
    notebook: path,
    cells,
    signal,
    onCell: ({ id }) =>
      void process.stderr.write(`${paint("dim", `replaying ${id}`, process.stderr)}\n`),
  });
  process.stdout.write(
    failed === null
      ? `Replayed to cell ${at.number}, which is yours to run.\n`
      : `${paint("red", `Cell ${failed.cell.id} failed in the replay`)}: ${failed.message}\n`,
  );
}
