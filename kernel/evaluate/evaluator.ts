/** Evaluates cells: declares their names through the process's own inspector session, then runs them. */
import inspector from "node:inspector";
import type { Cell } from "./cell.ts";
import { runAs } from "./cell.ts";
import type { CellFunction, Definitions } from "./helpers.ts";
import { rewriteCell } from "./rewrite.ts";
import type { CellSources } from "./sources.ts";
import { CellSyntaxError } from "./transform.ts";

/** What a cell threw, if it did. */
export type Outcome = { error: unknown } | null;

export class Evaluator {
  readonly #session = new inspector.Session();
  readonly #sources: CellSources;
  readonly #definitions: Definitions;
  /** Every name that some cell has declared. */
  readonly #names = new Set<string>();

  constructor(sources: CellSources, definitions: Definitions) {
    this.#sources = sources;
    this.#definitions = definitions;
    this.#session.connect();
  }

  async evaluate(cell: Cell): Promise<Outcome> {
    try {
      const run = await this.#define(cell);
      await runAs(cell, run);
      return null;
    } catch (error) {
      return { error };
    }
  }

  async #define(cell: Cell): Promise<CellFunction> {
    const rewritten = rewriteCell(cell.request.code, this.#names);
    const expression = this.#sources.add(cell, rewritten);
    const refused = await this.#declare(expression);
    if (refused) throw this.#syntaxError(cell, refused);
    for (const name of rewritten.names) this.#names.add(name);
    return this.#definitions.take();
  }

  /** The names of global `let`s, for completion. */
  get names(): ReadonlySet<string> {
    return this.#names;
  }

  /** Runs the script, which only declares. Null when V8 took it. */
  #declare(expression: string): Promise<inspector.Runtime.ExceptionDetails | null> {
    return new Promise((resolve, reject) => {
      this.#session.post("Runtime.evaluate", { expression, replMode: true }, (failure, answer) => {
        if (failure) reject(failure);
        else resolve((answer as inspector.Runtime.EvaluateReturnType).exceptionDetails ?? null); // no failure: it is there
      });
    });
  }

  /** What oxc let pass and V8 does not (a name that cannot be declared, say). */
  #syntaxError(cell: Cell, details: inspector.Runtime.ExceptionDetails): CellSyntaxError {
    const { exception, text, lineNumber, columnNumber } = details;
    const [first = text] = (exception?.description ?? text).split("\n");
    const place = this.#sources.placeOf(cell.id, lineNumber + 1, columnNumber + 1);
    return new CellSyntaxError(
      first.replace(/^SyntaxError: /, ""),
      place ?? { line: 1, column: 1 },
    );
  }
}
