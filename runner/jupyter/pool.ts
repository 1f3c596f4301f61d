/**
 * Kernels started ahead of need. Starting one costs more than most cells: while a stage runs, the next
 * one's kernel comes up beside it and loads the notebook module. A kernel serves one attempt and ends;
 * nothing leaks from stage to stage.
 */
import { StepLabError } from "../../core/error.ts";
import { STEPLAB_KERNELSPEC } from "../../core/notebook/kernelspec.ts";
import type { StageKernel } from "./stage-kernel.ts";

/** A kernel for one attempt. Disposing it asks the kernel to end and waits for nothing: the pool does, at the end. */
export interface KernelLease extends Disposable {
  kernel: StageKernel;
}

const OWN = STEPLAB_KERNELSPEC.kernelspec.name;

/** The kernels of one run. Disposing it ends all of them and waits until they are gone. */
export class KernelPool implements AsyncDisposable {
  readonly #projectRoot: string;
  readonly #startOne: () => Promise<StageKernel>;
  /** Not by a process of our own in the project's root. */
  readonly #isElsewhere: boolean;
  readonly #warm: Promise<StageKernel>[] = [];
  readonly #closing = new Set<Promise<void>>();
  #closed = false;

  /** @param start another way to a kernel than a process of our own in the project's root */
  constructor(projectRoot: string, start?: () => Promise<StageKernel>) {
    this.#projectRoot = projectRoot;
    this.#isElsewhere = start !== undefined;
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

  /**
   * @param name as the notebook's kernelspec has it: `steplab`, or that of another kernel
   * @param folder absolute, the notebook's
   */
  async take(name: string, folder: string): Promise<KernelLease> {
    const kernel =
      name === OWN
        ? await (this.#warm.shift() ?? this.#start({ preload: false }))
        : await this.#startForeign(name, folder);
    return { kernel, [Symbol.dispose]: () => this.#release(kernel) };
  }

  #release(kernel: StageKernel): void {
    const closing = kernel.close().finally(() => this.#closing.delete(closing));
    this.#closing.add(closing);
  }

  async #start({ preload }: { preload: boolean }): Promise<StageKernel> {
    const client = await this.#startOne();
    // Not waited for: cells queue up behind it.
    if (preload)
      void client
        .ready()
        .then(() => client.preload?.())
        .catch(() => undefined); // its death is told to its stage
    return client;
  }

  async #startForeign(name: string, folder: string): Promise<StageKernel> {
    if (this.#isElsewhere)
      throw new StepLabError(
        "kernel/not-found",
        `On a Jupyter Server stages run on steplab's own kernel, and this one's notebook names "${name}".`,
        { hint: "Run it without --server, or choose the kernel steplab for the notebook." },
      );
    const { foreignKernel } = await import("./foreign/dialect.ts");
    const { ForeignKernel } = await import("./foreign/kernel.ts");
    return await ForeignKernel.start(
      this.#projectRoot,
      folder,
      foreignKernel(this.#projectRoot, name),
    );
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

async function startOwn(projectRoot: string): Promise<StageKernel> {
  const { KernelClient } = await import("./client.ts");
  // A warm kernel that says something before its stage has no journal to say it to.
  return await KernelClient.start({ folder: projectRoot, onLog: () => undefined });
}
