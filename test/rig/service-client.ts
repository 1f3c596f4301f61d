/** A front end of a project's service, without a kernel between: the real process, spoken to over its standard streams. */
import { spawn, type ChildProcessByStdio } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import type { Failure, Push, Question, Questions, Reply } from "../../runner/service/protocol.ts";
import { repositoryRoot, type Project } from "./project.ts";

/** What a question was refused with. */
export class Refused extends Error {
  readonly failure: Failure;

  constructor(failure: Failure) {
    super(failure.message);
    this.failure = failure;
  }
}

export class ServiceClient implements AsyncDisposable {
  readonly pushes: Push[] = [];
  readonly #process: ChildProcessByStdio<Writable, Readable, null>;
  readonly #name: string;
  readonly #waiting = new Map<number, (reply: Reply) => void>();
  readonly #watchers = new Set<() => void>();
  #last = 0;

  private constructor(process: ChildProcessByStdio<Writable, Readable, null>, name: string) {
    this.#process = process;
    this.#name = name;
    createInterface({ input: process.stdout }).on("line", (line) => {
      const { client, data } = JSON.parse(line) as { client: string; data: Reply | Push };
      if (client !== name) return;
      if ("push" in data) {
        this.pushes.push(data);
        for (const look of this.#watchers) look();
      } else if (data.id !== null) this.#waiting.get(data.id)?.(data);
    });
  }

  static start(project: Project, folder = "."): ServiceClient {
    const process_ = spawn(
      process.execPath,
      [join(repositoryRoot, "bin", "steplab.js"), "__service"],
      { cwd: project.path(folder), stdio: ["pipe", "pipe", "inherit"] },
    );
    return new ServiceClient(process_, "first");
  }

  /** Another front end of the same service. */
  another(): ServiceClient {
    return new ServiceClient(this.#process, "second");
  }

  async ask<Q extends Question>(
    question: Q,
    asks: Questions[Q]["asks"],
  ): Promise<Questions[Q]["answer"]> {
    const reply = await this.send({ ask: question, ...asks });
    if ("error" in reply) throw new Refused(reply.error);
    return reply.answer;
  }

  /** Anything at all, with an id of its own. */
  async send(data: object): Promise<Reply> {
    const id = ++this.#last;
    const reply = new Promise<Reply>((resolve) => this.#waiting.set(id, resolve));
    this.#process.stdin.write(`${JSON.stringify({ client: this.#name, data: { id, ...data } })}\n`);
    return await reply;
  }

  /** The first push that fits, of those that came and those that will. */
  async push<P extends Push>(fits: (push: Push) => push is P): Promise<P>;
  async push(fits: (push: Push) => boolean): Promise<Push>;
  async push(fits: (push: Push) => boolean): Promise<Push> {
    return await new Promise((resolve) => {
      const look = (): void => {
        const found = this.pushes.find(fits);
        if (found === undefined) return;
        this.#watchers.delete(look);
        resolve(found);
      };
      this.#watchers.add(look);
      look();
    });
  }

  close(): void {
    this.#process.stdin.write(`${JSON.stringify({ client: this.#name, closed: true })}\n`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#process.exitCode !== null) return;
    this.#process.stdin.end();
    await once(this.#process, "exit");
  }
}
