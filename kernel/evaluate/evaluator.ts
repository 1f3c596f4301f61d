/** Evaluates rewritten cells through the process's own inspector session, in REPL mode. */
import inspector from "node:inspector";
import type { Cell } from "./cell.ts";
import { Interrupted, runAs } from "./cell.ts";
import { rewriteCell } from "./rewrite.ts";
import type { CellSources } from "./sources.ts";
import { CellSyntaxError } from "./transform.ts";

const OBJECT_GROUP = "steplab";

export type Outcome = { error: unknown } | null;

export class Evaluator {
  readonly #session = new inspector.Session();
  readonly #sources: CellSources;
  /** The inspector hands over an error as a handle; `callFunctionOn` with this brings the value itself. */
  #received: { error: unknown } | null = null;

  constructor(sources: CellSources) {
    this.#sources = sources;
    this.#session.connect();
  }

  /** Null when the cell ended well; else what it threw. */
  async evaluate(cell: Cell): Promise<Outcome> {
    let expression: string;
    try {
      const rewritten = rewriteCell(cell.request.code);
      expression = this.#sources.add(cell, rewritten);
    } catch (error) {
      if (error instanceof CellSyntaxError) return { error };
      throw error;
    }
    return await runAs(cell, () => this.#run(cell, expression));
  }

  #run(cell: Cell, expression: string): Promise<Outcome> {
    return new Promise((resolve) => {
      this.#session.post(
        "Runtime.evaluate",
        { expression, replMode: true, awaitPromise: true, objectGroup: OBJECT_GROUP },
        (failure, answer) => {
          // A failure of the call itself: the execution was terminated.
          if (failure) return resolve({ error: new Interrupted() });
          const { exceptionDetails } = answer as inspector.Runtime.EvaluateReturnType; // no failure: it is there
          resolve(exceptionDetails ? { error: this.#thrown(cell, exceptionDetails) } : null);
        },
      );
    });
  }

  /** The thrown value itself, whatever it is. */
  #thrown(cell: Cell, details: inspector.Runtime.ExceptionDetails): unknown {
    const { exception } = details;
    if (!exception) return new Error(details.text);
    if (exception.objectId === undefined) return primitiveOf(exception);
    this.#received = null;
    const receiver = (error: unknown): void => {
      this.#received = { error };
    };
    const scope = globalThis as Record<symbol, unknown>; // for the length of this call
    scope[RECEIVER] = receiver;
    this.#session.post("Runtime.callFunctionOn", {
      objectId: exception.objectId,
      functionDeclaration: `function () { globalThis[Symbol.for("${RECEIVER_NAME}")](this); }`,
      silent: true,
    });
    delete scope[RECEIVER];
    this.#session.post("Runtime.releaseObjectGroup", { objectGroup: OBJECT_GROUP });
    const received = this.#received as { error: unknown } | null; // set by the call above
    const error = received ? received.error : new Error(details.text);
    // V8 compiled the cell and refused it: the place is in the details, not on a stack.
    if (error instanceof SyntaxError && details.stackTrace === undefined) {
      const place = this.#sources.placeOf(
        cell.id,
        details.lineNumber + 1,
        details.columnNumber + 1,
      );
      if (place) return new CellSyntaxError(error.message, place);
    }
    return error;
  }
}

const RECEIVER_NAME = "steplab.receive";
const RECEIVER = Symbol.for(RECEIVER_NAME);

function primitiveOf({
  type,
  value,
  unserializableValue,
}: inspector.Runtime.RemoteObject): unknown {
  if (type === "undefined") return undefined;
  if (unserializableValue === undefined) return value as unknown;
  return type === "bigint" ? BigInt(unserializableValue.slice(0, -1)) : Number(unserializableValue); // -0, NaN and infinities
}
