/**
 * A kernel process and a small protocol client of the tests' own: ZeroMQ and frames, nothing of the
 * runner. It keeps every message, so that a test can say what must come before what.
 */
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Dealer, Request, Subscriber } from "zeromq";
import {
  endpointOf,
  writeConnectionFile,
  type ConnectionInfo,
} from "../../core/wire/connection-file.ts";
import { decodeFrames, encodeMessage } from "../../core/wire/frames.ts";
import { ADDRESS_TAKEN, tcpConnection } from "../../core/wire/tcp-connection.ts";
import { newMessage, type Content, type Message } from "../../core/wire/message.ts";

const ENTRY = fileURLToPath(new URL("../../kernel/boot.js", import.meta.url));
/** ZeroMQ's own 100 ms would cost as much as the kernel's start. */
const RECONNECT_MS = 4;
const TIMEOUT_MS = 20_000;

/** All that came of one request, in the order of arrival on each channel. */
export interface Answer {
  reply: Message;
  /** From `busy` to `idle`, both left out. */
  messages: Message[];
  /** Stream text joined, per stream. */
  stdout: string;
  stderr: string;
  /** The result's or the displays' plain text, in order. */
  texts: string[];
  error: { ename: string; evalue: string; traceback: string[] } | null;
}

export interface KernelOptions {
  /** Working directory; a temporary folder of its own where left out. */
  folder?: string;
  env?: NodeJS.ProcessEnv;
  /** The command, as a kernelspec has it. */
  argv?: string[];
  /** Not steplab's kernel: it sends no `iopub_welcome`, and drops what a full socket does not take. */
  foreign?: boolean;
  /** After how long a silence nothing more is expected; 20 s where left out. */
  silenceMs?: number;
}

/** Nothing came for so long that nothing will. */
export class KernelSilent extends Error {}

export class KernelClient implements AsyncDisposable {
  static readonly entry = ENTRY;
  readonly process: ChildProcess;
  readonly connection: ConnectionInfo;
  /** Everything that iopub brought, in order. */
  readonly published: Message[] = [];
  /** What the process itself wrote to its standard error. */
  log = "";
  readonly #shell: Dealer;
  readonly #control: Dealer;
  readonly #stdin: Dealer;
  readonly #iopub: Subscriber;
  readonly #folder: string;
  readonly #silenceMs: number;
  #closed = false;
  readonly #session = "test";
  readonly #waiting = new Set<() => void>();
  readonly #replies: Message[] = [];
  readonly #inputRequests: Message[] = [];

  private constructor(
    child: ChildProcess,
    connection: ConnectionInfo,
    folder: string,
    options: KernelOptions,
  ) {
    this.process = child;
    this.connection = connection;
    this.#folder = folder;
    this.#silenceMs = options.silenceMs ?? TIMEOUT_MS;
    const socket = { routingId: "test-client", reconnectInterval: RECONNECT_MS, linger: 0 };
    this.#shell = new Dealer(socket);
    this.#control = new Dealer(socket);
    this.#stdin = new Dealer(socket);
    this.#iopub = new Subscriber({
      reconnectInterval: RECONNECT_MS,
      // Little: back-pressure must reach the kernel, or a flood lies in this process's memory.
      receiveHighWaterMark: options.foreign === true ? 0 : 16,
      linger: 0,
    });
    this.#iopub.subscribe();
    this.#shell.connect(endpointOf(connection, "shell"));
    this.#control.connect(endpointOf(connection, "control"));
    this.#stdin.connect(endpointOf(connection, "stdin"));
    this.#iopub.connect(endpointOf(connection, "iopub"));
    void this.#collect(this.#shell, this.#replies);
    void this.#collect(this.#control, this.#replies);
    void this.#collect(this.#stdin, this.#inputRequests);
    void this.#collect(this.#iopub, this.published);
    child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      this.log += text;
      this.#wake();
    });
    child.on("exit", () => this.#wake());
  }

  /** Ready when the kernel has answered and iopub is known to deliver. Again, when another program was quicker at a port. */
  static async start(options: KernelOptions = {}): Promise<KernelClient> {
    for (let tries = 1; ; tries++) {
      const client = await KernelClient.#spawn(options);
      try {
        await client.#ready(options);
        return client;
      } catch (error) {
        await client[Symbol.asyncDispose]();
        if (tries === 3 || !ADDRESS_TAKEN.test(client.log)) throw error;
      }
    }
  }

  static async #spawn(options: KernelOptions): Promise<KernelClient> {
    const folder = mkdtempSync(join(tmpdir(), "steplab-kernel-"));
    const file = join(folder, "connection.json");
    const connection = await tcpConnection();
    writeConnectionFile(file, connection);
    const argv = options.argv ?? [
      process.execPath,
      "--no-force-async-hooks-checks",
      ENTRY,
      "{connection_file}",
    ];
    const [command = "", ...args] = argv.map((part) => part.replace("{connection_file}", file));
    const child = spawn(command, args, {
      cwd: options.folder ?? folder,
      env: { ...process.env, TZ: "UTC", ...options.env },
      stdio: ["ignore", "ignore", "pipe"],
    });
    return new KernelClient(child, connection, folder, options);
  }

  async #ready(options: KernelOptions): Promise<void> {
    const lives = (): boolean => {
      const { exitCode, signalCode } = this.process;
      if (exitCode === null && signalCode === null) return true;
      throw new Error(`The kernel ended (${exitCode ?? signalCode}) as it started: ${this.log}`);
    };
    if (options.foreign === true) {
      const id = this.send("kernel_info_request", {});
      await this.until(() => lives() && this.#replies.some((m) => m.parent_header.msg_id === id));
      return;
    }
    const welcomed = (m: Message): boolean => m.header.msg_type === "iopub_welcome";
    await this.until(() => lives() && this.published.some(welcomed));
    await this.request("kernel_info_request");
  }

  /** Resolves once iopub delivers: for a kernel that does not say so itself. */
  async subscribed(): Promise<void> {
    const idle = (id: string): boolean =>
      this.published.some(
        (m) => m.parent_header.msg_id === id && m.content["execution_state"] === "idle",
      );
    for (let tries = 0; tries < 100; tries++) {
      const id = this.send("kernel_info_request", {});
      await this.until(() => this.#replies.some((m) => m.parent_header.msg_id === id));
      for (let waited = 0; waited < 10; waited++) {
        if (idle(id)) return;
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
    }
    throw new KernelSilent("The kernel answers, but its iopub socket brings nothing");
  }

  async execute(code: string, content: Content = {}, metadata: Content = {}): Promise<Answer> {
    return await this.answerOf(this.send("execute_request", { code, ...content }, { metadata }));
  }

  async request(type: string, content: Content = {}, channel?: "control"): Promise<Answer> {
    return await this.answerOf(this.send(type, content, channel ? { channel } : {}));
  }

  /** Sends without waiting; returns the message's id for `answerOf`. */
  send(
    type: string,
    content: Content,
    rest: { channel?: "control" | "stdin"; metadata?: Content; buffers?: Uint8Array[] } = {},
  ): string {
    const { channel, ...parts } = rest;
    const message = newMessage(type, this.#session, content, parts);
    const socket =
      channel === "control" ? this.#control : channel === "stdin" ? this.#stdin : this.#shell;
    void socket.send(encodeMessage(message, this.connection.key));
    return message.header.msg_id;
  }

  /** Waits for reply and idle: nothing of the request may come later. */
  async answerOf(id: string): Promise<Answer> {
    const idle = (m: Message): boolean =>
      m.parent_header.msg_id === id && m.content["execution_state"] === "idle";
    const isReply = (m: Message): boolean => m.parent_header.msg_id === id;
    await this.until(() => this.#replies.some(isReply) && this.published.some(idle));
    const reply = this.#replies.find(isReply);
    if (!reply) throw new Error("unreachable: waited for it above");
    return summarise(reply, this.messagesOf(id));
  }

  /** What has been answered to a request until now. */
  repliesTo(id: string): Message[] {
    return this.#replies.filter((m) => m.parent_header.msg_id === id);
  }

  messagesOf(id: string): Message[] {
    return this.published.filter(
      (m) => m.parent_header.msg_id === id && m.header.msg_type !== "status",
    );
  }

  /** Resolves once iopub has brought a message that fits. */
  async message(fits: (message: Message) => boolean): Promise<Message> {
    await this.until(() => this.published.some(fits));
    return this.published.find(fits) as Message; // waited for just above
  }

  /** The next question of `prompt`. */
  async inputRequest(): Promise<Message> {
    await this.until(() => this.#inputRequests.length > 0);
    return this.#inputRequests.shift() as Message; // waited for just above
  }

  /** Looks again whenever a message came or the process ended; fails when nothing does for long. */
  async until(holds: () => boolean): Promise<void> {
    while (!holds()) {
      await new Promise<void>((resolve, reject) => {
        const timer = setTimeout(() => {
          this.#waiting.delete(wake);
          const { exitCode } = this.process;
          reject(
            new KernelSilent(`Nothing came of the kernel (exit code ${exitCode}): ${this.log}`),
          );
        }, this.#silenceMs);
        const wake = (): void => {
          clearTimeout(timer);
          this.#waiting.delete(wake);
          resolve();
        };
        this.#waiting.add(wake);
      });
    }
  }

  async interrupt(): Promise<void> {
    await this.request("interrupt_request", {}, "control");
  }

  /** Resolves with code and signal once the process is gone. */
  async exited(): Promise<{ code: number | null; signal: string | null }> {
    await this.until(() => this.process.exitCode !== null || this.process.signalCode !== null);
    return { code: this.process.exitCode, signal: this.process.signalCode };
  }

  /** Heartbeat: what was sent comes back. */
  async beat(text: string): Promise<string> {
    const socket = new Request({ linger: 0 });
    socket.connect(endpointOf(this.connection, "hb"));
    await socket.send(text);
    const [frame] = await socket.receive();
    socket.close();
    return String(frame);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.process.exitCode === null && this.process.signalCode === null) {
      const gone = once(this.process, "exit");
      this.process.kill("SIGKILL");
      await gone;
    }
    this.#closed = true;
    for (const socket of [this.#shell, this.#control, this.#stdin, this.#iopub]) socket.close();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  async #collect(socket: Dealer | Subscriber, into: Message[]): Promise<void> {
    try {
      for await (const frames of socket) {
        into.push(decodeFrames(frames, this.connection.key).message);
        this.#wake();
      }
    } catch (error) {
      if (!this.#closed) throw error; // what was on its way to a socket that is closed now
    }
  }

  #wake(): void {
    for (const wake of Array.from(this.#waiting)) wake(); // each takes itself out
  }
}

function summarise(reply: Message, messages: Message[]): Answer {
  const streamed = (name: string): string =>
    messages
      .filter((m) => m.header.msg_type === "stream" && m.content["name"] === name)
      .map((m) => String(m.content["text"]))
      .join("");
  const error = messages.find((m) => m.header.msg_type === "error");
  return {
    reply,
    messages,
    stdout: streamed("stdout"),
    stderr: streamed("stderr"),
    texts: messages.flatMap(({ content }) => {
      const data = content["data"] as Record<string, unknown> | undefined; // of results and displays
      return data && "text/plain" in data ? [String(data["text/plain"])] : [];
    }),
    error: error ? (error.content as unknown as Answer["error"]) : null, // the protocol's error content
  };
}
