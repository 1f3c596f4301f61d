/** What a notebook declares, as code that another notebook can declare too: `days: a.table(Day)`, and what it imports. */
import type { Node } from "oxc-parser";
import { walk } from "../notebooks/syntax.ts";
import { parseNotebook, type SourceNotebook } from "../notebooks/source-notebook.ts";
import type { Template } from "../templates.ts";
import { ImportList } from "./imports.ts";

/** One input or output by its declaration. */
export interface DeclaredPort {
  name: string;
  /** `a.<kind>`; null for anything else. */
  kind: string | null;
  /** `a.table(Day)`, without a `.from(…)`. */
  code: string;
  /** What `.from("stage.output")` said. */
  from: string | null;
  /** Names that the code uses and the notebook imports. */
  uses: string[];
}

export interface Declarations {
  parameters: string | null;
  inputs: DeclaredPort[];
  outputs: DeclaredPort[];
  /** All that the notebook imports. */
  imports: ImportList;
}

/** Reads the declaration cells of a notebook by their tree: nothing is run, and what does not parse is left out. */
export function readDeclarations(source: SourceNotebook): Declarations {
  const imports = new ImportList();
  for (const { program, cell } of source.code) imports.addAll(program, cell.source);
  const inSlot = (slot: string) => source.code.filter(({ cell }) => cell.slot === slot);
  const ports = (slot: string): DeclaredPort[] =>
    inSlot(slot).flatMap(({ cell, program }) => portsOf(program.body, slot, cell.source, imports));
  return {
    parameters: inSlot("parameters")[0]?.cell.source ?? null,
    inputs: ports("inputs"),
    outputs: ports("outputs"),
    imports,
  };
}

export function declarationsOf({ name, notebook }: Template): Declarations {
  return readDeclarations(parseNotebook(notebook, `templates/${name}.ipynb`));
}

function portsOf(
  body: readonly Node[],
  keyword: string,
  source: string,
  imports: ImportList,
): DeclaredPort[] {
  return body.flatMap((statement) => {
    if (statement.type !== "VariableDeclaration") return [];
    const call = statement.declarations[0]?.init;
    if (call?.type !== "CallExpression" || call.callee.type !== "Identifier") return [];
    const [members] = call.arguments;
    if (call.callee.name !== keyword || members?.type !== "ObjectExpression") return [];
    return members.properties.flatMap((property) =>
      property.type === "Property" && property.key.type === "Identifier" && !property.computed
        ? [portOf(property.key.name, property.value, source, imports)]
        : [],
    );
  });
}

function portOf(name: string, value: Node, source: string, imports: ImportList): DeclaredPort {
  const { node, from } = withoutFrom(value);
  const uses = new Set<string>();
  walk(node, (each) => {
    if (each.type === "Identifier" && imports.has(each.name)) uses.add(each.name);
  });
  return {
    name,
    kind: kindOf(node),
    code: source.slice(node.start, node.end),
    from,
    uses: [...uses],
  };
}

/** `a.table(Day).from("collect.days")` is `a.table(Day)`, wired. */
function withoutFrom(value: Node): { node: Node; from: string | null } {
  if (value.type !== "CallExpression" || value.callee.type !== "MemberExpression")
    return { node: value, from: null };
  const { object, property } = value.callee;
  const [wire] = value.arguments;
  const isFrom = property.type === "Identifier" && property.name === "from";
  return isFrom && wire?.type === "Literal" && typeof wire.value === "string"
    ? { node: object, from: wire.value }
    : { node: value, from: null };
}

function kindOf(node: Node): string | null {
  if (node.type !== "CallExpression" || node.callee.type !== "MemberExpression") return null;
  const { property } = node.callee;
  return property.type === "Identifier" ? property.name : null;
}
