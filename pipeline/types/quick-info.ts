/** What a name is: its declaration in a line or few, and what was written about it. */
import {
  isCallExpression,
  isVariableDeclaration,
  NodeBuilderFlags,
  NodeFlags,
  SignatureKind,
  SymbolFlags,
  SyntaxKind,
  getTokenAtPosition,
  type Compiler,
  type CompilerSymbol,
  type Node,
  type Project,
  type Signature,
  type SourceFile,
} from "./adapter.ts";
import { shortTypes } from "./words.ts";

export interface QuickInfo {
  /** The name's place, by offsets in UTF-16 units. */
  from: number;
  to: number;
  /** TypeScript: `const raw: Table<{ … }>`, `(property) price: number`. */
  signature: string;
  /** Markdown, of the name's JSDoc or, for a column, its schema's `describe`. Empty where nothing was written. */
  documentation: string;
  tags: DocTag[];
}

export interface DocTag {
  /** Without the @: "param", "example". */
  name: string;
  text: string;
}

/** What stands at an offset of a virtual file; null where that is no name. */
export function quickInfoAt(compiler: Compiler, file: string, offset: number): QuickInfo | null {
  return compiler.ask((project) => {
    const source = project.program.getSourceFile(file);
    if (!source) return null;
    const token = nameAt(source, offset);
    if (!token) return null;
    const found = project.checker.getSymbolAtPosition(file, token.from);
    if (!found || project.checker.isUnknownSymbol(found)) return null;
    const symbol = originalOf(project, found);
    return { ...token, ...describe(project, symbol, found, token.node) };
  });
}

/** The name at an offset, or the one that ends there: people stop typing at ends. */
function nameAt(
  source: SourceFile,
  offset: number,
): { from: number; to: number; node: Node } | null {
  for (const at of [offset, offset - 1]) {
    const node = at < 0 ? undefined : getTokenAtPosition(source, at);
    const from = node?.getStart() ?? 0;
    if (node && NAMES.has(node.kind) && from <= at && from < node.end && offset <= node.end)
      return { from, to: node.end, node };
  }
  return null;
}

const NAMES = new Set<SyntaxKind>([
  SyntaxKind.Identifier,
  SyntaxKind.PrivateIdentifier,
  SyntaxKind.StringLiteral,
  SyntaxKind.ThisKeyword,
  SyntaxKind.SuperKeyword,
]);

/** An import's name is what it was declared as. */
function originalOf({ checker }: Project, symbol: CompilerSymbol): CompilerSymbol {
  if ((symbol.flags & SymbolFlags.Alias) === 0) return symbol;
  const original = checker.getAliasedSymbol(symbol);
  return checker.isUnknownSymbol(original) ? symbol : original;
}

function describe(
  project: Project,
  symbol: CompilerSymbol,
  found: CompilerSymbol,
  node: Node,
): Omit<QuickInfo, "from" | "to"> {
  const { checker } = project;
  const documentation = checker.getDocumentationCommentOfSymbol(symbol);
  return {
    signature: declarationOf(project, symbol, found.name, node),
    documentation: documentation === "" ? (describedBySchema(symbol) ?? "") : documentation,
    tags: checker
      .getJsDocTagsOfSymbol(symbol)
      .map(({ name, text }) => ({ name, text: text ?? "" })),
  };
}

function declarationOf(project: Project, symbol: CompilerSymbol, name: string, node: Node): string {
  const { checker } = project;
  const has = (flags: SymbolFlags): boolean => (symbol.flags & flags) !== 0;
  const typeText = (): string => {
    const type = checker.getTypeOfSymbolAtLocation(symbol, node);
    return wholeType(project, type);
  };
  if (has(SymbolFlags.Function)) return overloads(project, symbol, node, `function ${name}`);
  if (has(SymbolFlags.Method)) return overloads(project, symbol, node, `(method) ${name}`);
  if (has(SymbolFlags.EnumMember)) return `(enum member) ${typeText()}`;
  if (has(SymbolFlags.Accessor)) return `(accessor) ${name}: ${typeText()}`;
  if (has(SymbolFlags.Property)) return `(property) ${name}: ${typeText()}`;
  if (has(SymbolFlags.Variable)) return `${wordFor(symbol)}${name}: ${typeText()}`;
  if (has(SymbolFlags.Class)) return `class ${name}`;
  if (has(SymbolFlags.Enum)) return `enum ${name}`;
  if (has(SymbolFlags.Module)) return `module ${moduleName(name)}`;
  if (has(SymbolFlags.Interface)) return `interface ${name}`;
  if (has(SymbolFlags.TypeAlias))
    return `type ${name} = ${wholeType(project, checker.getDeclaredTypeOfSymbol(symbol), NodeBuilderFlags.InTypeAlias)}`;
  if (has(SymbolFlags.TypeParameter)) return `(type parameter) ${name}`;
  return `${name}: ${typeText()}`;
}

/** Paths of modules are nobody's reading. */
function moduleName(name: string): string {
  return name.replace(/^"?.*\/node_modules\//, '"').replace(/^"\/.*\//, '"./');
}

/** "const ", "let ", "(parameter) ". */
function wordFor(symbol: CompilerSymbol): string {
  const [declaration] = symbol.declarations;
  if (declaration?.kind === SyntaxKind.Parameter) return "(parameter) ";
  if ((symbol.flags & SymbolFlags.BlockScopedVariable) === 0)
    return declaration?.kind === SyntaxKind.BindingElement ? "(parameter) " : "var ";
  // Only for what the notebook or the project declares: a package's large file would be fetched for a word.
  if (declaration?.path.includes("/node_modules/") !== false) return "const ";
  let node = declaration.resolve();
  while (node && !isVariableDeclaration(node)) node = node.parent;
  return node && (node.parent.flags & (NodeFlags.Const | NodeFlags.Using)) === 0
    ? "let "
    : "const ";
}

const MOST_CHARS = 4000;

/** A type with all its members, a long one on several lines. */
function wholeType(
  project: Project,
  type: Parameters<Project["checker"]["typeToString"]>[0],
  flags = 0,
): string {
  const short = project.checker.typeToString(type, undefined, flags);
  if (short.length <= ONE_LINE && !short.includes("...")) return short;
  const node = project.checker.typeToTypeNode(
    type,
    undefined,
    flags | NodeBuilderFlags.NoTruncation,
  );
  const whole = node ? project.emitter.printNode(node) : short;
  return whole.length > MOST_CHARS ? short : whole;
}

const ONE_LINE = 80;

/** Calls of it, at most a few, as they stand. */
function overloads(project: Project, symbol: CompilerSymbol, node: Node, before: string): string {
  const { checker } = project;
  const type = checker.getTypeOfSymbolAtLocation(symbol, node);
  const all = checker.getSignaturesOfType(type, SignatureKind.Call);
  const called = calledSignature(project, node);
  const shown = called ? [called] : all.slice(0, MOST_OVERLOADS);
  const more = all.length - shown.length;
  if (shown.length === 0) return before;
  const lines = shown.map((signature) => before + signatureText(project, signature));
  return [...lines, ...(more > 0 ? [`// and ${more} more`] : [])].join("\n");
}

const MOST_OVERLOADS = 5;

/** Where the name is called, its type parameters are known. */
function calledSignature({ checker }: Project, node: Node): Signature | undefined {
  let callee: Node = node;
  if (callee.parent.kind === SyntaxKind.PropertyAccessExpression) callee = callee.parent;
  const call = callee.parent;
  if (!isCallExpression(call) || call.expression !== callee) return undefined;
  return checker.getResolvedSignature(call);
}

/** `(test: RowFunction<{ id, name, … }>): Table<{ id, name, … }>`: one line, long object types cut. */
export function signatureText(project: Project, signature: Signature): string {
  const node = project.checker.signatureToSignatureDeclaration(
    signature,
    SyntaxKind.CallSignature,
    undefined,
    NodeBuilderFlags.NoTruncation,
  );
  if (!node) return "()";
  const text = project.emitter
    .printNode(node)
    .replace(/;\s*$/, "")
    .replace(/\s*\n\s*/g, " ");
  return shortTypes(text);
}

/** What a column's schema says of it: `price: z.number().describe("USD a night")`. */
function describedBySchema(symbol: CompilerSymbol): string | undefined {
  for (const handle of symbol.declarations) {
    if (handle.kind !== SyntaxKind.PropertyAssignment || handle.path.includes("/node_modules/"))
      continue;
    const text = handle.resolve()?.getText() ?? "";
    const said =
      /\.describe\(\s*(?:"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'|`([^`$\\]*)`)\s*,?\s*\)/.exec(
        text,
      );
    const words = said && (said[1] ?? said[2] ?? said[3]);
    if (words) return words.replace(/\\(.)/g, "$1");
  }
  return undefined;
}
