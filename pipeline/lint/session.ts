/** Lint that stays open: for editors and for `steplab watch`, which judge again with every edit. */
import { join } from "node:path";
import { judgeProject, LintMemory, type LintOptions, type LintResult } from "./judge.ts";

export interface LintSessionOptions extends LintOptions {
  /** Unsaved texts of the document, notebooks and modules, by path relative to the project: they stand for the files. */
  overlay?: ReadonlyMap<string, string>;
}

/** A lint that stays open, for editors and watchers. */
export interface LintSession extends AsyncDisposable {
  /**
   * Judges the project as it is now: what `lint()` would say, in the same order. The compiler stays open, and only
   * what changed since the last call is read and parsed again. Calls wait for each other.
   *
   * @param options over those of `openLint`, for this call
   */
  lint(options?: LintSessionOptions): Promise<LintResult>;
}

/**
 * Opens a lint that stays open. It holds a compiler (110 to 300 MB in a process of its own) until it is disposed.
 *
 *     await using session = openLint("/projects/prices");
 *     const { diagnostics } = await session.lint(); // again after every edit
 *
 * @param projectRoot absolute path
 */
export function openLint(projectRoot: string, options: LintSessionOptions = {}): LintSession {
  const memory = new LintMemory();
  let last: Promise<unknown> = Promise.resolve();
  const judge = async (given: LintSessionOptions): Promise<LintResult> => {
    const { overlay = new Map<string, string>(), ...rest } = { ...options, ...given };
    memory.texts.overlay = new Map(
      [...overlay].map(([path, text]) => [join(projectRoot, path), text]),
    );
    return await judgeProject(projectRoot, rest, memory);
  };
  return {
    lint(given = {}) {
      const result = last.then(() => judge(given));
      last = result.catch(() => {}); // its caller hears of it
      return result;
    },
    async [Symbol.asyncDispose]() {
      await last;
      memory[Symbol.dispose]();
    },
  };
}
