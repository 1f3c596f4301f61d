/** One comm to a project's service: questions out; replies, in whatever order, and pushes in. */
import type { Kernel } from "@jupyterlab/services";
import { PROJECT_TARGET } from "../../../core/project-comm.ts";
import type {
  Failure,
  Push,
  Question,
  Questions,
  Reply,
} from "../../../runner/service/protocol.ts";
import { Refusal } from "./refusal.ts";

/** The way to the service broke before a reply came: whether the question was acted on, nobody knows. */
export class Interrupted extends Refusal {}

interface Waiting {
  resolve(answer: Questions[Question]["answer"]): void;
  reject(refusal: Refusal): void;
}

export class Conversation {
  readonly #comm: Kernel.IComm;
  readonly #waiting = new Map<number, Waiting>();
  #last = 0;
  #over: Failure | null = null;

  /**
   * @param onPush told what comes unasked
   * @param onOver the kernel closed the comm, or knows nothing of it
   */
  constructor(
    kernel: Kernel.IKernelConnection,
    onPush: (push: Push) => void,
    onOver: (why: Failure) => void,
  ) {
    this.#comm = kernel.createComm(PROJECT_TARGET);
    this.#comm.onMsg = ({ content: { data } }) => {
      const message = data as unknown as Reply | Push; // said by the service, in this protocol
      if ("push" in message) onPush(message);
      else this.#settle(message);
    };
    this.#comm.onClose = () => {
      const why = {
        code: "service/stopped",
        message: "The kernel does not lead to the project's service.",
        hint: "Install kernel and extension of one version: npx steplab lab install",
      };
      this.end(why);
      onOver(why);
    };
    this.#comm.open({});
  }

  async ask<Q extends Question>(
    question: Q,
    asks: Questions[Q]["asks"],
  ): Promise<Questions[Q]["answer"]> {
    if (this.#over !== null) throw new Interrupted(this.#over);
    const id = ++this.#last;
    const reply = new Promise<Questions[Question]["answer"]>((resolve, reject) =>
      this.#waiting.set(id, { resolve, reject }),
    );
    this.#comm.send({ id, ask: question, ...asks });
    return await reply;
  }

  /** Refuses what has no reply yet, and everything from now on. */
  end(why: Failure): void {
    if (this.#over !== null) return;
    this.#over = why;
    for (const waiting of this.#waiting.values()) waiting.reject(new Interrupted(why));
    this.#waiting.clear();
  }

  /** Tells the service that this front end is gone. */
  close(): void {
    this.end({ code: "service/stopped", message: "The connection was closed." });
    if (!this.#comm.isDisposed) this.#comm.close();
  }

  #settle(reply: Reply): void {
    const waiting = reply.id === null ? undefined : this.#waiting.get(reply.id);
    if (reply.id === null || waiting === undefined) return;
    this.#waiting.delete(reply.id);
    if ("answer" in reply) waiting.resolve(reply.answer);
    else waiting.reject(new Refusal(reply.error));
  }
}
