/** Questions that only main can answer (completion, inspection): asked when it is idle, never waited for long. */
import type { Content } from "../../core/wire/message.ts";
import type { ToMain } from "../link/messages.ts";

/** A timer of the user's may hold main although no cell runs. */
const PATIENCE_MS = 2000;

export class Answers {
  readonly #post: (message: ToMain) => void;
  readonly #waiting = new Map<number, (content: Content | null) => void>();
  #last = 0;

  constructor(post: (message: ToMain) => void) {
    this.#post = post;
  }

  /** Null when main did not answer in time. */
  async ask(type: "complete" | "inspect", code: string, cursor: number): Promise<Content | null> {
    const id = ++this.#last;
    const answer = new Promise<Content | null>((resolve) => {
      this.#waiting.set(id, resolve);
      setTimeout(() => this.settle({ id }), PATIENCE_MS).unref();
    });
    this.#post({ type, id, code, cursor });
    return await answer;
  }

  settle({ id, content }: Record<string, unknown>): void {
    const resolve = this.#waiting.get(Number(id));
    this.#waiting.delete(Number(id));
    resolve?.((content as Content | undefined) ?? null); // main's answer, or none in time
  }
}
