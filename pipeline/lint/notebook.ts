/**
 * One notebook judged while it is being written: its types, and every rule that needs nothing else. The same codes
 * and words as a whole lint, in the same order; contracts are left out, because for them declarations would have to
 * be run, and whoever types runs nothing.
 */
import { join } from "node:path";
import { closureOf, type ModuleFactsCache } from "../../core/closure.ts";
import type { Diagnostic } from "../../core/diagnostic.ts";
import { readFromDisk } from "../../core/read-text.ts";
import { readPipeline } from "../document.ts";
import { readSourceNotebook, type SourceNotebook } from "../notebooks/source-notebook.ts";
import type { Pipeline } from "../pipeline.ts";
import { readProjectFile } from "../read-file.ts";
import { readTemplates } from "../templates.ts";
import { withSources } from "./attach-sources.ts";
import type { LintContext, Rule } from "./context.ts";
import { graph } from "./graph.ts";
import { hygiene } from "./hygiene.ts";
import { arrange, codeToRun } from "./judge.ts";
import { names } from "./names.ts";
import { structure } from "./structure.ts";
import { template } from "./template.ts";

export interface JudgedNotebook {
  /** Absolute path of the project. */
  root: string;
  /** Relative to it, with forward slashes. */
  path: string;
  /** As it would be saved. */
  text: string;
  /** Facts of the modules it imports, kept for the next time. */
  moduleFacts: ModuleFactsCache;
  /** Findings of the compiler. */
  typesOf(source: SourceNotebook): Diagnostic[];
}

const RULES: readonly Rule[] = [structure, names, template, graph, hygiene];

export function judgeNotebook({ root, path, text, ...given }: JudgedNotebook): Diagnostic[] {
  const { source, diagnostics } = readSourceNotebook(text, path);
  if (!source) return diagnostics;
  const document = readProjectFile(root, DOCUMENT);
  const documentText = document.ok ? document.text : "";
  const pipeline = readPipeline(documentText, DOCUMENT).pipeline ?? NO_PIPELINE;
  const { templates } = readTemplates(root);
  const code = { path: join(root, path), source: codeToRun(source) };
  const closure = closureOf([code], { root, cache: given.moduleFacts });
  const context: LintContext = {
    root,
    pipeline,
    read: readFromDisk,
    documentText,
    notebooks: new Map([[path, source]]),
    contracts: new Map(),
    templates,
    closures: new Map([[path, closure]]),
    reads: new Map(),
    tests: new Map(),
  };
  const found = [...diagnostics, ...given.typesOf(source)];
  for (const rule of RULES) found.push(...rule(context));
  const own = found.filter(({ at }) => at.file === path);
  return arrange(withSources(context, own), context, [], undefined);
}

const DOCUMENT = "PIPELINE.md";

/** A notebook in no project, or beside a document that cannot be read. */
const NO_PIPELINE: Pipeline = {
  name: "",
  document: DOCUMENT,
  seed: 0,
  params: {},
  profiles: [],
  stages: [],
};
