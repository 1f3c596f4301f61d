/**
 * The Debug Adapter Protocol, as Jupyter carries it on the control channel, over V8's inspector.
 *
 * It lives on the protocol's thread and debugs the main one, which may stand at a breakpoint while everything else of the
 * kernel answers. Cells are known by their code: their path is made of its hash, as the front end makes it
 * (JEP 47; jupyter_client's messaging, "Debug request").
 */
import { existsSync, readFileSync } from "node:fs";
import type { Debugger as Cdp, InspectorNotification, Runtime } from "node:inspector";
import { Session } from "node:inspector/promises";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { Content } from "../../core/wire/message.ts";
import type { ExecuteRequest } from "../link/messages.ts";
import { OWN_ROOMS, withoutEpoch } from "../evaluate/modules.ts";
import { SCRIPT_PATTERN, scriptName } from "../evaluate/sources.ts";
import { transformCell } from "../evaluate/transform.ts";
import { murmur2 } from "./murmur2.ts";
import { Places } from "./places.ts";
import { OBJECTS, Variables, textOf } from "./variables.ts";

const SEED = 0xc70f6907;
const PREFIX = "steplab-cell/";
const SUFFIX = ".ts";
/** There is one thread that runs cells. */
export const THREAD = 1;

/** A loop in one line is left for the person to step through. */
const MOST_OF_A_LINE = 20;

/** How a cell that stands goes on. */
type Step = "resume" | "stepOver" | "stepInto" | "stepOut";

interface Paused {
  frames: Cdp.CallFrame[];
}

interface Breakpoint {
  line: number;
  /** What V8 knows it by: once a script that the cell's code was run as. */
  ids: string[];
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
  /** By path: the code of a cell that the front end has shown. */
  readonly #dumped = new Map<string, string>();
  readonly #breakpoints = new Map<string, Breakpoint[]>();
  /** By path: the numbers of the cells that ran that code. */
  readonly #ran = new Map<string, number[]>();
  readonly #places = new Map<string, Places | null>();
  /** Addresses of scripts by V8's own ids: its frames name them by these alone. */
  readonly #urls = new Map<string, string>();
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
    this.#session.connectToMainThread();
    this.#session.on("Debugger.paused", (message) => void this.#onPaused(message));
    this.#session.on("Debugger.resumed", () => this.#onResumed());
    this.#session.on("Debugger.scriptParsed", ({ params }) => this.#onScript(params));
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
    const path = pathOf(code);
    this.#dumped.set(path, code);
    this.#ran.set(path, [...(this.#ran.get(path) ?? []), cell]);
    for (const breakpoint of this.#breakpoints.get(path) ?? [])
      await this.#force(path, breakpoint, cell);
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
    for (const path of this.#breakpoints.keys()) await this.#forceAll(path);
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
      hashMethod: "Murmur2",
      hashSeed: SEED,
      tmpFilePrefix: PREFIX,
      tmpFileSuffix: SUFFIX,
      breakpoints: [...this.#breakpoints].map(([source, each]) => ({
        source,
        breakpoints: each.map(({ line }) => ({ line, verified: true })),
      })),
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
    const path = pathOf(code);
    this.#dumped.set(path, code);
    return { sourcePath: path };
  }

  async setBreakpoints(path: string, lines: readonly number[]): Promise<Content> {
    return await this.#serial(() => this.#setBreakpoints(path, lines));
  }

  async #setBreakpoints(path: string, lines: readonly number[]): Promise<Content> {
    for (const { ids } of this.#breakpoints.get(path) ?? [])
      for (const breakpointId of ids)
        await this.#session.post("Debugger.removeBreakpoint", { breakpointId });
    const places = this.#placesOf(path);
    const found = lines.map((line) => places?.toScript(line)?.line ?? null);
    const kept = [...new Set(found.filter((line) => line !== null))];
    if (kept.length === 0) this.#breakpoints.delete(path);
    else
      this.#breakpoints.set(
        path,
        kept.map((line) => ({ line, ids: [] })),
      );
    await this.#forceAll(path);
    const source = { path };
    return {
      breakpoints: found.map((line, index) =>
        line === null
          ? {
              verified: false,
              line: lines[index],
              source,
              message: "There is no code from here on.",
            }
          : { verified: true, line, source },
      ),
    };
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
      const { path, line, column } = this.#placeOf(frame);
      return {
        id: index + 1,
        name: frame.functionName || (path.startsWith(PREFIX) ? "cell" : "module"),
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
    const modules = [...this.#urls.values()]
      .filter((url) => isTheirs(url) && url.startsWith("file:") && !url.includes("/node_modules/"))
      .map((url) => fileURLToPath(withoutEpoch(url)));
    return {
      modules: [...new Set(modules)].map((path, id) => ({
        id,
        name: path.split(/[/\\]/).at(-1),
        path,
      })),
    };
  }

  source(path: string): Content {
    const content = this.#sourceOf(path);
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

  async #forceAll(path: string): Promise<void> {
    for (const breakpoint of this.#breakpoints.get(path) ?? []) {
      breakpoint.ids = [];
      if (isCell(path))
        for (const cell of this.#cellsOf(path)) await this.#force(path, breakpoint, cell);
      else await this.#force(path, breakpoint, null);
    }
  }

  /** In the script of a cell, or in a module that is loaded or will be. */
  async #force(path: string, breakpoint: Breakpoint, cell: number | null): Promise<void> {
    const place = this.#placesOf(path)?.toScript(breakpoint.line);
    if (place == null) return;
    const where =
      cell === null
        ? { urlRegex: `^${escaped(pathToFileURL(path).href)}(\\?steplab=\\d+)?$` }
        : { url: scriptName(cell) };
    const { breakpointId } = await this.#session.post("Debugger.setBreakpointByUrl", {
      ...where,
      lineNumber: place.at.line - 1,
      columnNumber: place.at.column - 1,
    });
    breakpoint.ids.push(breakpointId);
  }

  #cellsOf(path: string): readonly number[] {
    return this.#ran.get(path) ?? [];
  }

  async #onPaused({ params }: InspectorNotification<Cdp.PausedEventDataType>): Promise<void> {
    const frames = params.callFrames.filter((frame) => isTheirs(this.#urlOf(frame)));
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
    const { path, line } = this.#placeOf(frame);
    return `${path}:${line}`;
  }

  #onResumed(): void {
    if (this.#paused === null) return;
    this.#paused = null;
    this.#variables.clear();
    this.#event("continued", { threadId: THREAD, allThreadsContinued: true });
  }

  #urlOf({ location }: Cdp.CallFrame): string {
    return this.#urls.get(location.scriptId) ?? "";
  }

  #onScript({ scriptId, url }: Cdp.ScriptParsedEventDataType): void {
    this.#urls.set(scriptId, url);
    const cell = SCRIPT_PATTERN.exec(`${url}:0:0`)?.[1];
    const code = cell === undefined ? undefined : this.#parts.codeOf(Number(cell));
    if (code === undefined) return;
    // Cells of before the debugger was started: `Debugger.enable` tells them all.
    const path = pathOf(code);
    const known = this.#ran.get(path) ?? [];
    if (!known.includes(Number(cell))) this.#ran.set(path, [...known, Number(cell)]);
    if (!this.#dumped.has(path)) this.#dumped.set(path, code);
  }

  #placeOf(frame: Cdp.CallFrame): { path: string; line: number; column: number } {
    const { lineNumber, columnNumber = 0 } = frame.location;
    const at = { line: lineNumber + 1, column: columnNumber + 1 };
    const path = this.#pathOf(this.#urlOf(frame));
    return { path, ...(this.#placesOf(path)?.toSource(at) ?? at) };
  }

  #pathOf(url: string): string {
    const cell = SCRIPT_PATTERN.exec(`${url}:0:0`)?.[1];
    if (cell !== undefined) return pathOf(this.#parts.codeOf(Number(cell)) ?? "");
    return url.startsWith("file:") ? fileURLToPath(withoutEpoch(url)) : url;
  }

  /** Null for what runs as it stands: packages. */
  #placesOf(path: string): Places | null {
    const known = this.#places.get(path);
    if (known !== undefined) return known;
    const source = this.#sourceOf(path);
    let places: Places | null = null;
    try {
      if (source !== null && isCell(path)) places = Places.ofCell(source);
      else if (source !== null && /\.m?ts$/.test(path)) places = Places.ofModule(path, source);
    } catch {
      // It does not parse: no line of it can run.
    }
    // A module may be edited while the kernel runs, and a cell may be told later.
    if (isCell(path) && source !== null) this.#places.set(path, places);
    return places;
  }

  #sourceOf(path: string): string | null {
    if (isCell(path)) return this.#dumped.get(path) ?? null;
    return existsSync(path) ? readFileSync(path, "utf8") : null;
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

/** Code that is stepped over: the kernel's, steplab's and Node's own. */
const BLACK_BOXES = ["^node:", ...OWN_ROOMS.map((room) => `^${escaped(room)}`)];

function pathOf(code: string): string {
  return `${PREFIX}${murmur2(code, SEED)}${SUFFIX}`;
}

function isCell(path: string): boolean {
  return path.startsWith(PREFIX);
}

/** Of the person's own making, or of a package: everything that is neither the kernel's nor Node's. */
function isTheirs(url: string): boolean {
  if (url === "" || url.startsWith("node:")) return false;
  return url.startsWith("steplab-cell-") || !OWN_ROOMS.some((room) => url.startsWith(room));
}

/** Types off, and no semicolon behind it: an expression. */
function inJavaScript(expression: string): string {
  try {
    return transformCell(expression).code.trim().replace(/;$/, "");
  } catch {
    return expression; // V8 says what is wrong with it
  }
}

function escaped(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&");
}
