/**
 * A stage on a kernel that sees other files than the runner: its code and inputs go to the kernel's server before its first
 * cell, and what it wrote comes back after its last.
 */
import { z } from "zod";
import { StepLabError } from "../../core/error.ts";
import { HOST_SYMBOL, type Bindings, type InputBinding } from "../../core/host.ts";
import type { Fact } from "../../core/fact.ts";
import type { KernelFacts } from "../../lineage/record.ts";
import { placeBelow } from "../place.ts";
import { KernelDied, type KernelClient } from "./client.ts";
import type { KernelExit, KernelProcessOptions } from "./kernel-process.ts";
import type { Mirror } from "./mirror.ts";
import type { CellCode, ExecuteResult, KernelOutput, StageKernel } from "./stage-kernel.ts";

export class MirroredKernel implements StageKernel {
  readonly #client: KernelClient;
  readonly #mirror: Mirror;
  /** Absolute, on the server: the mirror's folder, in which the kernel was started. */
  readonly #root: string;
  #staging = { here: "", there: "" };

  constructor(client: KernelClient, mirror: Mirror, root: string) {
    this.#client = client;
    this.#mirror = mirror;
    this.#root = root;
  }

  get pid(): null {
    return null;
  }

  get exited(): Promise<KernelExit> {
    return this.#client.exited;
  }

  get facts(): KernelFacts | null {
    return this.#client.facts;
  }

  set onLog(onLog: KernelProcessOptions["onLog"]) {
    this.#client.onLog = onLog;
  }

  protect(secret: string): void {
    this.#client.protect(secret);
  }

  async preload(): Promise<void> {
    await this.#client.preload();
  }

  async ready(): Promise<void> {
    await this.#client.ready();
  }

  async bind(
    bindings: Bindings,
    onFact: (fact: Fact) => void,
    code: readonly string[],
  ): Promise<ExecuteResult> {
    return await this.#orDied(() => this.#bind(bindings, onFact, code));
  }

  async #bind(
    bindings: Bindings,
    onFact: (fact: Fact) => void,
    code: readonly string[],
  ): Promise<ExecuteResult> {
    const mirror = this.#mirror;
    for (const path of code) await mirror.putProjectFile(path);
    const there = (path: string): string => `${this.#root}/${path}`;
    const inputs: Record<string, InputBinding> = {};
    for (const [name, input] of Object.entries(bindings.inputs)) {
      const { manifest: _here, ...given } = input;
      const { path, manifest } = await mirror.putInput(input);
      inputs[name] = {
        ...given,
        path: there(path),
        ...(manifest !== undefined && { manifest: there(manifest) }),
      };
    }
    const work = `work/${bindings.run ?? "test"}-${bindings.stage}-${Date.now().toString(36)}`;
    this.#staging = { here: bindings.staging, there: `${work}/staging` };
    const notebook = code[0] ?? "";
    const moved: Bindings = {
      ...bindings,
      inputs,
      staging: there(`${work}/staging`),
      scratch: there(`${work}/scratch`),
      projectRoot: this.#root,
      notebook: there(notebook),
    };
    return await this.#client.bind(moved, onFact);
  }

  async runCell(cell: CellCode, onOutput: (output: KernelOutput) => void): Promise<ExecuteResult> {
    return await this.#client.runCell(cell, onOutput);
  }

  async settle(): Promise<ExecuteResult> {
    return await this.#client.settle();
  }

  /** Every file that was staged, checked against what the kernel says it has written; then the stage's folder goes. */
  async collect(isWanted: boolean): Promise<void> {
    await this.#orDied(() => this.#collect(isWanted));
  }

  async #collect(isWanted: boolean): Promise<void> {
    const { here, there } = this.#staging;
    if (there === "") return;
    try {
      const told = isWanted ? await askKernel(this.#client, listing(`${this.#root}/${there}`)) : [];
      for (const { path, digest } of Written.parse(told))
        await this.#mirror.bring(`${there}/${path}`, placeBelow(here, path), digest);
    } finally {
      const work = `${this.#root}/${there.slice(0, there.lastIndexOf("/"))}`;
      await this.#client.execute(
        `process.getBuiltinModule("node:fs").rmSync(${JSON.stringify(work)}, { recursive: true, force: true });`,
        { silent: true },
      );
    }
  }

  /** What is on its way when the kernel is lost, or is ended because nobody wants it any more, is given up. */
  async #orDied<T>(work: () => Promise<T>): Promise<T> {
    const died = this.exited.then((exit) => {
      throw new KernelDied(exit);
    });
    died.catch(() => undefined); // the work may be done long before
    const done = work();
    done.catch(() => undefined); // or be given up
    return await Promise.race([done, died]);
  }

  async interrupt(): Promise<void> {
    await this.#client.interrupt();
  }

  kill(): void {
    this.#client.kill();
  }

  async close(graceMs?: number): Promise<void> {
    await this.#client.close(graceMs);
  }
}

/** What the kernel says lies in its staging folder. */
const Written = z.array(z.object({ path: z.string(), digest: z.string() }));

/** The value of an expression in the kernel, as JSON. */
export async function askKernel(client: KernelClient, expression: string): Promise<unknown> {
  let told: unknown;
  const host = `globalThis[Symbol.for(${JSON.stringify(HOST_SYMBOL.description)})]`;
  const { status, error, lost } = await client.execute(
    `${host}.display({ "application/json": { value: ${expression} } });`,
    {
      silent: true,
      onOutput: ({ type, content }) => {
        if (type !== "display_data") return;
        const data = content["data"] as { "application/json"?: { value: unknown } }; // as it is sent above
        told = data["application/json"]?.value;
      },
    },
  );
  if (status === "ok" && lost <= 0) return told;
  const why = error?.message ?? (lost > 0 ? "its answer was lost on the way" : status);
  throw new StepLabError("server/no-files", `The kernel does not say what it wrote: ${why}`);
}

/** In the kernel: every file below a folder with its digest. */
function listing(folder: string): string {
  return `((folder) => {
  const { closeSync, existsSync, openSync, readdirSync, readSync } = process.getBuiltinModule("node:fs");
  const { createHash } = process.getBuiltinModule("node:crypto");
  const chunk = Buffer.allocUnsafe(1024 * 1024);
  const digestOf = (path) => {
    const hash = createHash("sha256");
    const file = openSync(path, "r");
    for (let bytes; (bytes = readSync(file, chunk)) > 0;) hash.update(chunk.subarray(0, bytes));
    closeSync(file);
    return "sha256:" + hash.digest("hex");
  };
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => {
      const path = \`\${entry.parentPath}/\${entry.name}\`;
      return { path: path.slice(folder.length + 1).replaceAll("\\\\", "/"), digest: digestOf(path) };
    });
})(${JSON.stringify(folder)})`;
}
