/** Names: a notebook is one module, in a process that it shares with the modules it imports. */
import type { Diagnostic } from "../../core/diagnostic.ts";
import { GLOBALS } from "../notebooks/globals.ts";
import { cellPlace, type SourceNotebook } from "../notebooks/source-notebook.ts";
import { topLevelNames, type TopLevelName } from "../notebooks/syntax.ts";
import { finding, isExploration, type LintContext } from "./context.ts";

export function names(context: LintContext): Diagnostic[] {
  return [...context.notebooks.values()].flatMap((source) => [
    ...shadowedGlobals(source),
    ...redeclared(source, isExploration(context, source)),
  ]);
}

/**
 * A top-level `const performance = …` in a cell is a variable of the whole process (reference: V8's script scope),
 * so `performance.now()` is gone inside every library too.
 */
function shadowedGlobals(source: SourceNotebook): Diagnostic[] {
  return source.code.flatMap(({ cell, program }) =>
    topLevelNames(program)
      .filter((name) => isRuntime(name) && GLOBALS.has(name.name) && !isNodesOwn(name))
      .map((name) =>
        finding(
          "structure/shadowed-global",
          cellPlace(source, cell, name.start, name.end),
          `The name "${name.name}" is Node's own; declared at the top of a cell it hides Node's from every module that runs here.`,
          { hint: "choose another name, or declare it inside a function or block." },
        ),
      ),
  );
}

function isRuntime(name: TopLevelName): boolean {
  return name.kind === "value" || name.kind === "import";
}

/** `import process from "node:process"` binds the same object. */
function isNodesOwn(name: TopLevelName): boolean {
  return name.module?.startsWith("node:") ?? false;
}

/** An error in a stage, a warning in exploration; while cells are run by hand it is always allowed. */
function redeclared(source: SourceNotebook, exploration: boolean): Diagnostic[] {
  const first = new Map<string, { name: TopLevelName; number: number }>();
  const found: Diagnostic[] = [];
  for (const { cell, program } of source.code) {
    if (cell.slot === "scratch") continue;
    for (const name of topLevelNames(program)) {
      const key = `${name.kind.includes("type") ? "type" : "value"} ${name.name}`;
      const before = first.get(key);
      if (before === undefined) first.set(key, { name, number: cell.number });
      else if (before.number !== cell.number && !isSameImport(before.name, name))
        found.push(
          finding(
            "types/redeclared",
            cellPlace(source, cell, name.start, name.end),
            `"${name.name}" is declared in cell ${before.number} already; a notebook is one module.`,
            {
              severity: exploration ? "warning" : "error",
              hint: "give it a name of its own, or wrap the cell in a block: { … }.",
            },
          ),
        );
    }
  }
  return found;
}

function isSameImport(a: TopLevelName, b: TopLevelName): boolean {
  return a.module !== undefined && a.module === b.module;
}
