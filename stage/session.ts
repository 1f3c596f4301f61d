/**
 * One notebook in one kernel, as the module "steplab" sees it: where its inputs lie, where its outputs go, and
 * what must be finished before a cell may end.
 *
 * The kernel installs a host (`core/host.ts`); without one (a plain script, a unit test) the session falls back
 * to a temporary folder and the terminal, so that any function of this module works anywhere.
 */
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { messageOf, StepLabError } from "../core/error.ts";
import type { Fact } from "../core/fact.ts";
import {
  findHost,
  type Bindings,
  type CellEnd,
  type DisplayOptions,
  type Host,
  type MimeBundle,
} from "../core/host.ts";
import { projectRootOf } from "../core/project-root.ts";
import { PendingWrite } from "./pending-write.ts";

/** `declare`: only the contract is wanted. `interactive`: JupyterLab, nothing bound. `plain`: no kernel at all. */
export type Mode = Bindings["mode"] | "declare" | "plain";

/** Called when a cell ends, after its pending writes: what it throws becomes the cell's error. */
type EndHook = (end: CellEnd) => void | Promise<void>;

/** A file or folder below staging that a fact names. */
export interface Staged {
  /** For messages: `Output "report"`. */
  subject: string;
  staged: string;
}

/** One a kernel; `currentSession()` gives the one there is. */
export class Session {
  readonly host: Host | undefined;
  readonly #writes = new Set<PendingWrite>();
  readonly #endHooks: EndHook[] = [];
  readonly #settleHooks: EndHook[] = [];
  readonly #staged: Staged[] = [];
  /** Looks at what was staged, after all hooks: some of them stage. */
  guard: EndHook | null = null;
  #folder: string | undefined;

  constructor(host: Host | undefined) {
    this.host = host;
    if (host === undefined) {
      // A script has one cell, itself; what would fail a cell fails the process.
      process.once("beforeExit", () => void this.#endScript());
      return;
    }
    if (host.declare !== undefined) return;
    host.onCellEnd((end) => this.endCell(end));
    host.onSettle(() => this.settle());
  }

  get mode(): Mode {
    if (this.host === undefined) return "plain";
    if (this.host.declare !== undefined) return "declare";
    return this.host.bindings?.mode ?? "interactive";
  }

  get bindings(): Bindings | null {
    return this.host?.bindings ?? null;
  }

  /** The stage's name, for messages; null where no stage runs. */
  get stage(): string | null {
    return this.bindings?.stage ?? null;
  }

  /** True when outputs are kept: elsewhere a cell may run again and replace what it wrote. */
  get publishes(): boolean {
    return this.mode === "headless" || this.mode === "test";
  }

  /** In JupyterLab nobody says it: the kernel starts in the notebook's folder, the project is around it. */
  get projectRoot(): string {
    if (this.bindings !== null) return this.bindings.projectRoot;
    const around = this.host && projectRootOf(fileURLToPath(this.host.notebookUrl));
    return around ?? process.cwd();
  }

  /** Where outputs are staged; made on first use. */
  get staging(): string {
    return made(this.bindings?.staging ?? join(this.#temporary(), "outputs"));
  }

  /** For temporary files; made on first use, removed by whoever gave it. */
  get scratch(): string {
    return made(this.bindings?.scratch ?? join(this.#temporary(), "scratch"));
  }

  emit(fact: Fact): void {
    if (fact.fact === "output" && fact.staged !== undefined)
      this.#staged.push({ subject: `Output "${fact.name}"`, staged: fact.staged });
    if (fact.fact === "check" && fact.rows?.staged !== undefined)
      this.#staged.push({ subject: `Check "${fact.name}"`, staged: fact.rows.staged });
    this.host?.emit(fact);
  }

  /** What was written and told so far, in order. */
  get staged(): readonly Staged[] {
    return this.#staged;
  }

  /** Shows something; without a kernel its plain text is printed. */
  display(bundle: MimeBundle, options?: DisplayOptions): void {
    if (this.host !== undefined) return this.host.display(bundle, options);
    const text = bundle["text/plain"];
    if (typeof text === "string") console.log(text);
  }

  /** A write that the session waits for: a notebook that forgets to await it loses neither data nor error. */
  write(work: () => Promise<void>): Promise<void> {
    const write = PendingWrite.start(work);
    this.#writes.add(write);
    return write;
  }

  atCellEnd(hook: EndHook): void {
    this.#endHooks.push(hook);
  }

  atSettle(hook: EndHook): void {
    this.#settleHooks.push(hook);
  }

  /** Waits for pending writes, then fails the cell for the first that failed unseen, or for what a hook says. */
  async endCell(end: CellEnd): Promise<void> {
    const unseen = await this.#finishWrites();
    await runAll([...this.#endHooks, this.guard], end, unseen);
  }

  async settle(): Promise<void> {
    const unseen = await this.#finishWrites();
    await runAll([...this.#settleHooks, this.guard], { status: "ok" }, unseen);
  }

  async #finishWrites(): Promise<Error | undefined> {
    let unseen: Error | undefined;
    for (const write of this.#writes) {
      const failure = await write.failureNobodySaw();
      this.#writes.delete(write);
      if (failure === undefined || unseen !== undefined) continue;
      unseen =
        failure instanceof Error
          ? failure
          : new StepLabError("output/failed", messageOf(failure), { cause: failure });
    }
    return unseen;
  }

  async #endScript(): Promise<void> {
    try {
      await this.endCell({ status: "ok" });
    } catch (error) {
      console.error(error);
      process.exitCode = 1;
    }
  }

  #temporary(): string {
    if (this.#folder === undefined) {
      const folder = mkdtempSync(join(tmpdir(), "steplab-"));
      this.#folder = folder;
      if (temporary.size === 0) process.once("exit", removeTemporary);
      temporary.add(folder);
    }
    return this.#folder;
  }
}

/** Folders of sessions without a runner; one listener for all, because one process of tests has many sessions. */
const temporary = new Set<string>();

function removeTemporary(): void {
  for (const folder of temporary) rmSync(folder, { recursive: true, force: true });
}

/** Every hook, whatever another one threw: a failed check must not keep a secret from being found. Then the first error. */
async function runAll(
  hooks: readonly (EndHook | null)[],
  end: CellEnd,
  before: Error | undefined,
): Promise<void> {
  let failure: { error: unknown } | undefined = before && { error: before };
  for (const hook of hooks) {
    try {
      await hook?.(end);
    } catch (error) {
      failure ??= { error };
    }
  }
  if (failure !== undefined) throw failure.error;
}

function made(folder: string): string {
  mkdirSync(folder, { recursive: true });
  return folder;
}

const sessions = new WeakMap<Host, Session>();
let plain: Session | undefined;

/** The session of this notebook: one for the life of its kernel. */
export function currentSession(): Session {
  const host = findHost();
  if (host === undefined) return (plain ??= new Session(undefined));
  const known = sessions.get(host);
  if (known !== undefined) return known;
  const session = new Session(host);
  sessions.set(host, session);
  return session;
}
