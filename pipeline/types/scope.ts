/**
 * The names that can be written at a place, from the syntax tree: the compiler's API completes everything but these
 * (it would look for imports to add, which its index does not hold). Works on code that is still being written.
 */
import {
  isClassDeclaration,
  isEnumDeclaration,
  isFunctionDeclaration,
  isIdentifier,
  isImportClause,
  isImportSpecifier,
  isInterfaceDeclaration,
  isModuleDeclaration,
  isNamespaceImport,
  isParameterDeclaration,
  isTypeAliasDeclaration,
  isTypeParameterDeclaration,
  isVariableDeclaration,
  NodeFlags,
  SyntaxKind,
  type Node,
  type SourceFile,
} from "./adapter.ts";

export type NameKind =
  | "constant"
  | "variable"
  | "parameter"
  | "function"
  | "class"
  | "interface"
  | "type"
  | "enum"
  | "module"
  | "import"
  | "keyword";

export interface ScopeName {
  name: string;
  kind: NameKind;
}

/** Kinds that are gone before the code runs, and those that no type can name. */
const TYPE_ONLY = new Set<NameKind>(["interface", "type"]);
const VALUE_ONLY = new Set<NameKind>(["constant", "variable", "parameter", "function"]);

/** Names visible at an offset, innermost first, each once; what a type or what a value may be. */
export function namesInScope(source: SourceFile, offset: number, isType: boolean): ScopeName[] {
  const scopes: ScopeName[][] = [];
  // What is missing ends before the blanks: in `(d) => |` the function is over at its arrow.
  const written = source.text.slice(0, offset).trimEnd().length;
  enter(source, source.text, written, scopes);
  const names = new Map<string, ScopeName>();
  for (const each of scopes.reverse().flat())
    if (!(isType ? VALUE_ONLY : TYPE_ONLY).has(each.kind) && !names.has(each.name))
      names.set(each.name, each);
  return [...names.values()];
}

/** Goes down to the offset; every node on the way may declare names for what stands inside of it. */
function enter(node: Node, text: string, offset: number, scopes: ScopeName[][]): void {
  const declared: ScopeName[] = [];
  let inside: Node | undefined;
  node.forEachChild((child) => {
    collect(child, declared);
    // At a border it is the one being written: `(d) => d.x|)`. A closed block is not written any more.
    const isClosed = offset === child.end && text[offset - 1] === "}";
    if (child.pos < offset && offset <= child.end && !isClosed) inside ??= child;
  });
  scopes.push(declared);
  if (inside) enter(inside, text, offset, scopes);
}

/** The names that a node gives to its surroundings. */
function collect(node: Node, into: ScopeName[]): void {
  const add = (name: Node | undefined, kind: NameKind): void => {
    if (name && isIdentifier(name) && name.text !== "") into.push({ name: name.text, kind });
  };
  if (isVariableDeclaration(node)) {
    const isConstant = (node.parent.flags & (NodeFlags.Const | NodeFlags.Using)) !== 0;
    collectPattern(node.name, isConstant ? "constant" : "variable", into);
  } else if (isParameterDeclaration(node)) collectPattern(node.name, "parameter", into);
  else if (isFunctionDeclaration(node)) add(node.name, "function");
  else if (isClassDeclaration(node)) add(node.name, "class");
  else if (isInterfaceDeclaration(node)) add(node.name, "interface");
  else if (isTypeAliasDeclaration(node) || isTypeParameterDeclaration(node)) add(node.name, "type");
  else if (isEnumDeclaration(node)) add(node.name, "enum");
  else if (isModuleDeclaration(node)) add(node.name, "module");
  else if (isImportClause(node) || isImportSpecifier(node)) add(node.name, "import");
  else if (isNamespaceImport(node)) add(node.name, "module");
  if (HOLDS_NAMES.has(node.kind)) node.forEachChild((child) => collect(child, into));
}

/** What stands around declarations without being a scope of its own. */
const HOLDS_NAMES = new Set<SyntaxKind>([
  SyntaxKind.VariableStatement,
  SyntaxKind.VariableDeclarationList,
  SyntaxKind.ImportDeclaration,
  SyntaxKind.ImportClause,
  SyntaxKind.NamedImports,
]);

function collectPattern(name: Node, kind: NameKind, into: ScopeName[]): void {
  if (isIdentifier(name)) {
    if (name.text !== "") into.push({ name: name.text, kind });
    return;
  }
  name.forEachChild((element) => {
    const { name: inner } = element as { name?: Node }; // a binding element, or a hole in an array pattern
    if (inner) collectPattern(inner, kind, into);
  });
}

/** Whether a type stands, or is about to stand, at an offset: `const x: |`, `as |`, `Table<|`. */
export function isTypePlace(token: Node | undefined, offset: number): boolean {
  if (!token) return false;
  if (token.end < offset || !isIdentifier(token)) {
    const { parent } = token;
    if (token.kind === SyntaxKind.ColonToken)
      return (
        isVariableDeclaration(parent) || isParameterDeclaration(parent) || TYPED.has(parent.kind)
      );
    return token.kind === SyntaxKind.AsKeyword || token.kind === SyntaxKind.SatisfiesKeyword;
  }
  return token.parent.kind === SyntaxKind.TypeReference;
}

const TYPED = new Set<SyntaxKind>([
  SyntaxKind.PropertySignature,
  SyntaxKind.PropertyDeclaration,
  SyntaxKind.MethodSignature,
  SyntaxKind.FunctionDeclaration,
  SyntaxKind.ArrowFunction,
]);
