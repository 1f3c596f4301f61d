import { StepLabError } from "../../core/error.ts";
import { collectGarbage } from "../../lineage/gc/collect.ts";
import type { DropRule } from "../../lineage/gc/drop.ts";
import { planGc, type GcOptions } from "../../lineage/gc/plan.ts";
import { findRun } from "../../lineage/query/runs.ts";
import { findProjectRoot } from "../../runner/find-project.ts";
import { recoverRuns } from "../../runner/recover.ts";
import { EXIT, defineCommand } from "../command.ts";
import { momentOf } from "../moment.ts";
import { gcFacts, gcLines } from "../print/gc.ts";
import { printJson } from "../print/json.ts";
import type { GcOutput } from "../schemas/gc.ts";

const help = `Free what nothing needs: objects that no run leads to, and what crashes left behind. Shows it unless --yes.

Usage: steplab gc [options]

  --yes             free it
  --dry-run         only show what would be freed, in bytes (so without --yes)
  --keep-runs n     drop runs too: all but the newest n
  --older-than t    drop runs that ended longer ago: 30d, 12h, 2026-11-20
  --failed          drop runs that did not succeed
  --run run         drop this run (repeatable)
                    a run is dropped when it fits all of these that are given; never the newest that succeeded of
                    a branch or tag, one that a document names (run:…), or any while a run is under way
  --grace t         leave alone what is younger (1h)
  --json            print the report as JSON

Example: npx steplab gc --failed --older-than 30d --yes
`;

const GRACE = "1h";

export const command = defineCommand({
  name: "gc",
  summary: "free what nothing needs, old runs on request",
  help,
  options: {
    yes: { type: "boolean" },
    "dry-run": { type: "boolean" },
    "keep-runs": { type: "string" },
    "older-than": { type: "string" },
    failed: { type: "boolean" },
    run: { type: "string", multiple: true, completes: "run" },
    grace: { type: "string" },
    json: { type: "boolean" },
  },
  positionals: [],
  run(values) {
    const projectRoot = findProjectRoot(process.cwd());
    recoverRuns(projectRoot);
    if (values.yes === true && values["dry-run"] === true)
      throw new StepLabError("cli/usage", "--yes and --dry-run: either free it or show it.");
    const now = Date.now();
    const options: GcOptions = {
      rule: ruleOf(projectRoot, values),
      graceMs: now - momentOf("--grace", values.grace ?? GRACE, now),
      now,
    };
    const isDone = values.yes === true;
    const plan = isDone ? collectGarbage(projectRoot, options) : planGc(projectRoot, options);
    if (values.json === true) printJson<GcOutput>(gcFacts(plan, isDone));
    else process.stdout.write(`${gcLines(plan, isDone).join("\n")}\n`);
    return Promise.resolve(EXIT.done);
  },
});

interface Words {
  "keep-runs"?: string;
  "older-than"?: string;
  failed?: boolean;
  run?: string[];
}

function ruleOf(projectRoot: string, words: Words): DropRule {
  const rule: DropRule = {};
  const { failed, run: runs, "keep-runs": keep, "older-than": older } = words;
  if (keep !== undefined) rule.keepRuns = countOf(keep);
  if (older !== undefined) rule.endedBefore = momentOf("--older-than", older);
  if (failed === true) rule.failed = true;
  if (runs !== undefined) rule.runs = runs.map((word) => findRun(projectRoot, word));
  return rule;
}

function countOf(text: string): number {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value >= 0) return value;
  throw new StepLabError("cli/usage", `--keep-runs ${text}: expected a whole number, 0 or more.`);
}
