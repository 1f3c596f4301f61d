/** Errors that no cell awaits: of a promise, a timer, a callback. The stage that left them fails when it is settled. */
import { messageOf, StepLabError } from "../core/error.ts";

export class Unhandled {
  readonly #errors: unknown[] = [];

  remember(error: unknown): void {
    this.#errors.push(error ?? new Error(String(error)));
  }

  /** @throws StepLabError `kernel/unhandled-rejection` */
  async demandNone(): Promise<void> {
    // Rejections are known only when the microtasks are through.
    await new Promise((resolve) => setImmediate(resolve));
    const [first] = this.#errors;
    if (first === undefined) return;
    const more = this.#errors.length > 1 ? ` (and ${this.#errors.length - 1} more)` : "";
    throw new StepLabError(
      "kernel/unhandled-rejection",
      `A promise or callback failed, and nothing in the notebook handled it${more}: ${messageOf(first)}`,
      { hint: "Await the promise, or catch its error.", cause: first },
    );
  }
}
