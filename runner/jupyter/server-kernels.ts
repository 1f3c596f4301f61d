/**
 * Kernels of a Jupyter Server that runs already, driven as our own are: `steplab run --server <url>`.
 *
 * Server and runner must see the project in the same folder (one machine, one container, a mounted disk): inputs and
 * outputs are then read and written where they lie, which costs nothing. Each kernel proves it, by reading a file that
 * the runner has just written.
 */
import services from "@jupyterlab/services";
import type { Kernel } from "@jupyterlab/services";
import { randomUUID } from "node:crypto";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as after } from "node:timers/promises";
import { messageOf, StepLabError } from "../../core/error.ts";
import { archiveOf } from "../../lineage/archive.ts";
import { ensureFolder, writeFileAtomic } from "../../lineage/store/files.ts";
import { KernelClient, type KernelBody } from "./client.ts";
import { quietServices } from "./connection.ts";
import { FIXED_ENVIRONMENT, type KernelExit, type KernelProcessOptions } from "./kernel-process.ts";

export interface JupyterServer {
  /** Its base address: `http://127.0.0.1:8888/`. */
  url: string;
  /** Never written down. */
  token: string;
}

const KERNEL = "steplab";
const ANSWER_MS = 15_000;
/** How long a broken connection is waited for. */
const PATIENCE_MS = 60_000;
const LOOK_MS = 1_000;
const GONE = "it is no longer on the server, which was restarted or was told to end the kernel";

/** One run's connection to a server. Disposing it leaves the server as it was. */
export class ServerKernels implements Disposable {
  readonly #url: string;
  readonly #projectRoot: string;
  readonly #manager: Kernel.IManager;

  private constructor(url: string, projectRoot: string, manager: Kernel.IManager) {
    this.#url = url;
    this.#projectRoot = projectRoot;
    this.#manager = manager;
  }

  /** @throws StepLabError `server/unreachable`, `server/refused`, `server/no-kernel` */
  static async connect({ url, token }: JupyterServer, projectRoot: string): Promise<ServerKernels> {
    quietServices();
    const serverSettings = services.ServerConnection.makeSettings({
      baseUrl: url,
      token,
      appendToken: true,
    });
    const names = await kernelNames(url, serverSettings);
    if (!names.includes(KERNEL))
      throw new StepLabError("server/no-kernel", `${url} has no kernel named "${KERNEL}".`, {
        hint: `It has: ${names.join(", ")}. Install it there: npx steplab kernel install`,
      });
    return new ServerKernels(url, projectRoot, new services.KernelManager({ serverSettings }));
  }

  /** @throws StepLabError `server/unreachable`, `server/not-shared` */
  async start(): Promise<KernelClient> {
    let connection: Kernel.IKernelConnection;
    try {
      connection = await this.#manager.startNew({ name: KERNEL });
    } catch (error) {
      throw unreachable(this.#url, error);
    }
    const client = new KernelClient(new ServerKernel(connection), connection);
    try {
      await client.ready();
      await this.#prove(client);
      return client;
    } catch (error) {
      await client.close();
      throw error;
    }
  }

  [Symbol.dispose](): void {
    this.#manager.dispose();
  }

  /** Also gives it what our own processes are started with, as far as a running one can take it. */
  async #prove(client: KernelClient): Promise<void> {
    const { scratch } = archiveOf(this.#projectRoot);
    const name = `server-${randomUUID()}`;
    const probe = join(scratch, name);
    ensureFolder(scratch);
    writeFileAtomic(probe, name, { durable: false });
    try {
      const { status } = await client.execute(
        `process.env.TZ = ${JSON.stringify(FIXED_ENVIRONMENT.TZ)};
if ((await import("node:fs")).readFileSync(${JSON.stringify(probe)}, "utf8") !== ${JSON.stringify(name)}) throw new Error("another file");`,
        { silent: true },
      );
      if (status === "ok") return;
    } finally {
      rmSync(probe, { force: true });
    }
    throw new StepLabError(
      "server/not-shared",
      `The kernels of ${this.#url} do not see this project in ${this.#projectRoot}.`,
      {
        hint: "Mount the project there under the same path, or run on the server's machine: inputs and outputs are read and written where they lie.",
      },
    );
  }
}

/** A kernel that a server carries: its process is the server's, which tells only that it is there or gone. */
class ServerKernel implements KernelBody {
  readonly pid = null;
  readonly exited: Promise<KernelExit>;
  /** Native output goes to the server's own log. */
  onLog: KernelProcessOptions["onLog"] = () => undefined;
  readonly #connection: Kernel.IKernelConnection;
  readonly #end: (exit: KernelExit) => void;
  /** Since when the connection is broken; null while it stands. */
  #outOfReach: number | null = null;
  #looks = 0;

  constructor(connection: Kernel.IKernelConnection) {
    const { promise, resolve } = Promise.withResolvers<KernelExit>();
    this.exited = promise;
    this.#end = resolve;
    this.#connection = connection;
    connection.statusChanged.connect((_, status) => {
      if (status === "dead") this.#lose(GONE);
      // A new process under the same name: what the cells before had made is gone.
      if (status === "autorestarting" || status === "restarting")
        this.#lose("its process died, and the server started another");
    });
    connection.connectionStatusChanged.connect((_, status) => {
      if (status === "connected") this.#outOfReach = null;
      else if (this.#outOfReach === null) void this.#look(++this.#looks);
    });
    void this.exited.then(() => (this.#outOfReach = null));
  }

  /**
   * While the connection is broken: services tries to connect anew by itself, at random intervals,
   * and does not say when there is nothing to come back to.
   */
  async #look(number: number): Promise<void> {
    const since = Date.now();
    this.#outOfReach = since;
    const { id, serverSettings } = this.#connection;
    while (this.#outOfReach === since && number === this.#looks) {
      const model = await services.KernelAPI.getKernelModel(id, serverSettings).catch(() => null);
      if (this.#outOfReach !== since) return;
      if (model === undefined) return this.#lose(GONE);
      if (Date.now() - since > PATIENCE_MS)
        return this.#lose("the connection to the server broke, and did not come back");
      await after(LOOK_MS);
    }
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
}

async function kernelNames(
  url: string,
  settings: ReturnType<typeof services.ServerConnection.makeSettings>,
): Promise<string[]> {
  try {
    const signal = AbortSignal.timeout(ANSWER_MS);
    const answer = await services.ServerConnection.makeRequest(
      new URL("api/kernelspecs", settings.baseUrl).href,
      { signal },
      settings,
    );
    if (answer.status === 401 || answer.status === 403)
      throw new StepLabError("server/refused", `${url} does not take this token.`, {
        hint: "Jupyter prints its token when it starts: jupyter server list. Give it in JUPYTER_TOKEN.",
      });
    if (!answer.ok) throw new Error(`it answered ${answer.status} ${answer.statusText}`);
    const { kernelspecs } = (await answer.json()) as { kernelspecs: object }; // as the server defines it
    return Object.keys(kernelspecs);
  } catch (error) {
    throw error instanceof StepLabError ? error : unreachable(url, error);
  }
}

function unreachable(url: string, error: unknown): StepLabError {
  return new StepLabError(
    "server/unreachable",
    `${url} is no Jupyter Server that answers: ${messageOf(error)}`,
    {
      hint: "Is it running, and is this its base address? jupyter server list shows both.",
      cause: error,
    },
  );
}
