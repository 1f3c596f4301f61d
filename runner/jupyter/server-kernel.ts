/**
 * A kernel that a Jupyter Server carries. Its process is the server's, which tells only that it is there or gone; and the
 * way to it breaks. While something is asked of it, the server is looked at besides, so that nothing is waited for in vain.
 */
import services from "@jupyterlab/services";
import type { Kernel, KernelMessage } from "@jupyterlab/services";
import { setTimeout as after } from "node:timers/promises";
import type { KernelBody } from "./client.ts";
import type { KernelExit, KernelProcessOptions } from "./kernel-process.ts";

/** How long a server that does not answer is waited for. */
const PATIENCE_MS = 60_000;
const LOOK_MS = 1_000;
/** While all seems well. */
const CALM_LOOK_MS = 5_000;
/** A connection that is taken up again has this long to stand. */
const RECONNECT_MS = 5_000;
/** So often in a row a kernel is seen idle that owes an answer, and nothing comes: it was lost. */
const IDLE_LOOKS = 10;

export class ServerKernel implements KernelBody {
  readonly pid = null;
  readonly exited: Promise<KernelExit>;
  /** Native output goes to the server's own log. */
  onLog: KernelProcessOptions["onLog"] = () => undefined;
  readonly #connection: Kernel.IKernelConnection;
  readonly #end: (exit: KernelExit) => void;
  /** Requests whose answer has not come. */
  readonly #asked = new Set<string>();
  /** Messages that came. */
  #heard = 0;
  #ended = false;
  #looking = false;

  constructor(connection: Kernel.IKernelConnection) {
    const { promise, resolve } = Promise.withResolvers<KernelExit>();
    this.exited = promise;
    this.#end = resolve;
    this.#connection = connection;
    connection.statusChanged.connect((_, status) => {
      if (status === "dead")
        this.#lose(
          "it is no longer on the server, which was restarted or was told to end the kernel",
        );
      // A new process under the same name: what the cells before had made is gone.
      if (status === "autorestarting" || status === "restarting")
        this.#lose("its process died, and the server started another");
    });
    connection.connectionStatusChanged.connect(() => void this.#look());
    connection.anyMessage.connect((_, { msg, direction }) => this.#count(msg, direction));
    void promise.then(() => (this.#ended = true));
  }

  protect(): void {
    // The value is the server's own environment's, which this process does not know.
  }

  kill(): void {
    void this.#connection.shutdown().catch(() => undefined); // gone already, or out of reach
    this.#end({ exitCode: null, signal: "SIGKILL", stderr: "" });
  }

  #lose(lost: string): void {
    this.#end({ exitCode: null, signal: null, stderr: "", lost });
  }

  #count(message: KernelMessage.IMessage, direction: "send" | "recv"): void {
    if (direction === "recv") this.#heard += 1;
    if (direction === "send" && message.header.msg_type === "execute_request") {
      this.#asked.add(message.header.msg_id);
      void this.#look();
    } else if (message.header.msg_type === "execute_reply" && "msg_id" in message.parent_header)
      this.#asked.delete(message.parent_header.msg_id);
  }

  /** As long as an answer is owed: is the server there, is the kernel, does the connection stand? */
  async #look(): Promise<void> {
    if (this.#looking) return;
    this.#looking = true;
    const { id, serverSettings } = this.#connection;
    let silentSince: number | null = null;
    let reconnected = 0;
    let idle = 0;
    while (this.#asked.size > 0 && !this.#ended) {
      const calm = this.#connection.connectionStatus === "connected" && idle === 0;
      await after(calm && silentSince === null ? CALM_LOOK_MS : LOOK_MS, undefined, { ref: false });
      if (this.#asked.size === 0 || this.#ended) break;
      const heard = this.#heard;
      const model = await modelOf(id, serverSettings);
      if (model === null) {
        silentSince ??= Date.now();
        if (Date.now() - silentSince > PATIENCE_MS)
          this.#lose("the connection to the server broke, and did not come back");
        continue;
      }
      silentSince = null;
      if (model === undefined) {
        this.#lose(
          "it is no longer on the server, which was restarted or was told to end the kernel",
        );
      } else if (this.#connection.connectionStatus !== "connected") {
        // services waits up to half a minute before it tries again; the server is there now.
        if (Date.now() - reconnected < RECONNECT_MS) continue;
        reconnected = Date.now();
        void this.#connection.reconnect().catch(() => undefined); // looked at again
      } else {
        // What the server has seen may still be on its way here.
        const isSilent = model.execution_state === "idle" && heard === this.#heard;
        idle = isSilent && this.#asked.size > 0 ? idle + 1 : 0;
        if (idle >= IDLE_LOOKS)
          this.#lose("its answer was lost while the connection to the server was broken");
      }
    }
    this.#looking = false;
  }
}

/** Undefined: the server has no such kernel. Null: nobody answers, or not in time. */
async function modelOf(
  id: string,
  settings: Kernel.IKernelConnection["serverSettings"],
): Promise<Awaited<ReturnType<typeof services.KernelAPI.getKernelModel>> | null> {
  const asked = services.KernelAPI.getKernelModel(id, settings).catch((error: unknown) => {
    const { ResponseError } = services.ServerConnection;
    // Another server is there now, with a token of its own: of this kernel it knows nothing.
    const isRefused = error instanceof ResponseError && [401, 403].includes(error.response.status);
    return isRefused ? undefined : null;
  });
  return await Promise.race([asked, after(LOOK_MS * 5, null, { ref: false })]);
}
