/** Files of a Jupyter Server through its contents interface: what goes there and comes back where no folder is shared. */
import services from "@jupyterlab/services";
import type { ServerConnection } from "@jupyterlab/services";
import { createWriteStream, openSync, readSync, closeSync, statSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { ReadableStream } from "node:stream/web";
import { digestOfFile } from "../../core/digest.ts";
import { messageOf, StepLabError } from "../../core/error.ts";
import { isErrno, writeFailed } from "../../lineage/store/files.ts";

/** Bytes of a file that go in one request: base64 of it must fit into the server's limit of a body, whatever that is. */
const CHUNK_BYTES = 12 * 1024 * 1024;

type Settings = ServerConnection.ISettings;

/** Paths are relative to the server's root, with forward slashes. */
export class ServerFiles {
  readonly #settings: Settings;
  readonly #folders = new Map<string, Promise<void>>();
  readonly #signal: AbortSignal;

  /** @param signal ends what is under way */
  constructor(settings: Settings, signal: AbortSignal) {
    this.#settings = settings;
    this.#signal = signal;
  }

  /** Makes the folder and those above it; once. */
  async ensureFolder(path: string): Promise<void> {
    const known = this.#folders.get(path);
    if (known !== undefined) return await known;
    const parent = path.includes("/") ? path.slice(0, path.lastIndexOf("/")) : "";
    const made = (async () => {
      if (parent !== "") await this.ensureFolder(parent);
      await this.#ask(`api/contents/${encoded(path)}`, {
        method: "PUT",
        body: JSON.stringify({ type: "directory" }),
      });
    })();
    this.#folders.set(path, made);
    made.catch(() => this.#folders.delete(path)); // asked for again, it is tried again
    await made;
  }

  /** Uploads a file, unless the server has the same one there. Servers from 2.11 on say what they have. */
  async put(file: string, path: string): Promise<void> {
    const { digest } = digestOfFile(file);
    if ((await this.#digestOf(path)) === digest) return;
    await this.#send(file, path);
    const there = await this.#digestOf(path);
    if (there === null || there === digest) return;
    throw new StepLabError(
      "server/no-files",
      `The Jupyter Server holds other bytes of ${path} than were sent to it.`,
    );
  }

  async #send(file: string, path: string): Promise<void> {
    const parent = path.slice(0, Math.max(0, path.lastIndexOf("/")));
    if (parent !== "") await this.ensureFolder(parent);
    const { size } = statSync(file);
    const descriptor = openSync(file, "r");
    try {
      const buffer = Buffer.allocUnsafe(Math.min(Math.max(size, 1), CHUNK_BYTES));
      for (let at = 0, chunk = 1; ; chunk++) {
        const bytes = readSync(descriptor, buffer);
        at += bytes;
        const isLast = at >= size || bytes === 0;
        const whole = isLast && chunk === 1;
        const body = {
          type: "file",
          format: "base64",
          content: buffer.toString("base64", 0, bytes),
          ...(!whole && { chunk: isLast ? -1 : chunk }),
        };
        await this.#ask(`api/contents/${encoded(path)}`, {
          method: "PUT",
          body: JSON.stringify(body),
        });
        if (isLast) return;
      }
    } finally {
      closeSync(descriptor);
    }
  }

  async get(path: string, file: string): Promise<void> {
    const answer = await this.#ask(`files/${encoded(path)}`, {});
    const body = answer.body as ReadableStream<Uint8Array> | null; // fetch's own, named twice in the types
    const from = body === null ? Readable.from([]) : Readable.fromWeb(body);
    try {
      await mkdir(dirname(file), { recursive: true });
      await pipeline(from, createWriteStream(file), { signal: this.#signal });
    } catch (error) {
      throw isErrno(error, "ENOSPC", "EDQUOT", "EACCES", "EPERM", "EROFS")
        ? writeFailed(file, error)
        : this.#broken(error);
    }
  }

  /** Null where there is no such file, and where the server does not say. */
  async #digestOf(path: string): Promise<string | null> {
    const answer = await this.#request(`api/contents/${encoded(path)}?content=0&hash=1`, {});
    if (!answer.ok) return null;
    const { hash, hash_algorithm: algorithm } = (await answer.json()) as {
      hash?: string | null;
      hash_algorithm?: string | null;
    }; // as the server defines it
    return algorithm === "sha256" && hash ? `sha256:${hash}` : null;
  }

  async #ask(url: string, init: RequestInit): Promise<Response> {
    const answer = await this.#request(url, init);
    if (answer.ok) return answer;
    const address = new URL(url, this.#settings.baseUrl);
    const said = (await answer.text().catch(() => "")).slice(0, 500);
    throw new StepLabError(
      "server/no-files",
      `The Jupyter Server refused ${init.method ?? "GET"} ${address.pathname}: ${answer.status} ${answer.statusText}. ${said}`.trim(),
      {
        hint: "Inputs and outputs go over its contents interface, which must be allowed to read and write.",
      },
    );
  }

  async #request(url: string, init: RequestInit): Promise<Response> {
    const address = new URL(url, this.#settings.baseUrl);
    try {
      return await services.ServerConnection.makeRequest(
        address.href,
        { ...init, signal: this.#signal },
        this.#settings,
      );
    } catch (error) {
      throw this.#broken(error);
    }
  }

  #broken(error: unknown): StepLabError {
    const { host } = new URL(this.#settings.baseUrl);
    return new StepLabError(
      "server/unreachable",
      `The connection to the Jupyter Server ${host} broke while a file was on its way: ${messageOf(error)}`,
      { hint: "Is the server still running? jupyter server list shows it.", cause: error },
    );
  }
}

function encoded(path: string): string {
  return path.split("/").map(encodeURIComponent).join("/");
}
