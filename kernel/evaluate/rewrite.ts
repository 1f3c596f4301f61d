/**
 * A cell of TypeScript to a script that the inspector's REPL mode can evaluate.
 *
 * REPL mode alone lets a `const` be declared again, and awaits at the top level. It does not let
 * declarations change their kind between cells, keeps cells sloppy, never disposes `using`, and fails
 * on `import()` and `import.meta` (reference: kernels.md section 11). So every top-level binding
 * becomes a `let`, and what a script cannot do becomes a call of a helper:
 *
 *     import { z } from "steplab"   →  let { "z": z } = await $steplab.import("steplab", {…})   moved to the head
 *     function f() {…}              →  let f; f = function () {…}       moved to the head: hoisted, declarable again
 *     var x = 1                     →  let x; (x = 1)                   also inside blocks and loops
 *     const, class                  →  let                              an assignment to it is lint's to find
 *     using r = open()              →  let r = $steplab.use(open())     disposed when the cell ends
 *     await p                       →  await $steplab.wait(p)           so that an interrupt ends it
 *     the last expression           →  $steplab.result((…))
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
}

type Statement = Program["body"][number];
type Node = { type: string } & Span;

/** @throws SyntaxError with a `place` in the cell (CellSyntaxError). */
export function rewriteCell(source: string): Rewritten {
  const transformed = transformCell(source);
  const { program } = parseSync("cell.js", transformed.code, { lang: "js", sourceType: "module" });
  return { ...transformed, pieces: new Rewriter(transformed.code, program).rewrite() };
}

class Rewriter {
  readonly #code: string;
  readonly #program: Program;
  readonly #edits: Edit[] = [];
  /** Names that the head declares: functions and `var`s. */
  readonly #head = new Set<string>();
  readonly #imports: { text: string; at: Span }[] = [];
  readonly #functions: { name: string; at: Span }[] = [];
  /** Ranges that the body leaves out, because the head has them. */
  readonly #moved: Span[] = [];

  constructor(code: string, program: Program) {
    this.#code = code;
    this.#program = program;
  }

  rewrite(): Pieces {
    for (const statement of this.#program.body) this.#statement(statement);
    const last = this.#program.body.at(-1);
    if (last) this.#lastExpression(last);
    return this.#assemble();
  }

  #assemble(): Pieces {
    const pieces = new Pieces(this.#code, this.#edits);
    pieces.add('"use strict";');
    if (this.#head.size > 0) pieces.add(`let ${[...this.#head].join(", ")};`);
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
    // The completion value is not wanted: the inspector would keep it alive.
    return pieces.addRange(from, this.#code.length).add("\n;void 0;", this.#code.length);
  }

  #statement(node: Statement): void {
    switch (node.type) {
      case "ImportDeclaration":
        this.#imports.push({ text: importStatement(node), at: node });
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
        this.#replace(node.start, node.declaration.start, "");
        this.#declaration(node.declaration);
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
    this.#head.add(node.id.name);
    // Without its own name: recursion must see what the name is declared to be later.
    this.#replace(node.id.start, node.id.end, "");
    this.#functions.push({ name: node.id.name, at: node });
    this.#moved.push(node);
  }

  #classDeclaration(node: Class): void {
    if (node.id) {
      this.#insert(node.start, `let ${node.id.name} = `);
      this.#insert(node.end, ";");
    }
    this.#children(node, TOP);
  }

  #variableDeclaration(node: VariableDeclaration): void {
    if (node.kind === "var") {
      this.#visit(node, TOP);
      return;
    }
    const using =
      node.kind === "using" ? "use" : node.kind === "await using" ? "useAsync" : undefined;
    if (node.kind !== "let") this.#replace(node.start, node.start + node.kind.length, "let");
    for (const { init } of node.declarations) {
      if (using && init) {
        this.#insert(init.start, `${HELPERS}.${using}(`);
        this.#insert(init.end, ")");
      }
    }
    this.#children(node, TOP);
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
        if (!scope.inFunction) this.#blockVariable(node as VariableDeclaration);
        break;
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

  /** `var x = 1, y` → `(x = 1, y)`, with both names in the head. */
  #blockVariable(node: VariableDeclaration): void {
    if (node.kind !== "var") return;
    for (const { id } of node.declarations) this.#bindNames(id);
    this.#replace(node.start, node.declarations[0]?.start ?? node.start, "(");
    this.#insert(node.declarations.at(-1)?.end ?? node.end, ")");
  }

  #loop(node: LoopNode, scope: Scope): void {
    const { left, right } = node;
    if (left.type === "VariableDeclaration" && left.kind === "var" && !scope.inFunction) {
      const [declarator] = left.declarations;
      if (declarator) {
        this.#bindNames(declarator.id);
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
    const inner = scope.inFunction ? node : node.argument;
    const call = scope.inFunction ? `${HELPERS}.go(` : `${HELPERS}.wait(${node.start}, `;
    this.#insert(inner.start, call);
    this.#insert(inner.end, ")");
  }

  #bindNames(pattern: Node): void {
    if (pattern.type === "Identifier") {
      this.#head.add((pattern as Node & { name: string }).name);
      return;
    }
    if (pattern.type === "AssignmentPattern") {
      this.#bindNames((pattern as Node & { left: Node }).left);
      return;
    }
    if (pattern.type === "Property") {
      this.#bindNames((pattern as Node & { value: Node }).value);
      return;
    }
    for (const child of childrenOf(pattern)) this.#bindNames(child);
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
