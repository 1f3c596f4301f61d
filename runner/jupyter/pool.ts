/**
 * Kernels started ahead of need. Starting one costs more than most cells: while a stage runs, the next
 * one's kernel comes up beside it. A kernel serves one attempt and ends; nothing leaks from stage to stage.
 */
import type { KernelClient } from "./client.ts";

type Log = (stream: "stdout" | "stderr", text: string) => void;

export class KernelPool implements AsyncDisposable {
  readonly #projectRoot: string;
  readonly #warm: Promise<KernelClient>[] = [];
  #closed = false;

  constructor(projectRoot: string) {
    this.#projectRoot = projectRoot;
  }

  /** Makes sure that `count` kernels are up or coming up. */
  warm(count: number): void {
    while (!this.#closed && this.#warm.length < count) {
      const starting = this.#start();
      starting.catch(() => undefined); // whoever takes it is told
      this.#warm.push(starting);
    }
  }

  async take(): Promise<KernelClient> {
    return await (this.#warm.shift() ?? this.#start());
  }

  async #start(): Promise<KernelClient> {
    const { KernelClient } = await import("./client.ts");
    const silent: Log = () => undefined; // a warm kernel that says something before its stage has no journal to say it to
    return await KernelClient.start({ projectRoot: this.#projectRoot, onLog: silent });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    for (const starting of this.#warm.splice(0)) {
      const kernel = await starting.catch(() => null);
      kernel?.kill();
      await kernel?.exited;
    }
  }
}
