/**
 * The host in a kernel that is not ours (tslab, Deno): what the module "steplab" finds there.
 *
 * Loaded into the kernel's own process by the first thing that the runner executes. Facts, and everything that cells print
 * and show, go into a file that the runner reads as it grows (`core/side-channel.ts`), and not over the kernel's own
 * sockets: those lose messages when a cell says much at once.
 */
import { openSync, writeSync } from "node:fs";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import { messageOf, StepLabError } from "../../core/error.ts";
import type { Fact } from "../../core/fact.ts";
import type { Bindings, CellEnd, DisplayOptions, Host, MimeBundle } from "../../core/host.ts";
import { HOST_SYMBOL, HOST_VERSION, HOST_VERSION_SYMBOL } from "../../core/host.ts";
import type { Json } from "../../core/json.ts";
import { ownVersion } from "../../core/own-sources.ts";
import { createRandom } from "../../core/random.ts";
import { RedactedStream, Redactor } from "../../core/redact.ts";
import { Unhandled } from "../unhandled.ts";
import type { ForeignSetup, SideError, SideLine } from "../../core/side-channel.ts";

/** What somebody sets is not kept. */
const NOTHING = (): void => {};
/** How often an orphan looks whether its runner is still there. */
const ORPHAN_MS = 2_000;

/** Called once a kernel, before any cell of the stage. */
export function install(setup: ForeignSetup): void {
  const scope = globalThis as Record<symbol, unknown>; // the meeting place of kernel and notebook module
  const host = new ForeignHost(setup);
  scope[HOST_SYMBOL] = host;
  scope[HOST_VERSION_SYMBOL] = HOST_VERSION;
  Math.random = host.random;
  // Deno resolves what a cell imports from the folder that it is in, which is the notebook's.
  if (!("Deno" in globalThis)) process.chdir(setup.bindings.projectRoot);
  takeStreams(host);
  takeDisplaysOfTslab(host);
  process.on("unhandledRejection", (reason) => host.rememberLoose(reason));
  endWithRunner();
  host.begin();
}

class ForeignHost implements Host {
  readonly version = HOST_VERSION;
  readonly steplab = ownVersion();
  readonly bindings: Bindings;
  readonly random: () => number;
  readonly cell = { id: null, count: 0 };
  readonly #file: number;
  readonly #redactor = new Redactor();
  readonly #streams = {
    stdout: new RedactedStream(this.#redactor),
    stderr: new RedactedStream(this.#redactor),
  };
  readonly #cellEndHooks: ((end: CellEnd) => void | Promise<void>)[] = [];
  readonly #settleHooks: (() => void | Promise<void>)[] = [];
  readonly #unhandled = new Unhandled();

  constructor({ channel, bindings }: ForeignSetup) {
    this.bindings = Object.freeze(bindings);
    this.#file = openSync(channel, "a");
    const random = Math.random;
    this.random = bindings.seed === null ? random : createRandom(bindings.seed);
  }

  get notebookUrl(): string {
    return pathToFileURL(this.bindings.notebook).href;
  }

  bind(): void {
    throw new Error("a kernel that is not steplab's own is bound when its host is installed");
  }

  begin(): void {
    this.#tell({ type: "bound" });
  }

  stream(name: "stdout" | "stderr", text: string): void {
    const clean = this.#streams[name].push(text);
    if (clean !== "") this.#tell({ type: "stream", name, text: clean });
  }

  display(bundle: MimeBundle, options: DisplayOptions = {}): void {
    const { metadata = {}, displayId, update = false } = options;
    const transient: Record<string, Json> =
      displayId === undefined ? {} : { display_id: displayId };
    this.show({ data: bundle, metadata, transient }, update);
  }

  /** A display as the protocol has it. */
  show(content: Record<string, Json>, update: boolean): void {
    this.#tell({ type: "display", update, content });
  }

  clearOutput(wait = false): void {
    this.#tell({ type: "clear", wait });
  }

  emit(fact: Fact): void {
    this.#tell({ type: "fact", fact });
  }

  protect(name: string, value: string): void {
    this.#redactor.add(name, value);
  }

  prompt(): string {
    throw new StepLabError("kernel/no-stdin", "A stage that runs has nobody to ask.", {
      hint: "Take what it needs from parameters, inputs or secret().",
    });
  }

  onCellEnd(hook: (end: CellEnd) => void | Promise<void>): void {
    this.#cellEndHooks.push(hook);
  }

  onSettle(hook: () => void | Promise<void>): void {
    this.#settleHooks.push(hook);
  }

  /** Called by the runner after each cell. Never throws: what a hook threw is told. */
  async endCell(status: CellEnd["status"]): Promise<void> {
    await this.#end(this.#cellEndHooks.map((hook) => () => hook({ status })));
  }

  async settle(): Promise<void> {
    await this.#end([...this.#settleHooks, () => this.#unhandled.demandNone()]);
  }

  /** An error that no cell awaits: `settle` fails for it. */
  rememberLoose(error: unknown): void {
    if (!isLostSend(error)) this.#unhandled.remember(error);
  }

  async #end(hooks: readonly (() => void | Promise<void>)[]): Promise<void> {
    let failure: { error: unknown } | null = null;
    for (const hook of hooks) {
      try {
        await hook();
      } catch (error) {
        failure ??= { error };
      }
    }
    for (const name of ["stdout", "stderr"] as const) {
      const text = this.#streams[name].end();
      if (text !== "") this.#tell({ type: "stream", name, text });
    }
    this.#tell({ type: "end", error: failure && errorOf(failure.error) });
  }

  #tell(said: SideLine): void {
    const clean = this.#redactor.isEmpty ? said : this.#redactor.json(said as unknown as Json); // JSON, as it is written
    const line = Buffer.from(`${JSON.stringify(clean)}\n`);
    for (let at = 0; at < line.length;) at += writeSync(this.#file, line, at);
  }
}

function errorOf(error: unknown): SideError {
  const { name, stack = "" } = error instanceof Error ? error : new Error(String(error));
  return { name: name || "Error", message: messageOf(error), traceback: stack.split("\n") };
}

/**
 * What cells print. tslab sets `write` anew for every cell, and is left in the belief that it did; Deno's console does not
 * go through it, and is replaced by Node's own.
 */
function takeStreams(host: ForeignHost): void {
  for (const name of ["stdout", "stderr"] as const) {
    const take = (chunk: unknown): boolean => {
      const text = typeof chunk === "string" ? chunk : Buffer.from(chunk as Uint8Array).toString(); // as Node defines write
      if (!isLostSend(text)) host.stream(name, text);
      return true;
    };
    const write = (chunk: unknown, ...more: unknown[]): boolean => {
      const done = more.at(-1);
      if (typeof done === "function") queueMicrotask(() => (done as () => void)()); // a stream's callback
      return take(chunk);
    };
    Object.defineProperty(process[name], "write", { get: () => write, set: NOTHING });
  }
  if (!("Deno" in globalThis)) return;
  const { Console } = process.getBuiltinModule("node:console");
  globalThis.console = new Console({ stdout: process.stdout, stderr: process.stderr });
}

/** `tslab.display` sends through a function that tslab sets for every cell, too. */
function takeDisplaysOfTslab(host: ForeignHost): void {
  const { cache } = createRequire(import.meta.url);
  const loaded = Object.keys(cache ?? {}).find((path) =>
    /[\\/]tslab[\\/]dist[\\/]jupyter\.js$/.test(path),
  );
  if (loaded === undefined) return;
  const exported = cache[loaded]?.exports as object; // tslab's own module
  const show = (content: Record<string, Json>, update?: boolean): void =>
    host.show(content, update === true);
  Object.defineProperty(exported, "lastWriteDisplayData", {
    get: () => show,
    set: NOTHING,
  });
}

/**
 * tslab does not wait for its sends, and zeromq refuses one while another is under way: the message is lost, tslab's
 * handler prints that, which is the next send.
 */
function isLostSend(error: unknown): boolean {
  if (typeof error === "string") return error.includes("Socket is busy writing");
  return error instanceof Error && (error as NodeJS.ErrnoException).code === "EBUSY"; // Node's errors have it
}

/** These kernels do not notice that nobody is there any more. */
function endWithRunner(): void {
  const runner = process.ppid;
  setInterval(() => {
    if (process.ppid !== runner) process.exit();
  }, ORPHAN_MS).unref();
}
