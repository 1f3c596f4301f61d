/**
 * Kernels of a Jupyter Server that runs already, driven as our own are: `steplab run --server <url>`.
 *
 * Where server and runner see the project in the same folder (one machine, one container, a mounted disk), inputs and
 * outputs are read and written where they lie, which costs nothing; the first kernel shows whether it is so, by reading a
 * file that the runner has just written. Elsewhere they go through the server's contents interface.
 */
import services from "@jupyterlab/services";
import type { Kernel, ServerConnection } from "@jupyterlab/services";
import { randomUUID } from "node:crypto";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { messageOf, StepLabError } from "../../core/error.ts";
import { archiveOf } from "../../lineage/archive.ts";
import type { KernelFacts } from "../../lineage/record.ts";
import { ensureFolder, writeFileAtomic } from "../../lineage/store/files.ts";
import { KernelClient, KernelDied, notStarted } from "./client.ts";
import { quietServices } from "./connection.ts";
import { FIXED_ENVIRONMENT } from "./kernel-process.ts";
import { Mirror } from "./mirror.ts";
import { askKernel, MirroredKernel } from "./mirrored-kernel.ts";
import { ServerFiles } from "./server-files.ts";
import { ServerKernel } from "./server-kernel.ts";
import type { StageKernel } from "./stage-kernel.ts";

export interface JupyterServer {
  /** Its base address: `http://127.0.0.1:8888/`. */
  url: string;
  /** Never written down. */
  token: string;
  /** How inputs and outputs go there and back; absent: by the folder if both see it, which costs nothing. */
  files?: "shared" | "contents";
}

const KERNEL = "steplab";
const ANSWER_MS = 15_000;

/** One run's connection to a server. Disposing it leaves the server as it was. */
export class ServerKernels implements Disposable {
  readonly #url: string;
  readonly #projectRoot: string;
  readonly #settings: ServerConnection.ISettings;
  readonly #files: JupyterServer["files"];
  readonly #manager: Kernel.IManager;
  /** Aborted when the run is over. */
  readonly #over = new AbortController();
  /** Found out by the first kernel. */
  #mirror: Promise<Mirror | null> | undefined;

  private constructor(
    url: string,
    projectRoot: string,
    settings: ServerConnection.ISettings,
    files: JupyterServer["files"],
  ) {
    this.#url = url;
    this.#files = files;
    this.#projectRoot = projectRoot;
    this.#settings = settings;
    this.#manager = new services.KernelManager({ serverSettings: settings });
  }

  /** @throws StepLabError `server/unreachable`, `server/refused`, `server/no-kernel` */
  static async connect(
    { url: address, token, files }: JupyterServer,
    projectRoot: string,
  ): Promise<ServerKernels> {
    quietServices();
    const { origin, pathname } = new URL(address);
    const url = new URL(pathname, origin).href; // a token in the address is not to be written down
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
    return new ServerKernels(url, projectRoot, serverSettings, files);
  }

  /**
   * Once more where the connection breaks meanwhile: no code of a stage has run by then.
   *
   * @throws StepLabError `server/unreachable`, `server/not-shared`, `server/no-files`, `kernel/not-started`
   */
  async start(): Promise<StageKernel> {
    try {
      return await this.#start().catch((error: unknown) => {
        if (isLostAtStart(error)) return this.#start();
        throw error;
      });
    } catch (error) {
      throw error instanceof KernelDied ? notStarted(error.exit) : error;
    }
  }

  async #start(): Promise<StageKernel> {
    this.#mirror ??= this.#findMirror();
    this.#mirror.catch(() => (this.#mirror = undefined)); // the next stage tries again
    const mirror = await this.#mirror;
    const client = await this.#startIn(mirror?.folder);
    if (mirror === null) return client;
    try {
      await client.ready();
      const root = z.string().parse(await askKernel(client, "process.cwd()"));
      return new MirroredKernel(client, mirror, root.replaceAll("\\", "/"));
    } catch (error) {
      await client.close();
      throw error;
    }
  }

  /** Null where the project's own folder will do. */
  async #findMirror(): Promise<Mirror | null> {
    if (this.#files !== "contents") {
      await using client = await this.#startIn(undefined);
      await client.ready();
      if (await this.#seesProject(client)) return null;
    }
    if (this.#files === "shared")
      throw new StepLabError(
        "server/not-shared",
        `The kernels of ${this.#url} do not see this project in ${this.#projectRoot}.`,
        {
          hint: "Mount it there under the same path, or leave --files out: the server's contents interface will do.",
        },
      );
    return await Mirror.open(this.#projectRoot, new ServerFiles(this.#settings, this.#over.signal));
  }

  /** @param folder on the server, relative to its root */
  async #startIn(folder: string | undefined): Promise<KernelClient> {
    let connection: Kernel.IKernelConnection;
    try {
      connection = await this.#manager.startNew({
        name: KERNEL,
        ...(folder !== undefined && { path: folder }),
      });
    } catch (error) {
      throw unreachable(this.#url, error);
    }
    const facts: KernelFacts = {
      name: KERNEL,
      version: null,
      server: this.#url,
      files: folder === undefined ? "shared" : "contents",
    };
    void connection.info.then(
      (info) => (facts.version = info.implementation_version),
      () => undefined, // it died, and that is told
    );
    const client = new KernelClient(new ServerKernel(connection), connection, facts);
    // What our own processes are started with, as far as a running one can take it.
    void client
      .execute(`process.env.TZ = ${JSON.stringify(FIXED_ENVIRONMENT.TZ)};`, { silent: true })
      .catch(() => undefined); // its death is told to its stage
    return client;
  }

  [Symbol.dispose](): void {
    this.#over.abort();
    this.#manager.dispose();
  }

  async #seesProject(client: KernelClient): Promise<boolean> {
    const { scratch } = archiveOf(this.#projectRoot);
    const name = `server-${randomUUID()}`;
    const probe = join(scratch, name);
    ensureFolder(scratch);
    writeFileAtomic(probe, name, { durable: false });
    try {
      const { status } = await client.execute(
        `if ((await import("node:fs")).readFileSync(${JSON.stringify(probe)}, "utf8") !== ${JSON.stringify(name)}) throw new Error("another file");`,
        { silent: true },
      );
      return status === "ok";
    } finally {
      rmSync(probe, { force: true });
    }
  }
}

/** Before it answered, or while it was asked what it sees. */
function isLostAtStart(error: unknown): boolean {
  if (error instanceof StepLabError) return error.code === "kernel/not-started";
  return error instanceof KernelDied;
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
