/** Graph: whether the stages fit together, and everything lies where it may. */
import { existsSync, realpathSync } from "node:fs";
import { join, relative } from "node:path";
import { didYouMean } from "../../core/did-you-mean.ts";
import type { Diagnostic } from "../../core/diagnostic.ts";
import { splitMarkdown, type Fence } from "../document/markdown.ts";
import { mermaidOf, orderOf } from "../graph.ts";
import { cellPlace, type SourceNotebook } from "../notebooks/source-notebook.ts";
import { virtualModule } from "../notebooks/virtual-module.ts";
import type { Stage } from "../pipeline.ts";
import { TextPositions } from "../../core/text-position.ts";
import { finding, memberPlace, stagePlace, type LintContext } from "./context.ts";

/** Cycles, names that lead nowhere, and paths that leave the project. */
export function graph(context: LintContext): Diagnostic[] {
  const wrong = [
    ...cycles(context),
    ...context.pipeline.stages.flatMap((stage) => wires(context, stage)),
  ];
  return [
    ...wrong,
    ...context.pipeline.stages.flatMap((stage) => notebookOf(context, stage)),
    ...modules(context),
    // A graph that is wrong has no right picture yet.
    ...(wrong.length === 0 ? diagram(context) : []),
  ];
}

function cycles(context: LintContext): Diagnostic[] {
  return orderOf(context.pipeline).cycles.map((cycle) => {
    const stage = context.pipeline.stages.find(({ name }) => name === cycle[0]);
    const at = stage
      ? stagePlace(context, stage, "inputs", "after")
      : { file: context.pipeline.document };
    return finding("graph/cycle", at, `These stages wait for each other: ${cycle.join(" → ")}.`, {
      hint: "take one of these wires out.",
    });
  });
}

function notebookOf(context: LintContext, stage: Stage): Diagnostic[] {
  const at = stagePlace(context, stage, "notebook");
  if (leavesProject(stage.notebook) || leadsOutside(context.root, stage.notebook))
    return [
      finding(
        "graph/outside-project",
        at,
        `The notebook of stage "${stage.name}" lies outside the project: ${stage.notebook}`,
        {
          hint: "move it into the project, or install it as a package; only data may lie anywhere.",
        },
      ),
    ];
  if (context.notebooks.has(stage.notebook) || existsSync(join(context.root, stage.notebook)))
    return [];
  const others = [...context.notebooks.keys()];
  return [
    finding("graph/missing-notebook", at, `There is no notebook ${stage.notebook}.`, {
      hint: didYouMean(stage.notebook, others),
    }),
  ];
}

/** A link inside the project may lead out of it; installed packages are often links. */
function leadsOutside(root: string, path: string): boolean {
  const file = join(root, path);
  if (path.startsWith("node_modules/") || !existsSync(file)) return false;
  return leavesProject(relative(realpathSync(root), realpathSync(file)));
}

/** True for paths that are absolute or climb out: the notebook of a stage is the project's, or a package's. */
export function leavesProject(path: string): boolean {
  if (/^(?:[/\\]|[A-Za-z]:)/.test(path)) return true;
  let depth = 0;
  for (const part of path.split(/[/\\]/)) {
    if (part === "..") depth--;
    else if (part !== "" && part !== ".") depth++;
    if (depth < 0) return true;
  }
  return false;
}

function wires(context: LintContext, stage: Stage): Diagnostic[] {
  const names = context.pipeline.stages.map(({ name }) => name);
  const found: Diagnostic[] = [];
  for (const [input, wire] of Object.entries(stage.inputs)) {
    if (wire.kind !== "output") continue;
    const at = stagePlace(context, stage, `inputs.${input}`);
    const producer = context.pipeline.stages.find(({ name }) => name === wire.stage);
    if (!producer)
      found.push(
        finding(
          "graph/unknown-stage",
          at,
          `There is no stage "${wire.stage}" to read "${wire.output}" from.`,
          {
            hint: existsSync(join(context.root, `${wire.stage}.${wire.output}`))
              ? `for the file in the project's root write \`./${wire.stage}.${wire.output}\`.`
              : didYouMean(wire.stage, names),
          },
        ),
      );
    else found.push(...unknownOutput(context, producer, wire.output, at));
  }
  for (const name of stage.after)
    if (!names.includes(name))
      found.push(
        finding(
          "graph/unknown-stage",
          stagePlace(context, stage, "after"),
          `There is no stage "${name}" to come after.`,
          { hint: didYouMean(name, names) },
        ),
      );
  return found;
}

function unknownOutput(
  context: LintContext,
  producer: Stage,
  output: string,
  at: Diagnostic["at"],
): Diagnostic[] {
  const contract = context.contracts.get(producer.notebook);
  const source = context.notebooks.get(producer.notebook);
  if (!contract || !source) return [];
  const port = contract.outputs[output];
  const related = [
    { at: memberPlace(source, "outputs", output), message: "its outputs are declared here" },
  ];
  if (!port) {
    const readable = Object.keys(contract.outputs).filter(
      (name) => contract.outputs[name]?.kind !== "metric",
    );
    return [
      finding("graph/unknown-output", at, `Stage "${producer.name}" has no output "${output}".`, {
        hint: didYouMean(output, readable),
        related,
      }),
    ];
  }
  if (port.kind !== "metric") return [];
  return [
    finding(
      "graph/unknown-output",
      at,
      `"${output}" of stage "${producer.name}" is a metric: it is recorded, and no stage can read it.`,
      { hint: "write the value to an `a.json` output too.", related },
    ),
  ];
}

function modules(context: LintContext): Diagnostic[] {
  const found: Diagnostic[] = [];
  const told = new Set<string>(); // several notebooks may reach one faulty module
  for (const [path, closure] of context.closures) {
    const source = context.notebooks.get(path);
    if (!source) continue;
    for (const missing of closure.missing) {
      const key = `${missing.importer}:${missing.line}:${missing.specifier}`;
      if (told.has(key)) continue;
      told.add(key);
      const at = importPlace(source, missing.importer, missing.specifier, missing.line);
      found.push(
        finding("graph/missing-module", at, `The import "${missing.specifier}" leads to no file.`, {
          hint: missingHint(missing.specifier),
        }),
      );
    }
    for (const file of closure.files)
      if (
        file.path.startsWith("../") &&
        !told.has(file.path) &&
        !file.path.includes("/node_modules/")
      ) {
        told.add(file.path);
        found.push(
          finding(
            "graph/outside-project",
            { file: path },
            `This notebook imports a module outside the project: ${file.path}`,
            {
              hint: "move the module into the project, or install it as a package: a released pipeline must hold its code.",
            },
          ),
        );
      }
  }
  return found;
}

function missingHint(specifier: string): string | undefined {
  if (/^\.\.?\//.test(specifier) && !/\.\w+$/.test(specifier))
    return `write the ending too: "${specifier}.ts".`;
  if (specifier.endsWith(".js")) return `is it "${specifier.replace(/\.js$/, ".ts")}"?`;
  if (specifier.startsWith("https:"))
    return "Node imports no addresses: install the package with npm.";
  return undefined;
}

function importPlace(
  source: SourceNotebook,
  importer: string,
  specifier: string,
  line: number,
): Diagnostic["at"] {
  if (importer !== source.path) return { file: importer, line };
  const module = virtualModule(
    source.code.filter(({ cell }) => cell.slot !== "scratch").map(({ cell }) => cell),
  );
  const positions = new TextPositions(module.source);
  const column = positions.lineText(line).indexOf(specifier);
  const found = module.locateLine(line, Math.max(1, column + 1));
  return found
    ? cellPlace(source, found.cell, found.offset, found.offset + specifier.length)
    : { file: source.path };
}

/** The document's own diagram: the first Mermaid flowchart before the stages. A document needs none. */
export function diagramFence(text: string): Fence | undefined {
  return splitMarkdown(text).preamble.find(
    (fence) => fence.info === "mermaid" && /^\s*(graph|flowchart)\b/.test(fence.content.text),
  );
}

function diagram(context: LintContext): Diagnostic[] {
  const fence = diagramFence(context.documentText);
  if (!fence) return [];
  const wanted = mermaidOf(context.pipeline);
  if (fence.content.text.replaceAll("\r\n", "\n").trim() === wanted) return [];
  const { line, column } = new TextPositions(context.documentText).at(fence.whole.from);
  const endColumn = column + "```mermaid".length;
  return [
    finding(
      "document/diagram-stale",
      { file: context.pipeline.document, line, column, endLine: line, endColumn },
      "The diagram does not show the stages as they are wired.",
      {
        severity: "warning",
        hint: "`npx steplab lint --fix` draws it again.",
        fix: {
          kind: "replace-text",
          file: context.pipeline.document,
          from: fence.content.from,
          to: fence.content.to,
          text: `${wanted}\n`,
        },
      },
    ),
  ];
}
