/**
 * A WebSocket that is not one: @jupyterlab/services' KernelConnection speaks through it straight to the
 * kernel's ZeroMQ sockets. Jupyter Server in between costs 40 ms a request (Nagle's algorithm against
 * delayed acknowledgements, reference: kernels.md section 1); the same KernelConnection drives a kernel
 * behind a server when it is given a real WebSocket instead.
 */
import { setTimeout as after } from "node:timers/promises";
import { Dealer, Subscriber, context } from "zeromq";
import { endpointOf, type ConnectionInfo } from "../../core/wire/connection-file.ts";
import { decodeFrames, encodeMessage } from "../../core/wire/frames.ts";
import { newMessage, type Message } from "../../core/wire/message.ts";

// A kernel that was killed never takes its last messages: the process must not wait for it, nor warn about it.
context.blocky = false;

/** A message as KernelConnection passes it: a wire message and the channel it belongs to. */
export type ChannelMessage = Message & { channel: Channel };
type Channel = "shell" | "control" | "stdin" | "iopub";

type Handler = ((event: { data?: unknown; code?: number; reason?: string }) => void) | null;

/** The default (100 ms) costs as much as the kernel's whole start: clients connect before kernels bind. */
const RECONNECT_MS = 2;
/** How often readiness is asked for until iopub delivers: a subscription is not in force when `connect` returns. */
const NUDGE_MS = 5;
/** A kernel that has lost a nudge is given another one. */
const PATIENT_NUDGE_MS = 1_000;

/** What services takes for a WebSocket: the kernel's ZeroMQ sockets behind a WebSocket's interface. */
export class ZmqSocket {
  onopen: Handler = null;
  onmessage: Handler = null;
  onclose: Handler = null;
  onerror: Handler = null;
  binaryType = "arraybuffer";
  /** "" is Jupyter's oldest WebSocket protocol; no bytes are encoded here, so it does not matter. */
  readonly protocol = "";
  readyState = 0;

  readonly #connection: ConnectionInfo;
  readonly #session: string;
  readonly #requests: Record<Exclude<Channel, "iopub">, SerialDealer>;
  readonly #iopub: Subscriber;
  readonly #nudges = new Set<string>();
  readonly #patient: boolean;
  /** Called when the kernel has answered a nudge. */
  #answered: () => void = () => undefined;
  #closed = false;

  /** @param patient for kernels that drop messages when they are asked for much at once: nudged again when they have answered */
  constructor(connection: ConnectionInfo, session: string, { patient }: { patient: boolean }) {
    this.#connection = connection;
    this.#session = session;
    this.#patient = patient;
    // One identity for the three: a kernel answers input requests to the identity of the shell request.
    const identity = session;
    this.#requests = {
      shell: new SerialDealer(identity),
      control: new SerialDealer(identity),
      stdin: new SerialDealer(identity),
    };
    // Small: our kernel drops nothing, it waits, and so a flood slows its cell down instead of filling this process.
    this.#iopub = new Subscriber({
      receiveHighWaterMark: 64,
      reconnectInterval: RECONNECT_MS,
      linger: 0,
    });
    for (const channel of ["shell", "control", "stdin"] as const) {
      this.#requests[channel].connect(endpointOf(connection, channel));
      void this.#receive(this.#requests[channel], channel);
    }
    this.#iopub.subscribe();
    this.#iopub.connect(endpointOf(connection, "iopub"));
    void this.#receive(this.#iopub, "iopub");
    void this.#open();
  }

  send(message: ChannelMessage): void {
    if (message.channel === "iopub") throw new Error("iopub is read only");
    this.#requests[message.channel].send(encodeMessage(message, this.#connection.key));
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.readyState = 3;
    for (const socket of Object.values(this.#requests)) socket.close();
    this.#iopub.close();
  }

  /** Open means: a request is answered and iopub delivers. Until then kernel_info requests "nudge" the kernel. */
  async #open(): Promise<void> {
    while (this.readyState === 0) {
      const nudge = newMessage("kernel_info_request", this.#session, {});
      this.#nudges.add(nudge.header.msg_id);
      const answered = new Promise<void>((resolve) => (this.#answered = resolve));
      this.send({ ...nudge, channel: "shell" });
      if (this.#patient) await Promise.race([answered, after(PATIENT_NUDGE_MS)]);
      await after(NUDGE_MS);
    }
  }

  async #receive(socket: AsyncIterable<Buffer[]>, channel: Channel): Promise<void> {
    try {
      for await (const frames of socket) {
        const { message } = decodeFrames(frames, this.#connection.key);
        this.#deliver({ ...message, channel });
      }
    } catch (error) {
      if (!this.#closed) this.onerror?.({ code: 1011, reason: String(error) });
    }
  }

  #deliver(message: ChannelMessage): void {
    const parent = message.parent_header.msg_id;
    if (message.header.msg_type === "iopub_welcome") return;
    if (parent !== undefined && this.#nudges.has(parent)) {
      if (message.channel === "iopub" && this.readyState === 0) {
        this.readyState = 1;
        this.onopen?.({});
      }
      if (message.channel === "shell") this.#answered();
      return;
    }
    this.onmessage?.({ data: message });
  }
}

/** zeromq.js refuses a second `send` while one is under way (EBUSY), so sends queue up here. */
class SerialDealer implements AsyncIterable<Buffer[]> {
  readonly #socket: Dealer;
  #tail: Promise<void> = Promise.resolve();

  constructor(identity: string) {
    this.#socket = new Dealer({
      routingId: identity,
      reconnectInterval: RECONNECT_MS,
      linger: 0,
      sendHighWaterMark: 0,
      receiveHighWaterMark: 0,
    });
  }

  connect(address: string): void {
    this.#socket.connect(address);
  }

  send(frames: Buffer[]): void {
    this.#tail = this.#tail.then(() => this.#socket.send(frames)).catch(() => undefined); // a closed socket: the kernel's death is told by its process
  }

  close(): void {
    this.#socket.close();
  }

  [Symbol.asyncIterator](): AsyncIterator<Buffer[]> {
    return this.#socket[Symbol.asyncIterator]() as AsyncIterator<Buffer[]>; // zeromq types the frames as MessageLike
  }
}
