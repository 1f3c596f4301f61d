/**
 * Kernels started ahead of need. Starting one costs more than most cells: while a stage runs, the next
 * one's kernel comes up beside it and loads the notebook module. A kernel serves one attempt and ends;
 * nothing leaks from stage to stage.
 */
import type { KernelClient } from "./client.ts";

/** A kernel for one attempt. Disposing it asks the kernel to end and waits for nothing: the pool does, at the end. */
export interface KernelLease extends Disposable {
  client: KernelClient;
}

/** Every stage imports "steplab" first: 75 ms that a warm kernel has behind it. A project without it finds out in its own cell. */
const PRELOAD = `await import("steplab").then(() => undefined, () => undefined);`;

/** The kernels of one run. Disposing it ends all of them and waits until they are gone. */
export class KernelPool implements AsyncDisposable {
  readonly #startOne: () => Promise<KernelClient>;
  readonly #warm: Promise<KernelClient>[] = [];
  readonly #closing = new Set<Promise<void>>();
  #closed = false;

  /** @param start another way to a kernel than a process of our own in the project's root */
  constructor(projectRoot: string, start?: () => Promise<KernelClient>) {
    this.#startOne = start ?? (() => startOwn(projectRoot));
  }

  /** Makes sure that `count` kernels are up or coming up. */
  warm(count: number): void {
    while (!this.#closed && this.#warm.length < count) {
      const starting = this.#start({ preload: true });
      starting.catch(() => undefined); // whoever takes it is told
      this.#warm.push(starting);
    }
  }

  async take(): Promise<KernelLease> {
    const client = await (this.#warm.shift() ?? this.#start({ preload: false }));
    return { client, [Symbol.dispose]: () => this.#release(client) };
  }

  #release(client: KernelClient): void {
    const closing = client.close().finally(() => this.#closing.delete(closing));
    this.#closing.add(closing);
  }

  async #start({ preload }: { preload: boolean }): Promise<KernelClient> {
    const client = await this.#startOne();
    // Not waited for: cells queue up behind it.
    if (preload)
      void client
        .ready()
        .then(() => client.execute(PRELOAD, { silent: true }))
        .catch(() => undefined); // its death is told to its stage
    return client;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    for (const starting of this.#warm.splice(0)) {
      const client = await starting.catch(() => null);
      client?.kill();
      await client?.exited;
    }
    await Promise.all(this.#closing);
  }
}

async function startOwn(projectRoot: string): Promise<KernelClient> {
  const { KernelClient } = await import("./client.ts");
  // A warm kernel that says something before its stage has no journal to say it to.
  return await KernelClient.start({ projectRoot, onLog: () => undefined });
}
