/** What lint asks of a cell's syntax tree: names, declarations, calls, reads. */
import type { Node, Program } from "oxc-parser";
import type { ParsedCell } from "./source-notebook.ts";

/** Visits every node, parents first; `ancestors` from the outermost, without the node itself. */
export function walk(root: Node, visit: (node: Node, ancestors: readonly Node[]) => void): void {
  const ancestors: Node[] = [];
  const step = (node: Node): void => {
    visit(node, ancestors);
    ancestors.push(node);
    for (const value of Object.values(node)) {
      if (Array.isArray(value)) {
        for (const item of value) if (isNode(item)) step(item);
      } else if (isNode(value)) step(value);
    }
    ancestors.pop();
  };
  step(root);
}

function isNode(value: unknown): value is Node {
  return typeof value === "object" && value !== null && "type" in value && "start" in value;
}

export interface TopLevelName {
  name: string;
  start: number;
  end: number;
  /** `interface`s and `type`s are gone before the code runs; two interfaces of one name merge. */
  kind: "value" | "type" | "import" | "type-import";
  /** An import's module. */
  module?: string;
}

/** Names that a cell brings into the notebook's module, in order. */
export function topLevelNames(program: Program): TopLevelName[] {
  const names: TopLevelName[] = [];
  for (const statement of program.body) {
    const declared =
      statement.type === "ExportNamedDeclaration" && statement.declaration
        ? statement.declaration
        : statement;
    switch (declared.type) {
      case "VariableDeclaration":
        for (const declarator of declared.declarations) patternNames(declarator.id, names);
        break;
      case "FunctionDeclaration":
      case "ClassDeclaration":
      case "TSEnumDeclaration":
        if (declared.id) add(names, declared.id, "value");
        break;
      case "TSDeclareFunction":
        break; // an overload's signature; its implementation follows
      case "TSInterfaceDeclaration":
      case "TSTypeAliasDeclaration":
        add(names, declared.id, "type");
        break;
      case "ImportDeclaration":
        for (const specifier of declared.specifiers) {
          const typeOnly =
            declared.importKind === "type" ||
            (specifier.type === "ImportSpecifier" && specifier.importKind === "type");
          add(names, specifier.local, typeOnly ? "type-import" : "import", declared.source.value);
        }
        break;
      default:
    }
  }
  return names;
}

function add(names: TopLevelName[], id: Node, kind: TopLevelName["kind"], module?: string): void {
  if (id.type !== "Identifier") return;
  names.push({ name: id.name, start: id.start, end: id.end, kind, ...(module && { module }) });
}

function patternNames(pattern: Node, names: TopLevelName[]): void {
  switch (pattern.type) {
    case "Identifier":
      return add(names, pattern, "value");
    case "ObjectPattern":
      for (const property of pattern.properties)
        patternNames(property.type === "RestElement" ? property.argument : property.value, names);
      return;
    case "ArrayPattern":
      for (const element of pattern.elements) if (element) patternNames(element, names);
      return;
    case "RestElement":
      return patternNames(pattern.argument, names);
    case "AssignmentPattern":
      return patternNames(pattern.left, names);
    default:
  }
}

/** One member of a declaration: a parameter, input or output with its place in the cell. */
export interface DeclaredMember {
  name: string;
  start: number;
  end: number;
}

export type DeclarationRead =
  | { ok: true; variable: string; members: DeclaredMember[] }
  | { ok: false; message: string; start: number; end: number };

/** Whether a cell holds nothing but `const x = keyword({…})`, and if so what it declares. */
export function readDeclaration(parsed: ParsedCell, keyword: string): DeclarationRead {
  const wanted = `const ${exampleNames[keyword] ?? "x"} = ${keyword}({ … })`;
  const statements = parsed.program.body.filter((statement) => statement.type !== "EmptyStatement");
  const [first, second] = statements;
  const fault = (node: Node | undefined, message: string): DeclarationRead => ({
    ok: false,
    message,
    start: node?.start ?? 0,
    end: node?.end ?? parsed.cell.source.length,
  });
  if (!first) return fault(undefined, `This cell is empty; it must hold \`${wanted}\`.`);
  if (second)
    return fault(
      second,
      `This cell must hold nothing but \`${wanted}\`; this statement is one too many.`,
    );
  const declarator = first.type === "VariableDeclaration" ? first.declarations[0] : undefined;
  if (
    first.type !== "VariableDeclaration" ||
    first.kind !== "const" ||
    first.declarations.length !== 1
  )
    return fault(first, `This cell must hold one declaration, \`${wanted}\`, and nothing else.`);
  const call = declarator?.init;
  if (
    declarator?.id.type !== "Identifier" ||
    call?.type !== "CallExpression" ||
    call.callee.type !== "Identifier" ||
    call.callee.name !== keyword
  )
    return fault(first, `This declaration must be a call of \`${keyword}\`: \`${wanted}\`.`);
  const [argument, extra] = call.arguments;
  if (extra || argument?.type !== "ObjectExpression")
    return fault(
      argument ?? call,
      `\`${keyword}\` takes one object written here, so that it can be read without running it.`,
    );
  const members: DeclaredMember[] = [];
  for (const property of argument.properties) {
    if (property.type !== "Property" || property.computed)
      return fault(property, "Names must be written out here: no spread and no computed names.");
    const key = property.key;
    const name =
      key.type === "Identifier" ? key.name : key.type === "Literal" ? String(key.value) : undefined;
    if (name !== undefined) members.push({ name, start: key.start, end: key.end });
  }
  return { ok: true, variable: declarator.id.name, members };
}

const exampleNames: Record<string, string> = {
  parameters: "params",
  inputs: "input",
  outputs: "output",
};

/** The members of a variable that some cells reach: `input.listings`, `const { listings } = input`. */
export interface MemberUse {
  names: Set<string>;
  /** The variable is used whole (passed on, spread, indexed by a value): any member may be meant. */
  whole: boolean;
}

export function usesOf(variable: string, cells: readonly ParsedCell[]): MemberUse {
  const use: MemberUse = { names: new Set(), whole: false };
  for (const { program } of cells)
    walk(program, (node, ancestors) => {
      if (node.type !== "Identifier" || node.name !== variable) return;
      const parent = ancestors.at(-1);
      if (parent === undefined || isNameOnly(node, parent)) return;
      if (parent.type === "MemberExpression" && parent.object === node) {
        const member = memberName(parent);
        if (member === undefined) use.whole = true;
        else use.names.add(member);
      } else if (parent.type === "VariableDeclarator" && parent.init === node) {
        const taken = patternKeys(parent.id);
        if (taken) for (const name of taken) use.names.add(name);
        else use.whole = true;
      } else use.whole = true;
    });
  return use;
}

/** A property called like the variable, a declaration of it, a type's key: not a use of it. */
function isNameOnly(node: Node, parent: Node): boolean {
  if (parent.type === "MemberExpression") return parent.property === node && !parent.computed;
  if (parent.type === "Property")
    return parent.key === node && !parent.computed && !parent.shorthand;
  if (parent.type === "VariableDeclarator") return parent.id === node;
  return parent.type === "TSTypeQuery" || parent.type === "TSPropertySignature";
}

/** `x.name` and `x["name"]`; undefined where only running tells. */
export function memberName(node: Extract<Node, { type: "MemberExpression" }>): string | undefined {
  if (!node.computed) return node.property.type === "Identifier" ? node.property.name : undefined;
  return node.property.type === "Literal" && typeof node.property.value === "string"
    ? node.property.value
    : undefined;
}

function patternKeys(pattern: Node): string[] | undefined {
  if (pattern.type !== "ObjectPattern") return undefined;
  const names: string[] = [];
  for (const property of pattern.properties) {
    if (property.type === "RestElement" || property.computed) return undefined;
    if (property.key.type !== "Identifier") return undefined;
    names.push(property.key.name);
  }
  return names;
}
