/** What rewritten cells call (see rewrite.ts for the forms). One hidden global holds it. */
import { currentCell, Interrupted } from "./cell.ts";
import { HELPERS } from "./helper-name.ts";
import type { CellModules, ImportOptions } from "./imports.ts";

/** A rewritten cell, ready to run. */
export type CellFunction = () => Promise<void>;

/** Where a cell's script leaves its function for the evaluator. */
export interface Definitions {
  take(): CellFunction;
}

export function installHelpers(modules: CellModules): Definitions {
  let defined: CellFunction | null = null;
  const helpers = {
    define(run: CellFunction): void {
      defined = run;
    },
    result(value: unknown): void {
      const cell = currentCell();
      if (cell) cell.result = { value };
    },
    /** A top-level await. */
    wait(offset: number, value: unknown): unknown {
      const cell = currentCell();
      if (!cell) return value;
      if (cell.interrupted) throw new Interrupted();
      return isThenable(value) ? cell.wait(value, offset) : value;
    },
    /** After every await: code of an interrupted cell goes no further. */
    go<T>(value: T): T {
      const cell = currentCell();
      if (cell?.interrupted === true) throw new Interrupted();
      return value;
    },
    /** The same after a top-level one. */
    went<T>(value: T): T {
      currentCell()?.resumed();
      return helpers.go(value);
    },
    /** A top-level `for await`. */
    each(iterable: AsyncIterable<unknown> | Iterable<unknown>): AsyncIterable<unknown> {
      return interruptible(iterable);
    },
    use(value: Disposable | null | undefined): unknown {
      if (value === null || value === undefined) return value;
      keep(value, value[Symbol.dispose]);
      return value;
    },
    useAsync(value: Partial<AsyncDisposable & Disposable> | null | undefined): unknown {
      if (value === null || value === undefined) return value;
      keep(value, value[Symbol.asyncDispose] ?? value[Symbol.dispose]);
      return value;
    },
    import: (specifier: string, options?: ImportOptions) => modules.importNames(specifier, options),
    load: (specifier: unknown, options?: ImportCallOptions) =>
      modules.load(String(specifier), options),
    get meta() {
      return modules.meta();
    },
  };
  // Not enumerable: completion and `Object.keys(globalThis)` are the person's.
  Object.defineProperty(globalThis, HELPERS, { value: Object.freeze(helpers) });
  return {
    take() {
      const run = defined;
      defined = null;
      if (!run) throw new Error("A cell's script ended without defining its function.");
      return run;
    },
  };
}

function keep(value: object, dispose: unknown): void {
  if (typeof dispose !== "function") {
    throw new TypeError("This value cannot be disposed: it has no [Symbol.dispose] method.");
  }
  currentCell()?.use(() => dispose.call(value));
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  const maybe = value as { then?: unknown } | null | undefined; // read once, as `await` does
  return (
    maybe !== null &&
    (typeof maybe === "object" || typeof maybe === "function") &&
    typeof maybe.then === "function"
  );
}

async function* interruptible(
  iterable: AsyncIterable<unknown> | Iterable<unknown>,
): AsyncGenerator {
  const cell = currentCell();
  const source =
    Symbol.asyncIterator in iterable
      ? iterable
      : (async function* () {
          yield* iterable;
        })();
  const iterator = source[Symbol.asyncIterator]();
  try {
    for (;;) {
      const next = Promise.resolve(iterator.next());
      const { done, value } = (await (cell ? cell.wait(next, 0) : next)) as IteratorResult<unknown>; // of the iterator above
      if (done === true) return;
      yield value;
    }
  } finally {
    // Not awaited: a source that hangs must not hold an interrupted cell.
    Promise.resolve(iterator.return?.()).catch(() => undefined); // the loop's own error is the one to show
  }
}
