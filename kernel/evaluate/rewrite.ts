/**
 * A cell of TypeScript to a script that declares the cell's names and an async function that runs it.
 *
 * The inspector's REPL mode gives one thing that nothing else in Node does: a script's `let` that a
 * later script may declare again, seen by every closure. It is not enough to run cells in:
 * declarations may not change their kind, code is sloppy, `using` is never disposed, `import()` and
 * `import.meta` fail (reference: kernels.md section 11), and when an interrupt tears a cell off, V8
 * reports its lost promise from inside the garbage collector and the process aborts. So the script
 * only declares, and the kernel itself calls the function:
 *
 *     let x, f; $steplab.define(async () => { "use strict"; … })
 *
 *     import { z } from "steplab"   →  ({ "z": z } = await $steplab.import("steplab", {…}))   first of all
 *     function f() {…}              →  f = function () {…}                next: hoisted
 *     const x = 1; class C {…}      →  (x = 1); C = class C {…}           an assignment to x later is lint's to find
 *     var y = 2                     →  (y = 2)                            also inside blocks and loops
 *     using r = open()              →  (r = $steplab.use(open()))         disposed when the cell ends
 *     await p                       →  $steplab.went(await $steplab.wait(…, p))   so that an interrupt ends it
 *     the last expression           →  $steplab.result((…))
 *
 * A name keeps its value until its declaration runs again: after a cell that failed or was
 * interrupted half-way, the values of before are still there.
 */
import { parseSync, visitorKeys } from "oxc-parser";
import type {
  Class,
  Function as FunctionNode,
  Program,
  Span,
  VariableDeclaration,
} from "oxc-parser";
import { HELPERS } from "./helper-name.ts";
import type { Edit } from "./pieces.ts";
import { Pieces } from "./pieces.ts";
import { importStatement } from "./rewrite-import.ts";
import type { Transformed } from "./transform.ts";
import { transformCell } from "./transform.ts";

export interface Rewritten extends Transformed {
  pieces: Pieces;
  /** Every name the cell declares at its top level. */
  names: ReadonlySet<string>;
}

type Statement = Program["body"][number];
type Node = { type: string } & Span;

/**
 * @param declared names of earlier cells: they exist, and declaring them again would lose their values
 * @throws CellSyntaxError
 */
export function rewriteCell(source: string, declared: ReadonlySet<string>): Rewritten {
  const transformed = transformCell(source);
  const { program } = parseSync("cell.js", transformed.code, { lang: "js", sourceType: "module" });
  return { ...transformed, ...new Rewriter(transformed.code, program).rewrite(declared) };
}

class Rewriter {
  readonly #code: string;
  readonly #program: Program;
  readonly #edits: Edit[] = [];
  readonly #names = new Set<string>();
  /** Names that begin as undefined whenever the cell runs: `var`s, and the enums oxc makes of them. */
  readonly #reset = new Set<string>();
  readonly #imports: { text: string; at: Span }[] = [];
  readonly #functions: { name: string; at: Span }[] = [];
  /** Ranges that the body leaves out, because the head has them. */
  readonly #moved: Span[] = [];

  constructor(code: string, program: Program) {
    this.#code = code;
    this.#program = program;
  }

  rewrite(declared: ReadonlySet<string>): Pick<Rewritten, "pieces" | "names"> {
    for (const statement of this.#program.body) this.#statement(statement);
    const last = this.#program.body.at(-1);
    if (last) this.#lastExpression(last);
    return { pieces: this.#assemble(declared), names: this.#names };
  }

  #assemble(declared: ReadonlySet<string>): Pieces {
    const pieces = new Pieces(this.#code, this.#edits);
    const unknown = [...this.#names].filter((name) => !declared.has(name));
    if (unknown.length > 0) pieces.add(`let ${unknown.join(", ")};`);
    pieces.add(`${HELPERS}.define(async () => { "use strict";`);
    for (const name of this.#reset) pieces.add(`${name} = void 0;`);
    pieces.add("\n");
    for (const { text, at } of this.#imports) pieces.add(`${text}\n`, at.start);
    for (const { name, at } of this.#functions) {
      pieces.add(`${name} = `, at.start).addRange(at.start, at.end).add(";\n", at.end);
    }
    let from = 0;
    for (const { start, end } of this.#moved.toSorted((a, b) => a.start - b.start)) {
      pieces.addRange(from, start);
      from = end;
    }
    return pieces.addRange(from, this.#code.length).add("\n});void 0;", this.#code.length);
  }

  #statement(node: Statement): void {
    switch (node.type) {
      case "ImportDeclaration":
        this.#imports.push({ text: importStatement(node), at: node });
        for (const { local } of node.specifiers) this.#names.add(local.name);
        this.#moved.push(node);
        return;
      case "ExportAllDeclaration":
        this.#imports.push({ text: `await ${HELPERS}.import(${node.source.raw});`, at: node });
        this.#moved.push(node);
        return;
      case "ExportNamedDeclaration":
        this.#exportNamed(node);
        return;
      case "ExportDefaultDeclaration":
        this.#replace(node.start, node.declaration.start, hasName(node.declaration) ? "" : "(");
        this.#declaration(node.declaration);
        if (!hasName(node.declaration)) this.#insert(node.declaration.end, ")");
        return;
      default:
        this.#declaration(node);
    }
  }

  /** A cell exports nothing, but code moves between cells and modules: `export` is read over. */
  #exportNamed(node: Extract<Statement, { type: "ExportNamedDeclaration" }>): void {
    if (node.declaration) {
      this.#replace(node.start, node.declaration.start, "");
      this.#declaration(node.declaration);
      return;
    }
    if (node.source)
      this.#imports.push({ text: `await ${HELPERS}.import(${node.source.raw});`, at: node });
    this.#moved.push(node);
  }

  #declaration(node: Node): void {
    switch (node.type) {
      case "FunctionDeclaration":
        this.#functionDeclaration(node as FunctionNode);
        return;
      case "ClassDeclaration":
        this.#classDeclaration(node as Class);
        return;
      case "VariableDeclaration":
        this.#variableDeclaration(node as VariableDeclaration);
        return;
      default:
        this.#visit(node, TOP);
    }
  }

  #functionDeclaration(node: FunctionNode): void {
    this.#children(node, INSIDE_FUNCTION);
    if (!node.id) return; // export default function () {}: an expression, see #lastExpression
    this.#names.add(node.id.name);
    // Without its own name: recursion must see what the name is declared to be later.
    this.#replace(node.id.start, node.id.end, "");
    this.#functions.push({ name: node.id.name, at: node });
    this.#moved.push(node);
  }

  #classDeclaration(node: Class): void {
    if (node.id) {
      this.#names.add(node.id.name);
      this.#insert(node.start, `${node.id.name} = `);
      this.#insert(node.end, ";");
    }
    this.#children(node, TOP);
  }

  /** `const x = 1, y = f()` → `(x = 1, y = f())`: of the cell's own level, or a `var` in its blocks. */
  #variableDeclaration(node: VariableDeclaration): void {
    const [first] = node.declarations;
    const last = node.declarations.at(-1);
    if (!first || !last) return;
    this.#replace(node.start, first.start, "(");
    for (const { id, init } of node.declarations) {
      this.#bindNames(id, node.kind);
      if (init && USING[node.kind]) {
        this.#insert(init.start, `${HELPERS}.${USING[node.kind]}(`);
        this.#insert(init.end, ")");
      }
      if (!init && node.kind === "let") this.#insert(id.end, " = void 0");
    }
    this.#children(node, TOP);
    this.#insert(last.end, ")");
  }

  #lastExpression(node: Statement): void {
    const expression =
      node.type === "ExpressionStatement"
        ? node.expression
        : node.type === "ExportDefaultDeclaration" && !hasName(node.declaration)
          ? node.declaration
          : null;
    if (!expression) return;
    // First of all edits at its place: it stands outside of them. Double parentheses: `a, b` is one value.
    this.#edits.unshift({
      start: expression.start,
      end: expression.start,
      text: `${HELPERS}.result((`,
    });
    this.#insert(expression.end, "))");
  }

  #visit(node: Node, scope: Scope): void {
    switch (node.type) {
      case "FunctionDeclaration":
      case "FunctionExpression":
      case "ClassBody":
        this.#children(node, INSIDE_FUNCTION);
        return;
      case "ArrowFunctionExpression":
        this.#children(node, { ...scope, inFunction: true });
        return;
      case "VariableDeclaration":
        if (scope.inFunction || (node as VariableDeclaration).kind !== "var") break;
        this.#variableDeclaration(node as VariableDeclaration);
        return;
      case "ForInStatement":
      case "ForOfStatement":
        this.#loop(node as LoopNode, scope);
        return;
      case "AwaitExpression":
        this.#await(node as Node & { argument: Node }, scope);
        break;
      case "ImportExpression":
        this.#replace(node.start, node.start + "import".length, `${HELPERS}.load`);
        break;
      case "MetaProperty":
        if (this.#code.startsWith("import", node.start))
          this.#replace(node.start, node.end, `${HELPERS}.meta`);
        return;
      case "ThisExpression":
        // A module's `this` is undefined; a script's would be the global object.
        if (!scope.ownThis) this.#replace(node.start, node.end, "(void 0)");
        return;
    }
    this.#children(node, scope);
  }

  #loop(node: LoopNode, scope: Scope): void {
    const { left, right } = node;
    if (left.type === "VariableDeclaration" && left.kind === "var" && !scope.inFunction) {
      const [declarator] = left.declarations;
      if (declarator) {
        this.#bindNames(declarator.id, "var");
        this.#replace(left.start, declarator.start, "");
        this.#children(declarator, scope);
      }
    } else {
      this.#children(left, scope);
    }
    if (node.await === true && !scope.inFunction) {
      this.#insert(right.start, `${HELPERS}.each(`);
      this.#insert(right.end, ")");
    }
    this.#visit(right, scope);
    this.#visit(node.body, scope);
  }

  /**
   * At the top level an interrupt rejects the await itself. Inside functions the code stops when the
   * await ends by itself: wrapping the promise there would change the order of microtasks.
   */
  #await(node: Node & { argument: Node }, scope: Scope): void {
    this.#insert(node.start, `${HELPERS}.${scope.inFunction ? "go" : "went"}(`);
    if (!scope.inFunction) {
      this.#insert(node.argument.start, `${HELPERS}.wait(${node.start}, `);
      this.#insert(node.argument.end, ")");
    }
    this.#insert(node.end, ")");
  }

  #bindNames(pattern: Node, kind: VariableDeclaration["kind"]): void {
    switch (pattern.type) {
      case "Identifier": {
        const { name } = pattern as Node & { name: string };
        this.#names.add(name);
        if (kind === "var") this.#reset.add(name);
        return;
      }
      case "AssignmentPattern": // its default is no name
        this.#bindNames((pattern as Node & { left: Node }).left, kind);
        return;
      case "Property": // its key is no name
        this.#bindNames((pattern as Node & { value: Node }).value, kind);
        return;
      default:
        for (const child of childrenOf(pattern)) this.#bindNames(child, kind);
    }
  }

  #children(node: Node, scope: Scope): void {
    for (const child of childrenOf(node)) this.#visit(child, scope);
  }

  #insert(at: number, text: string): void {
    this.#edits.push({ start: at, end: at, text });
  }

  #replace(start: number, end: number, text: string): void {
    this.#edits.push({ start, end, text });
  }
}

/** The helper that keeps the resource of a `using` declaration. */
const USING: Partial<Record<VariableDeclaration["kind"], string>> = {
  using: "use",
  "await using": "useAsync",
};

interface Scope {
  /** `var` and `await` belong to a function, not to the cell. */
  inFunction: boolean;
  /** `this` belongs to a function or a class, not to the cell. */
  ownThis: boolean;
}

const TOP: Scope = { inFunction: false, ownThis: false };
const INSIDE_FUNCTION: Scope = { inFunction: true, ownThis: true };

type LoopNode = Node & {
  await?: boolean;
  left: Node & Partial<VariableDeclaration> & { declarations: VariableDeclaration["declarations"] };
  right: Node;
  body: Node;
};

function childrenOf(node: Node): Node[] {
  const members = node as unknown as Record<string, unknown>; // ESTree: the keys below hold nodes
  return (visitorKeys[node.type] ?? [])
    .flatMap((key) => members[key])
    .filter((child): child is Node => child !== null && child !== undefined);
}

function hasName(node: Node): boolean {
  const named = node.type === "FunctionDeclaration" || node.type === "ClassDeclaration";
  return named && Boolean((node as Node & { id: unknown }).id);
}
