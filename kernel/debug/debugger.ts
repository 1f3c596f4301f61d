/**
 * The Debug Adapter Protocol, as Jupyter carries it on the control channel, over V8's inspector.
 *
 * It lives on the protocol's thread and debugs the main one, which may stand at a breakpoint while everything else of the
 * kernel answers. What it knows of cells and modules is in sources.ts, what of breakpoints in breakpoints.ts.
 */
import type { Debugger as Cdp, InspectorNotification, Runtime } from "node:inspector";
import { Session } from "node:inspector/promises";
import type { Content } from "../../core/wire/message.ts";
import type { ExecuteRequest } from "../link/messages.ts";
import { transformCell } from "../evaluate/transform.ts";
import { Breakpoints } from "./breakpoints.ts";
import { BLACK_BOXES, CELL_PATHS, DebugSources, isCell } from "./sources.ts";
import { OBJECTS, Variables, textOf } from "./variables.ts";

/** There is one thread that runs cells. */
export const THREAD = 1;

/** A loop in one line is left for the person to step through. */
const MOST_OF_A_LINE = 20;

/** How a cell that stands goes on. */
type Step = "resume" | "stepOver" | "stepInto" | "stepOut";

interface Paused {
  frames: Cdp.CallFrame[];
}

export interface DebuggerParts {
  publish: (event: Content) => void;
  /** The code of a cell by its number in this kernel. */
  codeOf: (cell: number) => string | undefined;
}

export class KernelDebugger {
  readonly #parts: DebuggerParts;
  readonly #session = new Session();
  readonly #variables = new Variables(this.#session);
  readonly #sources: DebugSources;
  readonly #breakpoints: Breakpoints;
  #started = false;
  #paused: Paused | null = null;
  /** How the cell was told to go on; stepping outlives it otherwise. */
  #going: Step = "resume";
  /** The line that a step is leaving, and how often it stopped there again. */
  #leaving: { at: string; frames: number; again: number } | null = null;
  #filters: string[] = [];
  /** Breakpoints are passed over until the cell has ended. */
  #skipping = false;
  #sequence = 0;
  /** What sets breakpoints does so one after the other: V8 refuses the same one twice. */
  #tail: Promise<void> = Promise.resolve();

  constructor(parts: DebuggerParts) {
    this.#parts = parts;
    this.#sources = new DebugSources(parts.codeOf);
    this.#breakpoints = new Breakpoints(this.#session, this.#sources);
    this.#session.connectToMainThread();
    this.#session.on("Debugger.paused", (message) => void this.#onPaused(message));
    this.#session.on("Debugger.resumed", () => this.#onResumed());
    this.#session.on("Debugger.scriptParsed", ({ params }) => this.#sources.add(params));
  }

  get isStarted(): boolean {
    return this.#started;
  }

  /** Numbers what the debugger sends. */
  nextSequence(): number {
    return ++this.#sequence;
  }

  /** Before a cell runs: its breakpoints are in force when it does. */
  async cellStarts(request: ExecuteRequest): Promise<void> {
    await this.#serial(() => this.#cellStarts(request));
  }

  async #cellStarts({ cell, code, silent }: ExecuteRequest): Promise<void> {
    if (!this.#started || silent) return;
    await this.#breakpoints.cellStarts(this.#sources.run(cell, code), cell);
  }

  /** A step out of the cell's last line would go on into the next cell. */
  async cellEnded(): Promise<void> {
    await this.#serial(() => this.#cellEnded());
  }

  async #cellEnded(): Promise<void> {
    if (this.#skipping) {
      this.#skipping = false;
      await this.#session.post("Debugger.setSkipAllPauses", { skip: false });
    }
    if (!this.#started || this.#going === "resume") return;
    this.#going = "resume";
    await this.#session.post("Debugger.disable");
    await this.#enable();
    await this.#breakpoints.setAgain();
  }

  /** Whoever stands goes on, past every other breakpoint: the cell is to be ended. */
  release(): void {
    if (this.#paused === null) return;
    this.#going = "resume";
    this.#skipping = true;
    void this.#session.post("Debugger.setSkipAllPauses", { skip: true }).catch(() => undefined); // as below
    void this.#session.post("Debugger.resume").catch(() => undefined); // it goes on already
  }

  info(): Content {
    return {
      isStarted: this.#started,
      ...CELL_PATHS,
      breakpoints: this.#breakpoints.list(),
      stoppedThreads: this.#paused === null ? [] : [THREAD],
      richRendering: true,
      exceptionPaths: [],
      copyToGlobals: false,
    };
  }

  async initialize(): Promise<Content> {
    return await this.#serial(() => this.#initialize());
  }

  async #initialize(): Promise<Content> {
    await this.#enable();
    this.#started = true;
    this.#event("initialized");
    return {
      supportsConfigurationDoneRequest: true,
      supportsEvaluateForHovers: true,
      supportsSetVariable: false,
      exceptionBreakpointFilters: [
        { filter: "all", label: "All exceptions", default: false },
        { filter: "uncaught", label: "Uncaught exceptions", default: false },
      ],
    };
  }

  async disconnect(): Promise<Content> {
    return await this.#serial(() => this.#disconnect());
  }

  async #disconnect(): Promise<Content> {
    this.release();
    this.#started = false;
    this.#breakpoints.clear();
    this.#filters = [];
    await this.#session.post("Debugger.disable");
    this.#event("terminated");
    return {};
  }

  dumpCell(code: string): Content {
    return { sourcePath: this.#sources.dump(code) };
  }

  async setBreakpoints(path: string, lines: readonly number[]): Promise<Content> {
    return { breakpoints: await this.#serial(() => this.#breakpoints.set(path, lines)) };
  }

  async setExceptionBreakpoints(filters: readonly string[]): Promise<Content> {
    this.#filters = [...filters];
    await this.#pauseOnExceptions();
    return {};
  }

  async goOn(step: Step): Promise<Content> {
    this.#going = step;
    const frames = this.#paused?.frames ?? [];
    const isLine = step === "stepOver" && frames[0] !== undefined;
    this.#leaving = isLine
      ? { at: this.#lineOf(frames[0]!), frames: frames.length, again: 0 }
      : null;
    await this.#session.post(`Debugger.${step}`);
    return { allThreadsContinued: true };
  }

  async pause(): Promise<Content> {
    await this.#session.post("Debugger.pause");
    return {};
  }

  stackTrace(): Content {
    const frames = this.#paused?.frames ?? [];
    const stackFrames = frames.map((frame, index) => {
      const { path, line, column } = this.#sources.placeOf(frame);
      return {
        id: index + 1,
        name: frame.functionName || (isCell(path) ? "cell" : "module"),
        source: { name: path.split("/").at(-1) ?? path, path },
        line,
        column,
      };
    });
    return { stackFrames, totalFrames: stackFrames.length };
  }

  scopes(frameId: number): Content {
    const chain = this.#paused?.frames[frameId - 1]?.scopeChain ?? [];
    const scopes = SCOPES.flatMap(({ name, types }) => {
      const own = chain.filter(({ type }) => types.includes(type));
      if (own.length === 0) return [];
      return [{ name, variablesReference: this.#variables.scope(own), expensive: false }];
    });
    return { scopes };
  }

  async variables(reference: number): Promise<Content> {
    return { variables: await this.#variables.inside(reference) };
  }

  async evaluate(expression: string, frameId: number | null): Promise<Content> {
    const value = await this.#evaluate(expression, frameId);
    const { value: result, variablesReference } = this.#variables.of("", value);
    return { result, variablesReference };
  }

  /** What the notebook has declared, whether its cell stands or not. */
  async inspectVariables(): Promise<Content> {
    if (this.#paused === null) this.#variables.clear();
    const { names } = await this.#session.post("Runtime.globalLexicalScopeNames");
    const variables = [];
    for (const name of names) {
      const { result, exceptionDetails } = await this.#session.post("Runtime.evaluate", {
        expression: name,
        silent: true,
        generatePreview: true,
        objectGroup: OBJECTS,
      });
      if (exceptionDetails === undefined && result.type !== "undefined")
        variables.push({ ...this.#variables.of(name, result), evaluateName: name });
    }
    return { variables };
  }

  async richInspect(name: string, frameId: number | null): Promise<Content> {
    const value = await this.#evaluate(name, frameId);
    return { data: { "text/plain": textOf(value) }, metadata: {} };
  }

  modules(): Content {
    const modules = this.#sources.modules();
    return {
      modules: modules.map((path, id) => ({ id, name: path.split(/[/\\]/).at(-1), path })),
    };
  }

  source(path: string): Content {
    const content = this.#sources.textOf(path);
    if (content === null) throw new Error(`There is no source ${path}.`);
    return { content, mimeType: "text/typescript" };
  }

  async #serial<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#tail.then(work);
    this.#tail = done.then(
      () => undefined,
      () => undefined, // told to whoever asked for it
    );
    return await done;
  }

  async #enable(): Promise<void> {
    await this.#session.post("Debugger.enable");
    await this.#session.post("Debugger.setAsyncCallStackDepth", { maxDepth: 8 });
    await this.#session.post("Debugger.setBlackboxPatterns", { patterns: BLACK_BOXES });
    await this.#pauseOnExceptions();
  }

  async #pauseOnExceptions(): Promise<void> {
    const state = ["all", "uncaught"].find((each) => this.#filters.includes(each)) ?? "none";
    await this.#session.post("Debugger.setPauseOnExceptions", { state });
  }

  async #evaluate(expression: string, frameId: number | null): Promise<Runtime.RemoteObject> {
    const frame = this.#paused?.frames[(frameId ?? 1) - 1];
    const text = inJavaScript(expression);
    // The types of `Debugger.evaluateOnCallFrame` allow no answer, too.
    const answer =
      frame === undefined
        ? await this.#session.post("Runtime.evaluate", {
            expression: text,
            replMode: true,
            generatePreview: true,
            objectGroup: OBJECTS,
          })
        : await this.#session.post("Debugger.evaluateOnCallFrame", {
            callFrameId: frame.callFrameId,
            expression: text,
            generatePreview: true,
            objectGroup: OBJECTS,
          });
    const { result, exceptionDetails } = answer as Runtime.EvaluateReturnType;
    if (exceptionDetails === undefined) return result;
    throw new Error(
      exceptionDetails.exception?.description?.split("\n")[0] ?? exceptionDetails.text,
    );
  }

  async #onPaused({ params }: InspectorNotification<Cdp.PausedEventDataType>): Promise<void> {
    const frames = params.callFrames.filter((frame) => this.#sources.isTheirs(frame));
    if (frames.length === 0) {
      // In the kernel's own code, on the way to the next cell: nobody has asked for that. Main stands only when this event is through.
      await new Promise((resolve) => setImmediate(resolve));
      await this.#session.post("Debugger.resume").catch(() => undefined); // it goes on already
      return;
    }
    if (this.#isSameLine(params, frames)) {
      await new Promise((resolve) => setImmediate(resolve));
      await this.#session.post("Debugger.stepOver").catch(() => undefined); // it goes on already
      return;
    }
    this.#variables.clear();
    this.#paused = { frames };
    const hits = params.hitBreakpoints?.length ?? 0;
    const isException = params.reason === "exception" || params.reason === "promiseRejection";
    const reason =
      hits > 0
        ? "breakpoint"
        : isException
          ? "exception"
          : this.#going === "resume"
            ? "pause"
            : "step";
    const thrown: { description?: string } | undefined = params.data; // of an exception: what was thrown
    this.#event("stopped", {
      reason,
      threadId: THREAD,
      allThreadsStopped: true,
      ...(isException && { text: thrown?.description?.split("\n")[0] ?? "" }),
    });
  }

  /** A step goes on to the next line: one of a person's is several places in the script, an `await` above all. */
  #isSameLine({ hitBreakpoints = [] }: Cdp.PausedEventDataType, frames: Cdp.CallFrame[]): boolean {
    const leaving = this.#leaving;
    if (leaving === null || hitBreakpoints.length > 0 || frames.length > leaving.frames)
      return false;
    if (this.#lineOf(frames[0]!) !== leaving.at || leaving.again >= MOST_OF_A_LINE) return false;
    leaving.again += 1;
    return true;
  }

  #lineOf(frame: Cdp.CallFrame): string {
    const { path, line } = this.#sources.placeOf(frame);
    return `${path}:${line}`;
  }

  #onResumed(): void {
    if (this.#paused === null) return;
    this.#paused = null;
    this.#variables.clear();
    this.#event("continued", { threadId: THREAD, allThreadsContinued: true });
  }

  #event(event: string, body: Content = {}): void {
    this.#parts.publish({ type: "event", seq: this.nextSequence(), event, body });
  }
}

/** V8's scopes in a person's terms: a function's own are one, however many blocks they are. */
const SCOPES: readonly { name: string; types: readonly Cdp.Scope["type"][] }[] = [
  { name: "Local", types: ["local", "block", "catch", "with", "eval"] },
  { name: "Closure", types: ["closure"] },
  { name: "Module", types: ["module"] },
  { name: "Notebook", types: ["script"] },
];

/** Types off, and no semicolon behind it: an expression. */
function inJavaScript(expression: string): string {
  try {
    return transformCell(expression).code.trim().replace(/;$/, "");
  } catch {
    return expression; // V8 says what is wrong with it
  }
}
