/** What the outside world did: a dead kernel, a full disk, a missing source. Bugs of ours stay plain `Error`s. */
import type { Code } from "./codes.ts";
import type { Diagnostic } from "./diagnostic.ts";

export interface StepLabErrorOptions {
  hint?: string;
  cause?: unknown;
  /** The findings behind this error, when it stands for several. */
  diagnostics?: Diagnostic[];
}

/** An error with a stable code and, where there is one, a way to mend it. See `codes.ts`. */
export class StepLabError extends Error {
  readonly code: Code;
  readonly hint: string | undefined;
  readonly diagnostics: Diagnostic[];

  constructor(code: Code, message: string, options: StepLabErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = "StepLabError";
    this.code = code;
    this.hint = options.hint;
    this.diagnostics = options.diagnostics ?? [];
  }

  /** Survives JSON: journals, comms and `--json` carry errors as this. */
  toJSON(): { name: string; code: Code; message: string; hint?: string; cause?: string } {
    const cause = this.cause instanceof Error ? this.cause.message : undefined;
    return {
      name: this.name,
      code: this.code,
      message: this.message,
      ...(this.hint && { hint: this.hint }),
      ...(cause && { cause }),
    };
  }
}

/** The message of anything that can be thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
