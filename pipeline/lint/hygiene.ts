/** Hygiene: what lets two runs on the same inputs differ, or hides a stage from keys, types and tests. */
import type { Node } from "oxc-parser";
import type { Diagnostic, Place } from "../../core/diagnostic.ts";
import { codeWithoutComments } from "../../core/module-facts.ts";
import { renderPlace } from "../../core/render-diagnostic.ts";
import { cellPlace, type ParsedCell, type SourceNotebook } from "../notebooks/source-notebook.ts";
import { memberName, topLevelNames, walk } from "../notebooks/syntax.ts";
import type { Stage } from "../pipeline.ts";
import { finding, isExploration, stagePlace, type LintContext } from "./context.ts";

/** What would make a repeated run differ, or hides code from keys, types and tests. */
export function hygiene(context: LintContext): Diagnostic[] {
  return [
    ...[...context.notebooks.values()].flatMap((source) => [
      ...(isExploration(context, source) ? [] : unrepeatable(source)),
      ...computedImports(context, source),
      ...anyTables(context, source),
    ]),
    ...equalCells(context),
    ...untested(context),
  ];
}

/** Shorter cells are alike by chance: `await output.listings.write(kept)`. */
const COPIED_LINES = 5;

/** A copy is told where it stands later; where the first is, is said with it. */
function equalCells(context: LintContext): Diagnostic[] {
  const first = new Map<string, Place>();
  const found: Diagnostic[] = [];
  for (const source of context.notebooks.values()) {
    for (const { cell } of source.code) {
      if (cell.slot !== null && cell.slot !== "checks") continue;
      if (cell.source.split("\n").length < COPIED_LINES) continue;
      const code = codeWithoutComments(cell.source, "cell.ts");
      if (code.split("\n").filter((line) => line.trim() !== "").length < COPIED_LINES) continue;
      const at = cellPlace(source, cell);
      const other = first.get(code);
      if (other === undefined) first.set(code, at);
      else if (other.file !== at.file)
        found.push(
          finding("hygiene/equal-cells", at, `The same code stands in ${renderPlace(other)}.`, {
            severity: "information",
            hint: "move it into a module that both import: what is mended in one place is then mended in both.",
          }),
        );
    }
  }
  return found;
}

type Unrepeatable = { code: "hygiene/clock" | "hygiene/randomness"; message: string; hint: string };

const CLOCK_HINT =
  "take the date as a parameter, or from the data, so that a repeated run gives the same.";
const RANDOM_HINT = "use Math.random(), which the stage's seed decides, or a digest of the data.";

const CLOCK_CALLS = [
  "Date.now",
  "performance.now",
  "process.hrtime",
  "process.uptime",
  "Temporal.Now",
];
const RANDOM_CALLS = new Set([
  "randomUUID",
  "randomBytes",
  "randomInt",
  "getRandomValues",
  "randomFillSync",
]);

/** Math.random is not among them: the runner seeds it. */
function unrepeatable(source: SourceNotebook): Diagnostic[] {
  const found: Diagnostic[] = [];
  for (const { cell, program } of source.code) {
    if (cell.slot === "scratch") continue;
    walk(program, (node) => {
      const fault = judge(node);
      if (fault)
        found.push(
          finding(fault.code, cellPlace(source, cell, node.start, node.end), fault.message, {
            severity: "warning",
            hint: fault.hint,
          }),
        );
    });
  }
  return found;
}

function judge(node: Node): Unrepeatable | undefined {
  if (node.type === "NewExpression")
    return node.callee.type === "Identifier" &&
      node.callee.name === "Date" &&
      node.arguments.length === 0
      ? { code: "hygiene/clock", message: "`new Date()` reads the clock.", hint: CLOCK_HINT }
      : undefined;
  if (node.type === "TaggedTemplateExpression") return judgeQuery(node);
  if (node.type !== "CallExpression") return undefined;
  const callee = calleeName(node.callee);
  if (callee === undefined) return undefined;
  if (
    callee === "Date" ||
    CLOCK_CALLS.some((call) => callee === call || callee.startsWith(`${call}.`))
  )
    return { code: "hygiene/clock", message: `\`${callee}()\` reads the clock.`, hint: CLOCK_HINT };
  if (RANDOM_CALLS.has(callee.split(".").at(-1) ?? ""))
    return {
      code: "hygiene/randomness",
      message: `\`${callee}()\` draws values that no seed decides.`,
      hint: RANDOM_HINT,
    };
  return undefined;
}

/** DuckDB's functions of the present; what a query draws at random follows the stage's seed. */
const SQL_CLOCK =
  /\b(current_timestamp|current_date|current_time|localtimestamp|localtime|now\(\)|today\(\)|get_current_time\w*\(\)|transaction_timestamp\(\))/i;

function judgeQuery(
  node: Extract<Node, { type: "TaggedTemplateExpression" }>,
): Unrepeatable | undefined {
  if (node.tag.type !== "Identifier" || node.tag.name !== "sql") return undefined;
  const text = node.quasi.quasis.map(({ value }) => value.raw).join(" ");
  // What is quoted is data, or a column that happens to be called so.
  const found = SQL_CLOCK.exec(text.replaceAll(/'[^']*'|"[^"]*"|--.*$/gm, ""))?.[0];
  return found === undefined
    ? undefined
    : { code: "hygiene/clock", message: `\`${found}\` reads the clock.`, hint: CLOCK_HINT };
}

/** "Date.now", "crypto.randomUUID", "randomUUID". */
function calleeName(node: Node): string | undefined {
  if (node.type === "Identifier") return node.name;
  if (node.type !== "MemberExpression") return undefined;
  const object = calleeName(node.object);
  const member = memberName(node);
  return object === undefined || member === undefined ? undefined : `${object}.${member}`;
}

function computedImports(context: LintContext, source: SourceNotebook): Diagnostic[] {
  const hint =
    "import it by a path written out, or choose among modules that are imported by name.";
  const message = "This import's path is computed, so no key can know the module's code.";
  const inCells = source.code.flatMap(({ cell, program }) => {
    if (cell.slot === "scratch") return [];
    const found: Diagnostic[] = [];
    walk(program, (node) => {
      if (node.type !== "ImportExpression" || isFixed(node.source)) return;
      found.push(
        finding("hygiene/computed-import", cellPlace(source, cell, node.start, node.end), message, {
          severity: "warning",
          hint,
        }),
      );
    });
    return found;
  });
  const inModules = (context.closures.get(source.path)?.computed ?? [])
    .filter(({ importer }) => importer !== source.path)
    .map(({ importer, line, column }) =>
      finding("hygiene/computed-import", { file: importer, line, column }, message, {
        severity: "warning",
        hint,
      }),
    );
  return [...inCells, ...inModules];
}

function isFixed(node: Node): boolean {
  return (
    (node.type === "Literal" && typeof node.value === "string") ||
    (node.type === "TemplateLiteral" && node.expressions.length === 0)
  );
}

/** A declared table without columns, and a body that throws a table's types away with `as any`. */
function anyTables(context: LintContext, source: SourceNotebook): Diagnostic[] {
  const declared = context.contracts.get(source.path);
  const parsed = (slot: string): ParsedCell | undefined =>
    source.code.find(({ cell }) => cell.slot === slot);
  const found: Diagnostic[] = [];
  for (const keyword of ["inputs", "outputs"] as const)
    for (const [name, port] of Object.entries(declared?.[keyword] ?? {})) {
      const cell = parsed(keyword);
      if (port.kind !== "table" || Object.keys(port.columns).length > 0 || !cell) continue;
      const at = Math.max(0, cell.cell.source.indexOf(name));
      found.push(
        finding(
          "hygiene/any-table",
          cellPlace(source, cell.cell, at, at + name.length),
          `The table "${name}" has no columns, so its rows have no type.`,
          { severity: "warning", hint: "give `a.table` a schema with the columns you use." },
        ),
      );
    }
  for (const { cell, program } of source.code) {
    if (cell.slot === "scratch") continue;
    const tables = new Set(
      topLevelNames(program)
        .filter((name) => name.module === "arquero")
        .map((name) => name.name),
    );
    walk(program, (node) => {
      const isAnyRow =
        node.type === "TSTypeReference" &&
        node.typeName.type === "Identifier" &&
        (node.typeName.name === "Table" || tables.has(node.typeName.name)) &&
        (node.typeArguments?.params ?? []).some((parameter) => parameter.type === "TSAnyKeyword");
      if (isAnyRow)
        found.push(
          finding(
            "hygiene/any-table",
            cellPlace(source, cell, node.start, node.end),
            "This table's rows are `any`, so a wrong column name would compile.",
            { severity: "warning", hint: "leave the type out: it follows from the verbs." },
          ),
        );
    });
  }
  return found;
}

/** Judged by name: a test file that speaks of the notebook's path, or of `runStage("process"` for a stage that uses it. */
function untested(context: LintContext): Diagnostic[] {
  const texts = [...context.tests.values()];
  const isTested = ({ name, notebook }: Stage): boolean =>
    texts.some(
      (text) =>
        text.includes(notebook) || new RegExp(`runStage\\(\\s*["'\`]${name}["'\`]`).test(text),
    );
  const tested = new Set(context.pipeline.stages.filter(isTested).map((stage) => stage.notebook));
  return context.pipeline.stages
    .filter((stage) => !tested.has(stage.notebook))
    .map((stage) =>
      finding(
        "hygiene/no-test",
        stagePlace(context, stage, "name"),
        `No test runs stage "${stage.name}".`,
        {
          severity: "information",
          hint: `\`await runStage("${stage.name}", { inputs, params })\` from "steplab/testing" makes it a unit under test.`,
        },
      ),
    );
}
