/** Contract: whether what a notebook declares, what it does and what PIPELINE.md says of it agree. */
import { decodeParameters } from "../../core/decode.ts";
import { didYouMean } from "../../core/did-you-mean.ts";
import type { Diagnostic } from "../../core/diagnostic.ts";
import type { Contract } from "../../core/contract.ts";
import { findIncompatibilities } from "../column-model.ts";
import type { Stage } from "../pipeline.ts";
import { cellPlace, type SourceNotebook } from "../notebooks/source-notebook.ts";
import { usesOf } from "../notebooks/syntax.ts";
import {
  declarationOf,
  finding,
  isExploration,
  memberPlace,
  stagePlace,
  type DeclarationKeyword,
  type LintContext,
} from "./context.ts";

const KEYWORDS: DeclarationKeyword[] = ["parameters", "inputs", "outputs"];

/** Wires against contracts: what is read, what is written, and the values that the document gives. */
export function contract(context: LintContext): Diagnostic[] {
  return [
    ...[...context.notebooks.values()].flatMap((source) => [
      ...impureDeclarations(source),
      ...unused(context, source),
      ...unwiredExploration(context, source),
    ]),
    ...context.pipeline.stages.flatMap((stage) => {
      const source = context.notebooks.get(stage.notebook);
      const declared = context.contracts.get(stage.notebook);
      if (!source || !declared) return [];
      return [
        ...wiring(context, stage, source, declared),
        ...parameters(context, stage, source, declared),
        ...compatibility(context, stage, source, declared),
      ];
    }),
  ];
}

/** Seen on the syntax tree, so that linting while typing never runs user code. */
function impureDeclarations(source: SourceNotebook): Diagnostic[] {
  const found = KEYWORDS.flatMap((keyword) => {
    const read = declarationOf(source, keyword);
    if (!read || read.declaration.ok) return [];
    const { message, start, end } = read.declaration;
    return [
      finding("contract/not-a-declaration", cellPlace(source, read.cell, start, end), message),
    ];
  });
  return [...found, ...impureImports(source)];
}

function impureImports(source: SourceNotebook): Diagnostic[] {
  return source.code.flatMap(({ cell, program, errors }) => {
    if (cell.slot !== "imports" || errors.length > 0) return [];
    const other = program.body.find(
      (statement) => statement.type !== "ImportDeclaration" && statement.type !== "EmptyStatement",
    );
    if (!other) return [];
    return [
      finding(
        "contract/not-a-declaration",
        cellPlace(source, cell, other.start, other.end),
        "The imports cell holds import declarations only.",
        {
          hint: "move this to a cell below the outputs; a schema that the inputs or outputs name goes into a module.",
        },
      ),
    ];
  });
}

/** Reading is judged by name: `input.listings` anywhere counts, and an input passed on whole counts for all. */
function unused(context: LintContext, source: SourceNotebook): Diagnostic[] {
  const unparsed = source.code.some(({ errors }) => errors.length > 0);
  if (isExploration(context, source) || unparsed) return [];
  const rest = source.code.filter(
    ({ cell }) => cell.slot !== "scratch" && !KEYWORDS.some((keyword) => keyword === cell.slot),
  );
  const report = (
    keyword: "inputs" | "outputs",
    make: (name: string) => Diagnostic,
  ): Diagnostic[] => {
    const read = declarationOf(source, keyword);
    if (!read?.declaration.ok) return [];
    const use = usesOf(read.declaration.variable, rest);
    return use.whole
      ? []
      : read.declaration.members
          .filter(({ name }) => !use.names.has(name))
          .map(({ name }) => make(name));
  };
  return [
    ...report("inputs", (name) =>
      finding(
        "contract/input-unread",
        memberPlace(source, "inputs", name),
        `The input "${name}" is never read.`,
        {
          severity: "warning",
          hint: "read it, or take it out here and in PIPELINE.md.",
        },
      ),
    ),
    ...report("outputs", (name) =>
      finding(
        "contract/output-unwritten",
        memberPlace(source, "outputs", name),
        `The output "${name}" is never written, so the stage would end without it.`,
        { hint: `write it: \`await output.${name}.write(…)\`, or take it out of the declaration.` },
      ),
    ),
  ];
}

/** A notebook in no chain wires its inputs itself. */
function unwiredExploration(context: LintContext, source: SourceNotebook): Diagnostic[] {
  if (!isExploration(context, source)) return [];
  return Object.entries(context.contracts.get(source.path)?.inputs ?? {})
    .filter(([, port]) => !("from" in port) || port.from === undefined)
    .map(([name]) =>
      finding(
        "contract/input-unwired",
        memberPlace(source, "inputs", name),
        `This notebook is in no chain, so its input "${name}" must say where it comes from.`,
        { hint: 'write `.from("<stage>.<output>")` behind it.' },
      ),
    );
}

function wiring(
  context: LintContext,
  stage: Stage,
  source: SourceNotebook,
  declared: Contract,
): Diagnostic[] {
  const inputs = Object.keys(declared.inputs);
  const unwired = inputs
    .filter((name) => !stage.inputs[name] && !stage.places[`inputs.${name}`])
    .map((name) =>
      finding(
        "contract/input-unwired",
        memberPlace(source, "inputs", name),
        `This stage reads "${name}", but ${context.pipeline.document} does not say where it comes from.`,
        { hint: `add \`${name}: <stage>.<output>\` under \`inputs\` of stage "${stage.name}".` },
      ),
    );
  const unknown = Object.keys(stage.inputs)
    .filter((name) => !declared.inputs[name])
    .map((name) =>
      finding(
        "contract/unknown-input",
        stagePlace(context, stage, `inputs.${name}`),
        `The notebook of stage "${stage.name}" declares no input "${name}".`,
        {
          hint: didYouMean(name, inputs) ?? `declare it in the \`inputs\` cell of ${source.path}.`,
        },
      ),
    );
  return [...unwired, ...unknown];
}

function parameters(
  context: LintContext,
  stage: Stage,
  source: SourceNotebook,
  declared: Contract,
): Diagnostic[] {
  const related = (name: string) => [
    { at: memberPlace(source, "parameters", name), message: "the parameter is declared here" },
  ];
  const { problems } = decodeParameters(declared.parameters, stage.params, { from: "yaml" });
  const found: Diagnostic[] = [];
  for (const problem of problems) {
    const [name = ""] = problem.path.split(/[.[]/);
    const isUnknown = !declared.parameters[name];
    // A value that is missing altogether was refused while reading the document (an unknown `$name`), which is said there.
    if (!isUnknown && stage.places[`params.${name}`] && !(name in stage.params)) continue;
    const place = stagePlace(context, stage, `params.${name}`, "params");
    found.push(
      isUnknown
        ? finding(
            "contract/unknown-parameter",
            place,
            `The notebook of stage "${stage.name}" declares no parameter "${name}".`,
            {
              hint:
                didYouMean(name, Object.keys(declared.parameters)) ??
                `declare it in the \`parameters\` cell of ${source.path}.`,
            },
          )
        : finding(
            "contract/invalid-parameter",
            place,
            `Parameter "${problem.path}" of stage "${stage.name}": ${problem.message}`,
            {
              ...(!stage.places[`params.${name}`] && {
                hint: `add \`${name}: …\` under \`params\` of stage "${stage.name}".`,
              }),
              related: related(name),
            },
          ),
    );
  }
  return found;
}

function compatibility(
  context: LintContext,
  stage: Stage,
  source: SourceNotebook,
  declared: Contract,
): Diagnostic[] {
  return Object.entries(stage.inputs).flatMap(([input, wire]) => {
    if (wire.kind !== "output") return [];
    const producer = context.pipeline.stages.find(({ name }) => name === wire.stage);
    const producing = producer && context.notebooks.get(producer.notebook);
    const written = producer && context.contracts.get(producer.notebook)?.outputs[wire.output];
    const read = declared.inputs[input];
    if (!producing || !written || !read || written.kind === "metric") return [];
    return findIncompatibilities(written, read).map((difference) =>
      finding(
        "contract/incompatible",
        memberPlace(source, "inputs", input),
        `Stage "${stage.name}" cannot read "${wire.output}" of stage "${wire.stage}" as "${input}": ${difference}.`,
        {
          hint: "make both ends use one schema, or convert in the stage between them.",
          related: [
            { at: memberPlace(producing, "outputs", wire.output), message: "written here" },
            { at: stagePlace(context, stage, `inputs.${input}`), message: "wired here" },
          ],
        },
      ),
    );
  });
}
