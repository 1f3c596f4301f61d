/**
 * A stage on a kernel of another make. What steplab's own kernel does by itself, a host in its process does here
 * (`kernel/foreign/host.ts`); what it says comes by a file. Of the kernel's own messages only those are taken that have
 * no other way: results, and errors.
 */
import { randomUUID } from "node:crypto";
import { dirname, join } from "node:path";
import { setTimeout as after } from "node:timers/promises";
import { StepLabError } from "../../../core/error.ts";
import type { Fact } from "../../../core/fact.ts";
import type { Bindings } from "../../../core/host.ts";
import type { Json } from "../../../core/json.ts";
import { Redactor } from "../../../core/redact.ts";
import type { SideError, SideLine } from "../../../core/side-channel.ts";
import type { KernelFacts } from "../../../lineage/record.ts";
import { withoutPaths } from "../../without-paths.ts";
import { KernelClient, type ExecuteOptions, type Executed } from "../client.ts";
import type { KernelExit, KernelProcessOptions } from "../kernel-process.ts";
import {
  hostCall,
  type CellCode,
  type ExecuteResult,
  type KernelOutput,
  type StageKernel,
} from "../stage-kernel.ts";
import type { FoundKernel } from "./dialect.ts";
import { errorIn } from "./error-text.ts";
import { SideChannel } from "./side-channel.ts";

/** What such a kernel owes comes within this after its reply, or not at all. */
const PATIENCE_MS = 1_000;
/** What these kernels say themselves that counts; the rest of it comes by the file. */
const OWN_OUTPUTS: ReadonlySet<string> = new Set([
  "display_data",
  "update_display_data",
  "execute_result",
  "clear_output",
  "error",
]);

export class ForeignKernel implements StageKernel {
  readonly #client: KernelClient;
  readonly #projectRoot: string;
  readonly #found: FoundKernel;
  readonly #redactor = new Redactor();
  readonly #lost: NonNullable<KernelFacts["lost"]> = [];
  #channel: SideChannel | null = null;
  #onFact: (fact: Fact) => void = () => undefined;
  #onOutput: ((output: KernelOutput) => void) | null = null;
  #log: KernelProcessOptions["onLog"] = () => undefined;
  #bound = false;
  /** Of the cell that runs: its last words on standard error, which may be all that is told of its error. */
  #lastError = "";
  #ended: SideError | "well" | null = null;
  #count = 0;

  private constructor(client: KernelClient, projectRoot: string, found: FoundKernel) {
    this.#client = client;
    this.#projectRoot = projectRoot;
    this.#found = found;
  }

  /** @param folder the notebook's: from where these kernels start, imports are resolved */
  static async start(
    projectRoot: string,
    folder: string,
    found: FoundKernel,
  ): Promise<ForeignKernel> {
    const { command } = found;
    const client = await KernelClient.start({ folder, command, onLog: () => undefined });
    return new ForeignKernel(client, projectRoot, found);
  }

  get pid(): number | null {
    return this.#client.pid;
  }

  get exited(): Promise<KernelExit> {
    return this.#client.exited;
  }

  get facts(): KernelFacts {
    const { dialect, version } = this.#found;
    const lost = this.#lost;
    return { name: dialect.name, version, ...(lost.length > 0 && { lost }) };
  }

  set onLog(onLog: KernelProcessOptions["onLog"]) {
    this.#log = onLog;
    this.#client.onLog = onLog;
  }

  protect(secret: string): void {
    this.#client.protect(secret);
    const value = process.env[secret];
    if (value !== undefined) this.#redactor.add(secret, value);
  }

  async ready(): Promise<void> {
    await this.#client.ready();
  }

  async bind(bindings: Bindings, onFact: (fact: Fact) => void): Promise<ExecuteResult> {
    this.#onFact = onFact;
    const path = join(dirname(bindings.staging), `kernel-${randomUUID()}.jsonl`);
    const channel = new SideChannel(path, (line) => this.#take(line));
    this.#channel = channel;
    void this.exited.then(async () => {
      await channel.drain();
      channel[Symbol.dispose]();
    });
    let said = "";
    const reply = await this.#execute(this.#found.dialect.install({ channel: path, bindings }), {
      onOutput: ({ type, content }) => {
        if (type === "stream") said += String(content["text"]);
      },
    });
    await channel.drain();
    if (this.#bound) return { ...reply, status: "ok" };
    const error = reply.error ?? errorIn(said);
    throw new StepLabError(
      "kernel/not-started",
      `The kernel "${this.#found.dialect.name}" could not take steplab in: ${error.message}`,
      { hint: "Is it of a version that is known to work? docs/kernels.md names them." },
    );
  }

  async runCell(
    { number, source }: CellCode,
    onOutput: (output: KernelOutput) => void,
  ): Promise<ExecuteResult> {
    this.#count += 1;
    this.#lastError = "";
    this.#onOutput = onOutput;
    // The kernel counts what the runner executes besides.
    onOutput({ type: "execute_input", content: { execution_count: this.#count } });
    using late = new DisposableStack();
    const reply = await this.#execute(source, {
      late,
      onOutput: ({ type, content }) => {
        this.#channel?.read();
        if (!OWN_OUTPUTS.has(type)) return;
        const own = type === "execute_result" ? { execution_count: this.#count } : {};
        const clean =
          type === "error" ? this.#toldOutput(content) : this.#clean({ ...content, ...own });
        onOutput({ type, content: clean });
      },
    });
    await this.#channel?.drain();
    this.#note(number, reply.missing);
    const ended = await this.#endCell(number, reply, onOutput);
    this.#onOutput = null;
    return ended;
  }

  async #endCell(
    number: number,
    reply: Executed,
    onOutput: (output: KernelOutput) => void,
  ): Promise<ExecuteResult> {
    if (reply.status === "ok") return await this.#end(reply, "endCell", "ok");
    // What it has begun is ended all the same, and what it has staged is looked at.
    await after(this.#found.dialect.deafMs);
    await this.#end(reply, "endCell", "error");
    if (reply.error !== null) return { ...reply, error: this.#told(reply.error), errorAt: null };
    const { line, column, ...error } = errorIn(this.#lastError);
    onOutput({
      type: "error",
      content: { ename: error.name, evalue: error.message, traceback: error.traceback },
    });
    const errorAt = line === null ? null : { line, column, cell: number };
    return { ...reply, status: "error", error, errorAt };
  }

  async settle(): Promise<ExecuteResult> {
    return await this.#end(null, "settle");
  }

  async interrupt(): Promise<void> {
    const { pid } = this;
    if (pid === null) return await this.#client.interrupt();
    if (this.#found.dialect.interrupt === "SIGKILL") return this.kill();
    try {
      process.kill(pid, this.#found.dialect.interrupt);
    } catch {
      // it has just ended, which is what was wanted
    }
  }

  kill(): void {
    this.#client.kill();
  }

  async close(graceMs?: number): Promise<void> {
    await this.#client.close(graceMs);
  }

  async #execute(code: string, options: ExecuteOptions): Promise<Executed> {
    return await this.#client.execute(code, { ...options, patienceMs: PATIENCE_MS });
  }

  /** What steplab owes at the end of a cell, or of the stage. A result that comes after its cell's `idle` has come by then. */
  async #end(
    cell: ExecuteResult | null,
    method: "endCell" | "settle",
    ...given: Json[]
  ): Promise<ExecuteResult> {
    this.#ended = null;
    const reply = await this.#execute(hostCall(method, ...given), {});
    await this.#channel?.drain();
    const ended = this.#ended as SideError | "well" | null; // set by #take
    if (ended === "well" && this.#channel?.isTorn !== true) return cell ?? reply;
    const error = (ended === "well" ? null : ended) ?? reply.error ?? NOT_TOLD;
    return { ...(cell ?? reply), status: "error", error: this.#told(error), errorAt: null };
  }

  #take(line: SideLine): void {
    switch (line.type) {
      case "bound":
        this.#bound = true;
        return;
      case "fact":
        this.#onFact(line.fact);
        return;
      case "stream":
        this.#takeStream(line.name, line.text);
        return;
      case "display":
        this.#say(line.update ? "update_display_data" : "display_data", line.content);
        return;
      case "clear":
        this.#say("clear_output", { wait: line.wait });
        return;
      case "end":
        this.#ended = line.error ?? "well";
    }
  }

  #takeStream(name: "stdout" | "stderr", text: string): void {
    if (name === "stdout") return this.#say("stream", { name, text });
    // Errors are printed there, with the places of their files.
    this.#lastError = withoutPaths(text, this.#projectRoot);
    this.#say("stream", { name, text: this.#lastError });
  }

  /** To the cell that runs; what is printed between cells is the stage's. */
  #say(type: string, content: Record<string, unknown>): void {
    if (this.#onOutput !== null) this.#onOutput({ type, content });
    else if (type === "stream")
      this.#log(content["name"] as "stdout" | "stderr", String(content["text"]));
  }

  #note(cell: number, missing: Executed["missing"]): void {
    if (missing === null) return;
    this.#lost.push({ cell, message: missing });
    const { name } = this.#found.dialect;
    this.#log("stderr", `The kernel ${name} lost the "${missing}" of cell ${cell}.\n`);
  }

  /** An error that is shown, as it may stand in an archive. */
  #toldOutput(content: Record<string, unknown>): Record<string, unknown> {
    const { ename, evalue, traceback } = content as {
      ename: string;
      evalue: string;
      traceback: string[];
    }; // as the protocol has it
    const told = this.#told({ name: ename, message: evalue, traceback });
    return { ename: told.name, evalue: told.message, traceback: told.traceback };
  }

  /** As it may stand in an archive. */
  #told({ name, message, traceback }: SideError): SideError {
    const clean = (text: string): string => withoutPaths(text, this.#projectRoot);
    return this.#clean({ name, message: clean(message), traceback: traceback.map(clean) });
  }

  #clean<T extends object>(value: T): T {
    if (this.#redactor.isEmpty) return value;
    return this.#redactor.json(value as unknown as Json) as unknown as T; // the same form: only texts differ
  }
}

const NOT_TOLD: SideError = {
  name: "KernelSilent",
  message: "The kernel did not say whether what the cell owes was done.",
  traceback: [],
};
