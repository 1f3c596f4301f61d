/**
 * A project as the page knows it: asks its service, hears what it tells, and says how the connection is.
 *
 * The way leads over the kernel of a hidden session. When that kernel dies, is restarted or the network breaks, the
 * project connects anew by itself and tells the service again what it had been told: unsaved texts, followed runs.
 */
import type { Kernel, ServiceManager } from "@jupyterlab/services";
import { Signal, type ISignal } from "@lumino/signaling";
import type {
  Failure,
  Hello,
  Push,
  Question,
  Questions,
} from "../../../runner/service/protocol.ts";
import { Conversation, Interrupted } from "./conversation.ts";
import { isGone, isReady, untilReady, watchKernel } from "./kernel-health.ts";
import { inProject, onServer } from "./paths.ts";
import { failureOf, Refusal } from "./refusal.ts";
import { openServiceKernel } from "./service-kernel.ts";

/** `lost`: it could not be reached; `failure` says why. It is tried again by itself, and by whoever asks. */
export type ProjectState = "connecting" | "connected" | "lost";

/** What may have been done although no reply came: not asked a second time. */
const ONCE: ReadonlySet<Question> = new Set<Question>(["run", "new", "cancel"]);

const FIRST_RETRY_MS = 2_000;
const LAST_RETRY_MS = 120_000;

export class Project {
  /** Path of the project's root on the server; "" where it is the server's own. */
  readonly folder: string;
  readonly #manager: ServiceManager.IManager;
  readonly #pushed = new Signal<this, Push>(this);
  readonly #stateChanged = new Signal<this, ProjectState>(this);
  readonly #texts = new Map<string, string>();
  readonly #followed = new Set<Questions["follow"]["asks"]["run"]>();
  #state: ProjectState = "connecting";
  #failure: Failure | null = null;
  #hello: Hello | null = null;
  #kernel: Kernel.IKernelConnection | null = null;
  #conversation: Promise<Conversation> | null = null;
  #retryMs = FIRST_RETRY_MS;
  #retry: number | null = null;
  #disposed = false;

  constructor(manager: ServiceManager.IManager, folder: string) {
    this.#manager = manager;
    this.folder = folder;
  }

  get state(): ProjectState {
    return this.#state;
  }

  /** Why it is lost; null otherwise. */
  get failure(): Failure | null {
    return this.#failure;
  }

  /** What the service said of itself; null until it was connected once. */
  get hello(): Hello | null {
    return this.#hello;
  }

  get stateChanged(): ISignal<this, ProjectState> {
    return this.#stateChanged;
  }

  /** What the service tells unasked. Whoever was not connected for a while has missed some: see `stateChanged`. */
  get pushed(): ISignal<this, Push> {
    return this.#pushed;
  }

  /** The server's path of a path of the project, as every answer has them. */
  toServer(path: string): string {
    return onServer(this.folder, path);
  }

  /** The project's path of a path on the server; null outside of the project. */
  toProject(path: string): string | null {
    return inProject(this.folder, path);
  }

  /**
   * Asks the service, once it is connected. A question that got no reply because the connection broke is asked again,
   * but for those that do something: they are refused as `Interrupted`.
   * @throws Refusal with the service's own words, or why it cannot be reached
   */
  async ask<Q extends Question>(
    question: Q,
    asks: Questions[Q]["asks"],
  ): Promise<Questions[Q]["answer"]> {
    this.#remember(question, asks);
    for (;;) {
      const conversation = await this.#connected();
      try {
        return await conversation.ask(question, asks);
      } catch (error) {
        if (!(error instanceof Interrupted) || ONCE.has(question)) throw error;
      }
    }
  }

  /** Connects if it is not; a lost connection is tried again at once. Never throws: `state` tells. */
  connect(): void {
    this.#connected().catch(() => {});
  }

  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    this.#stopRetry();
    this.#conversation?.then((conversation) => conversation.close()).catch(() => {});
    this.#drop();
    Signal.clearData(this);
  }

  /** What must hold for a new connection as well. */
  #remember<Q extends Question>(question: Q, asks: Questions[Q]["asks"]): void {
    if (question === "edit")
      for (const [path, text] of Object.entries((asks as Questions["edit"]["asks"]).texts))
        if (text === null) this.#texts.delete(path);
        else this.#texts.set(path, text);
    if (question === "follow") this.#followed.add((asks as Questions["follow"]["asks"]).run);
    if (question === "unfollow") this.#followed.delete((asks as Questions["follow"]["asks"]).run);
  }

  #connected(): Promise<Conversation> {
    if (this.#disposed)
      return Promise.reject(
        new Refusal({ code: "service/stopped", message: "The project was closed." }),
      );
    if (this.#conversation !== null) return this.#conversation;
    this.#stopRetry();
    this.#setState("connecting");
    const opening = this.#open();
    this.#conversation = opening;
    opening.then(
      () => {
        this.#retryMs = FIRST_RETRY_MS;
        if (this.#conversation === opening) this.#setState("connected");
      },
      (error: unknown) => {
        if (this.#conversation === opening) this.#lose(failureOf(error));
      },
    );
    return opening;
  }

  async #open(): Promise<Conversation> {
    const kernel = (this.#kernel ??= await openServiceKernel(this.#manager, this.folder));
    await untilReady(kernel);
    const conversation = new Conversation(
      kernel,
      (push) => this.#hear(push),
      () => this.#interrupt(conversation),
    );
    const unwatch = watchKernel(kernel, () => {
      if (isReady(kernel)) return;
      unwatch();
      this.#interrupt(conversation);
    });
    this.#hello = await conversation.ask("hello", { version: 1 });
    if (this.#texts.size > 0)
      await conversation.ask("edit", { texts: Object.fromEntries(this.#texts) });
    for (const run of this.#followed) await conversation.ask("follow", { run });
    return conversation;
  }

  #hear(push: Push): void {
    if (push.push === "ended") this.#followed.delete(push.run);
    this.#pushed.emit(push);
  }

  /** The way broke: what was asked on it is refused, and a new way is looked for. */
  #interrupt(conversation: Conversation): void {
    conversation.end({
      code: "service/stopped",
      message: "The connection to the project's service broke.",
    });
    if (this.#kernel !== null && isGone(this.#kernel)) this.#drop();
    const current = this.#conversation;
    current?.then(
      (each) => {
        if (each !== conversation || this.#conversation !== current || this.#disposed) return;
        this.#conversation = null;
        this.connect();
      },
      () => {}, // refused while it was opened: lost already
    );
  }

  #lose(failure: Failure): void {
    this.#conversation = null;
    this.#drop();
    if (this.#disposed) return;
    this.#failure = failure;
    this.#setState("lost");
    this.#retry = window.setTimeout(() => this.connect(), this.#retryMs);
    this.#retryMs = Math.min(this.#retryMs * 2, LAST_RETRY_MS);
  }

  #stopRetry(): void {
    if (this.#retry !== null) window.clearTimeout(this.#retry);
    this.#retry = null;
  }

  /** Leaves the session as it is: other pages may use it. */
  #drop(): void {
    this.#kernel?.dispose();
    this.#kernel = null;
  }

  #setState(state: ProjectState): void {
    if (state !== "lost") this.#failure = null;
    if (state === this.#state) return;
    this.#state = state;
    this.#stateChanged.emit(state);
  }
}
