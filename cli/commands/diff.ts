import type { CompareOptions } from "../../lineage/query/diff/compare.ts";
import { compareRuns } from "../../lineage/query/diff/compare.ts";
import { findRun, isRunWord } from "../../lineage/query/runs.ts";
import type { RunId } from "../../lineage/record.ts";
import { findProjectRoot } from "../../runner/find-project.ts";
import { recoverRuns } from "../../runner/recover.ts";
import { StepLabError } from "../../core/error.ts";
import { EXIT, defineCommand } from "../command.ts";
import { diffLines } from "../print/diff.ts";
import { printJson } from "../print/json.ts";
import type { DiffOutput } from "../schemas/diff.ts";

const help = `Compare two runs: status, checks, metrics, outputs, code, parameters, inputs, environment. What is equal is not listed.

Usage: steplab diff [run] [run] [stage] [options]      last~1 and last unless named; one run: with last

  --notebooks    the executed notebooks too, cell by cell with their outputs (so with a stage)
  --context n    unchanged lines around a change (3)
  --exit-code    exit with 1 when the runs differ (otherwise 0 whether they do or not)
  --json         print the comparison as JSON

A run is last, last~2, or a run's id or an end of it.

Example: npx steplab diff last~1 last train
`;

export const command = defineCommand({
  name: "diff",
  summary: "compare two runs",
  help,
  options: {
    notebooks: { type: "boolean" },
    context: { type: "string" },
    "exit-code": { type: "boolean" },
    json: { type: "boolean" },
  },
  positionals: ["run", "run", "stage"],
  run(values, words) {
    const projectRoot = findProjectRoot(process.cwd());
    recoverRuns(projectRoot);
    const { before, after, stage } = sidesOf(projectRoot, words);
    const options: CompareOptions = {
      notebooks: values.notebooks === true || stage !== undefined,
      ...(stage !== undefined && { stage }),
      ...(values.context !== undefined && { context: countOf(values.context) }),
    };
    const diff = compareRuns(projectRoot, before, after, options);
    if (values.json === true) printJson<DiffOutput>({ steplab: 1, ...diff });
    else process.stdout.write(`${diffLines(diff).join("\n")}\n`);
    return Promise.resolve(values["exit-code"] === true && !diff.equal ? EXIT.failed : EXIT.done);
  },
});

/** The last word is a stage when it names no run. @throws StepLabError `archive/unknown-run`, `cli/usage` */
function sidesOf(
  projectRoot: string,
  words: readonly string[],
): { before: RunId; after: RunId; stage: string | undefined } {
  const last = words.at(-1);
  const isStage = last !== undefined && (words.length === 3 || !isRunWord(projectRoot, last));
  const [first = "last~1", second = "last"] = isStage ? words.slice(0, -1) : words;
  const [before, after] = [findRun(projectRoot, first), findRun(projectRoot, second)];
  if (before === after && first !== second)
    throw new StepLabError("cli/usage", `${first} and ${second} are one run, ${before}.`, {
      hint: "Name another: npx steplab runs lists them.",
    });
  return { before, after, stage: isStage ? last : undefined };
}

function countOf(text: string): number {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value >= 0) return value;
  throw new StepLabError("cli/usage", `--context ${text}: expected a whole number, 0 or more.`);
}
