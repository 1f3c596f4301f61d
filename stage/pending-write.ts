/**
 * A write that may be awaited or forgotten. Forgotten ones are awaited when their cell ends, and their errors
 * are not lost: hence a promise that knows whether anyone listened to it.
 */
export class PendingWrite extends Promise<void> {
  #seen = false;

  /** What `then` gives is an ordinary promise: only the write itself is watched. */
  static override get [Symbol.species](): PromiseConstructor {
    return Promise;
  }

  static start(work: () => Promise<void>): PendingWrite {
    const write = new PendingWrite((resolve, reject) => {
      work().then(resolve, reject);
    });
    // Owned from the start, so that Node reports no unhandled rejection before the cell ends.
    void super.prototype.then.call(write, undefined, () => {});
    return write;
  }

  // oxlint-disable-next-line unicorn/no-thenable -- listening is what has to be noticed
  override then<T = void, F = never>(
    fulfilled?: ((value: void) => T | PromiseLike<T>) | null,
    rejected?: ((reason: unknown) => F | PromiseLike<F>) | null,
  ): Promise<T | F> {
    this.#seen = true;
    return super.then(fulfilled, rejected);
  }

  /** Waits for the end; gives the failure only when nobody else awaited this write. */
  async failureNobodySaw(): Promise<unknown> {
    const seen = this.#seen; // as it was before we looked
    const failure = await super.then(
      () => undefined,
      (error: unknown) => error ?? new Error("the write failed without saying why"),
    );
    return seen ? undefined : failure;
  }
}
