/** What every rule of lint sees: values already read. Rules are pure: context in, diagnostics out. */
import type { Code } from "../../core/codes.ts";
import type { Contract } from "../../core/contract.ts";
import type { Diagnostic, Fix, Place, SingleFix, Severity } from "../../core/diagnostic.ts";
import type { Cell } from "../../core/notebook/index.ts";
import type { Closure } from "../../core/closure.ts";
import type { ReadText } from "../../core/read-text.ts";
import type { UndeclaredRead } from "../../lineage/record.ts";
import type { Pipeline, Stage } from "../pipeline.ts";
import { cellPlace, type SourceNotebook } from "../notebooks/source-notebook.ts";
import { readDeclaration, type DeclarationRead } from "../notebooks/syntax.ts";
import { templateNameOf, type Template } from "../templates.ts";

export interface LintContext {
  /** Absolute path of the project. */
  root: string;
  pipeline: Pipeline;
  /** How the project's files are read: saved or not. */
  read: ReadText;
  /** Text of the document, for its diagram. */
  documentText: string;
  /** By path: the stages' notebooks and every other notebook of the project that names a template. */
  notebooks: ReadonlyMap<string, SourceNotebook>;
  /** By notebook path; null where the declarations cannot be evaluated. */
  contracts: ReadonlyMap<string, Contract | null>;
  templates: ReadonlyMap<string, Template>;
  /** Import closure of all cells, by notebook path. */
  closures: ReadonlyMap<string, Closure>;
  /** By stage: what its newest execution read past its inputs. */
  reads: ReadonlyMap<string, readonly UndeclaredRead[]>;
  /** Texts of the project's test files, by path. */
  tests: ReadonlyMap<string, string>;
}

export type Rule = (context: LintContext) => Diagnostic[];

/** Stages that use a notebook, in the document's order; none for exploration. */
export function stagesOf(context: LintContext, path: string): Stage[] {
  return context.pipeline.stages.filter((stage) => stage.notebook === path);
}

export function templateOf(context: LintContext, source: SourceNotebook): Template | undefined {
  return context.templates.get(templateNameOf(source.notebook) ?? "");
}

/** Explorations are in no chain and may do what a stage may not. A stage's notebook that this document does not use is none. */
export function isExploration(context: LintContext, source: SourceNotebook): boolean {
  const explores = templateNameOf(source.notebook) === "explore";
  return explores && stagesOf(context, source.path).length === 0;
}

export interface FindingOptions {
  severity?: Severity;
  hint?: string | undefined;
  fix?: Fix;
  related?: Diagnostic["related"];
}

export function finding(
  code: Code,
  at: Place,
  message: string,
  options: FindingOptions = {},
): Diagnostic {
  return {
    code,
    severity: options.severity ?? "error",
    message,
    ...(options.hint !== undefined && { hint: options.hint }),
    at,
    ...(options.related && { related: options.related }),
    ...(options.fix && { fix: options.fix }),
  };
}

export function notebookFix(
  file: string,
  operation: string,
  values?: Extract<Fix, { kind: "notebook" }>["arguments"],
): SingleFix {
  return { kind: "notebook", file, operation, ...(values && { arguments: values }) };
}

export type DeclarationKeyword = "parameters" | "inputs" | "outputs";

/** The declaration cell of a kind and what its syntax tree says; undefined when there is no such cell, or several. */
export function declarationOf(
  source: SourceNotebook,
  keyword: DeclarationKeyword,
): { cell: Cell; declaration: DeclarationRead } | undefined {
  const found = source.code.filter((parsed) => parsed.cell.slot === keyword);
  const [parsed] = found;
  if (found.length !== 1 || !parsed || parsed.errors.length > 0) return undefined;
  return { cell: parsed.cell, declaration: readDeclaration(parsed, keyword) };
}

/** Where a declared member stands; its cell, or the notebook, when the syntax tree does not show it. */
export function memberPlace(
  source: SourceNotebook,
  keyword: DeclarationKeyword,
  name: string,
): Place {
  const found = declarationOf(source, keyword);
  if (!found) return { file: source.path };
  const member =
    found.declaration.ok && found.declaration.members.find((declared) => declared.name === name);
  return member
    ? cellPlace(source, found.cell, member.start, member.end)
    : cellPlace(source, found.cell);
}

/** Where a stage's block says something; the notebook key, then the block, when it says nothing of it. */
export function stagePlace(context: LintContext, stage: Stage, ...keys: string[]): Place {
  for (const key of [...keys, "name"]) {
    const place = stage.places[key];
    if (place) return place;
  }
  return { file: context.pipeline.document };
}
