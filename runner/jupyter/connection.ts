/** @jupyterlab/services' KernelConnection on a kernel process of our own: no server, no bytes in between. */
import services from "@jupyterlab/services";
import type { Kernel } from "@jupyterlab/services";
import { randomUUID } from "node:crypto";
import type { ConnectionInfo } from "../../core/wire/connection-file.ts";
import { newMessage } from "../../core/wire/message.ts";
import { ZmqSocket } from "./zmq-socket.ts";

const MODEL = { id: "kernel", name: "steplab" };
const refuse = (what: string): Promise<never> => Promise.reject(new Error(what));

/** A connection of services' own kind to the sockets of a connection file. */
export function connectTo(
  connection: ConnectionInfo,
  options: { patient?: boolean } = {},
): Kernel.IKernelConnection {
  const { patient = false } = options;
  const session = randomUUID();
  const sockets: ZmqSocket[] = [];
  class Socket extends ZmqSocket {
    constructor() {
      super(connection, session, { patient });
      sockets.push(this);
    }
  }
  /** What Jupyter Server's REST interface does is done by the kernel's own control channel. */
  const control = (type: string, content: Record<string, unknown>): Promise<void> => {
    sockets.at(-1)?.send({ ...newMessage(type, session, content), channel: "control" });
    return Promise.resolve();
  };
  const serverSettings = services.ServerConnection.makeSettings({
    // KernelConnection uses the few members that ZmqSocket has; its serializer passes objects through.
    WebSocket: Socket as unknown as typeof WebSocket,
    serializer: { serialize: (message) => message as never, deserialize: (data) => data as never },
  });
  return new services.KernelConnection({
    model: MODEL,
    serverSettings,
    kernelAPIClient: {
      serverSettings,
      listRunning: () => Promise.resolve([MODEL]),
      getModel: () => Promise.resolve(MODEL),
      interrupt: () => control("interrupt_request", {}),
      shutdown: () => control("shutdown_request", { restart: false }),
      restart: () => refuse("a stage's kernel is never restarted: every attempt has a fresh one"),
      startNew: () => refuse("kernels are started by spawning them"),
    },
  });
}

/** services tells the console about every socket and every dead kernel: not news to whoever runs a pipeline. */
export function quietServices(): void {
  console.debug = () => undefined;
  console.warn = () => undefined;
}
