/** The kernel's five sockets, and how messages leave through them. */
import type { MessageLike, Writable } from "zeromq";
import { Reply, Router, XPublisher } from "zeromq";
import type { Channel, ConnectionInfo } from "../../core/wire/connection-file.ts";
import { endpointOf } from "../../core/wire/connection-file.ts";
import { encodeMessage, encodeParts } from "../../core/wire/frames.ts";
import type { Content, Header, Message, ParentHeader } from "../../core/wire/message.ts";
import { newHeader, newMessage } from "../../core/wire/message.ts";

/** A request as it came: who sent it is needed to answer. */
export interface Request {
  identities: Buffer[];
  message: Message;
}

/**
 * iopub holds this many messages for a slow client before the kernel waits for it. Text messages are at
 * most 128 KiB (link/ring.ts), so a flood costs some megabytes, and its end is not far behind an interrupt.
 */
const IOPUB_HIGH_WATER_MARK = 16;
/** At the end, clients get this long to take what was sent. */
const LINGER_MS = 1000;

export class Wire {
  readonly shell = new Router({ sendHighWaterMark: 0, receiveHighWaterMark: 0, linger: LINGER_MS });
  readonly control = new Router({ sendHighWaterMark: 0, linger: LINGER_MS });
  readonly stdin = new Router({ sendHighWaterMark: 0, linger: LINGER_MS });
  readonly heartbeat = new Reply({ linger: 0 });
  // noDrop: a PUB socket would silently drop for a slow client. This one waits: back-pressure reaches the cell.
  readonly iopub = new XPublisher({
    sendHighWaterMark: IOPUB_HIGH_WATER_MARK,
    linger: LINGER_MS,
    noDrop: true,
  });
  readonly #connection: ConnectionInfo;
  readonly #session: string;
  readonly #outboxes = new Map<Writable, Outbox>();
  /** Of requests that are counted: by their id, what was published for them so far. */
  readonly #published = new Map<string, number>();

  constructor(connection: ConnectionInfo, session: string) {
    this.#connection = connection;
    this.#session = session;
    this.iopub.verbosity = "allSubs"; // JEP 65: every subscriber is welcomed, not the first alone
  }

  /** @throws Error of ZeroMQ's, with `code` and `address`: a port is taken, an address is not this machine's */
  async bind(): Promise<void> {
    const sockets = {
      shell: this.shell,
      control: this.control,
      stdin: this.stdin,
      iopub: this.iopub,
      hb: this.heartbeat,
    };
    const names = Object.keys(sockets) as Channel[]; // the literal's own keys
    const bound = await Promise.allSettled(
      names.map((name) => sockets[name].bind(endpointOf(this.#connection, name))),
    );
    for (const result of bound) if (result.status === "rejected") throw result.reason;
  }

  send(
    socket: Router,
    identities: readonly Uint8Array[],
    parent: ParentHeader,
    type: string,
    content: Content,
    metadata: Record<string, unknown> = {},
  ): void {
    const message = newMessage(type, this.#session, content, { parent_header: parent, metadata });
    this.#outbox(socket).push(encodeMessage(message, this.#connection.key, identities));
  }

  /**
   * From here on, what is published for this request is counted: what stands between kernel and client may lose messages
   * (a Jupyter Server drops what comes faster than its limit, a connection breaks), and a client that is told can notice.
   */
  beginCount({ msg_id }: ParentHeader): void {
    if (msg_id !== undefined) this.#published.set(msg_id, 0);
  }

  /** How many there were; undefined where nobody began. */
  endCount({ msg_id }: ParentHeader): number | undefined {
    const count = this.#published.get(msg_id);
    this.#published.delete(msg_id);
    return count;
  }

  #count({ msg_id }: ParentHeader): void {
    const count = this.#published.get(msg_id);
    if (count !== undefined) this.#published.set(msg_id, count + 1);
  }

  publish(
    type: string,
    parent: ParentHeader,
    content: Content,
    rest: { metadata?: Record<string, unknown>; buffers?: Uint8Array[]; topic?: Buffer } = {},
  ): void {
    this.#count(parent);
    const message = newMessage(type, this.#session, content, { parent_header: parent, ...rest });
    const topic = rest.topic ?? Buffer.from(type);
    this.#outbox(this.iopub).push(encodeMessage(message, this.#connection.key, [topic]));
  }

  /** Publishes content that is JSON bytes already. */
  publishBytes(type: string, parent: ParentHeader, metadata: Buffer, content: Buffer): void {
    this.#count(parent);
    const header: Header = newHeader(type, this.#session);
    const json = [
      Buffer.from(JSON.stringify(header)),
      Buffer.from(JSON.stringify(parent)),
      metadata,
      content,
    ];
    this.#outbox(this.iopub).push(encodeParts(json, this.#connection.key, [Buffer.from(type)]));
  }

  get key(): string {
    return this.#connection.key;
  }

  /** Resolves when iopub has taken all that was published: the ring is not read faster than clients are. */
  published(): Promise<void> {
    return this.#outbox(this.iopub).sent();
  }

  /** Sends what waits, then closes. Sockets left open at exit end the process with an abort. */
  async close(): Promise<void> {
    await Promise.race([
      Promise.all([...this.#outboxes.values()].map((outbox) => outbox.sent())),
      new Promise((resolve) => setTimeout(resolve, LINGER_MS).unref()),
    ]);
    for (const socket of [this.shell, this.control, this.stdin, this.heartbeat, this.iopub]) {
      socket.close();
    }
  }

  #outbox(socket: Writable): Outbox {
    let outbox = this.#outboxes.get(socket);
    if (!outbox) this.#outboxes.set(socket, (outbox = new Outbox(socket)));
    return outbox;
  }
}

/** Sends in order, one at a time: zeromq.js refuses a second send while the first waits (EBUSY). */
class Outbox {
  readonly #socket: Writable;
  readonly #queue: MessageLike[][] = [];
  #pumping: Promise<void> | null = null;

  constructor(socket: Writable) {
    this.#socket = socket;
  }

  push(frames: MessageLike[]): void {
    this.#queue.push(frames);
    this.#pumping ??= this.#pump();
  }

  async sent(): Promise<void> {
    while (this.#pumping) await this.#pumping;
  }

  async #pump(): Promise<void> {
    for (let frames = this.#queue[0]; frames; frames = this.#queue[0]) {
      if (await this.#sendNow(frames)) this.#queue.shift();
      else await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    }
    this.#pumping = null;
  }

  /** False when the client must catch up first. */
  async #sendNow(frames: MessageLike[]): Promise<boolean> {
    try {
      await this.#socket.send(frames);
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code; // zeromq.js sets it
      // A socket with noDrop reports itself writable and then refuses: zeromq.js cannot wait for it.
      if (code === "EAGAIN") return false;
      // A client that left, or a socket closed under us: this message has no reader any more.
      if (code !== "EHOSTUNREACH" && code !== "EBADF") throw error;
    }
    return true;
  }
}

const RETRY_MS = 1;
