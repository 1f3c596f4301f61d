import type { Failure } from "../../../runner/service/protocol.ts";

/** What a question to the project's service was refused with, in words for people. */
export class Refusal extends Error {
  readonly failure: Failure;

  constructor(failure: Failure, cause?: unknown) {
    super(failure.message, { cause });
    this.name = "Refusal";
    this.failure = failure;
  }
}

/** Anything that was thrown, as a failure. */
export function failureOf(error: unknown): Failure {
  if (error instanceof Refusal) return error.failure;
  return {
    code: "service/stopped",
    message: error instanceof Error ? error.message : String(error),
  };
}
