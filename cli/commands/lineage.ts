import { StepLabError } from "../../core/error.ts";
import { readExecutions } from "../../lineage/query/executions.ts";
import { findStart } from "../../lineage/query/lineage/find.ts";
import { lineageGraph, type Graph } from "../../lineage/query/lineage/graph.ts";
import { findRun } from "../../lineage/query/runs.ts";
import { findProjectRoot } from "../../runner/find-project.ts";
import { recoverRuns } from "../../runner/recover.ts";
import { EXIT, defineCommand } from "../command.ts";
import { printJson } from "../print/json.ts";
import { lineageLines } from "../print/lineage.ts";
import { lineageMermaid } from "../print/lineage-mermaid.ts";
import type { LineageOutput } from "../schemas/lineage.ts";

const help = `Show what an artifact was made of, up to the raw bytes, and what was made of it, in all runs.

Usage: steplab lineage <artifact> [options]
       steplab lineage <run> <stage.output> [options]

An artifact is named by stage.output (the newest), run:<id>/stage.output, its digest or the beginning of it,
or a path: of a file in runs/, or of a data file, which is hashed and looked up. stage.metric and stage.check
show where that figure comes from.

  --up, --down   only what it was made of, only what was made of it
  --depth n      at most n stages away
  --mermaid      print a Mermaid flowchart
  --json         print the graph as JSON

Example: npx steplab lineage data/listings.csv --down
`;

export const command = defineCommand({
  name: "lineage",
  summary: "what an artifact was made of, and what was made of it",
  help,
  options: {
    up: { type: "boolean" },
    down: { type: "boolean" },
    depth: { type: "string" },
    mermaid: { type: "boolean" },
    json: { type: "boolean" },
  },
  positionals: ["output", "output"],
  run(values, [first, second]) {
    if (first === undefined)
      throw new StepLabError("cli/usage", "steplab lineage: which artifact?", {
        hint: "For example: npx steplab lineage train.model",
      });
    const projectRoot = findProjectRoot(process.cwd());
    recoverRuns(projectRoot);
    const word = second === undefined ? first : `run:${findRun(projectRoot, first)}/${second}`;
    const known = readExecutions(projectRoot);
    const start = findStart(projectRoot, word, known, process.cwd());
    const both = values.up === values.down;
    const directions = { up: both || values.up === true, down: both || values.down === true };
    const graph = lineageGraph(known, start, { ...directions, depth: depthOf(values.depth) });
    if (values.json === true) printJson<LineageOutput>({ steplab: 1, ...graph });
    else
      process.stdout.write(`${linesOf(graph, directions, values.mermaid === true).join("\n")}\n`);
    return Promise.resolve(EXIT.done);
  },
});

function linesOf(
  graph: Graph,
  directions: { up: boolean; down: boolean },
  mermaid: boolean,
): string[] {
  return mermaid ? lineageMermaid(graph) : lineageLines(graph, directions);
}

function depthOf(text: string | undefined): number {
  if (text === undefined) return Infinity;
  const value = Number(text);
  if (Number.isSafeInteger(value) && value > 0) return value;
  throw new StepLabError("cli/usage", `--depth ${text}: expected a whole number, at least 1.`);
}
