/** Breakpoints: set on a source's lines, in force in every script that the source is run as. */
import type { Session } from "node:inspector/promises";
import type { Content } from "../../core/wire/message.ts";
import { addressOfCell, type DebugSources, type ScriptAddress } from "./sources.ts";

interface Breakpoint {
  line: number;
  /** What V8 knows it by: once a script that the cell's code was run as. */
  ids: string[];
}

/** Its calls must not overlap: V8 refuses the same breakpoint twice. */
export class Breakpoints {
  readonly #session: Session;
  readonly #sources: DebugSources;
  readonly #set = new Map<string, Breakpoint[]>();

  constructor(session: Session, sources: DebugSources) {
    this.#session = session;
    this.#sources = sources;
  }

  /** For `debugInfo`. */
  list(): Content[] {
    return [...this.#set].map(([source, each]) => ({
      source,
      breakpoints: each.map(({ line }) => ({ line, verified: true })),
    }));
  }

  /** Instead of those that the source had; where each of them came to lie. */
  async set(path: string, lines: readonly number[]): Promise<Content[]> {
    for (const { ids } of this.#set.get(path) ?? [])
      for (const breakpointId of ids)
        await this.#session.post("Debugger.removeBreakpoint", { breakpointId });
    const places = this.#sources.placesOf(path);
    const found = lines.map((line) => places?.toScript(line)?.line ?? null);
    const kept = [...new Set(found.filter((line) => line !== null))];
    this.#set.delete(path);
    if (kept.length > 0)
      this.#set.set(
        path,
        kept.map((line) => ({ line, ids: [] })),
      );
    await this.#forceAll(path);
    const source = { path };
    return found.map((line, index) =>
      line === null
        ? { verified: false, line: lines[index], source, message: "There is no code from here on." }
        : { verified: true, line, source },
    );
  }

  /** The cell is about to run the source. */
  async cellStarts(path: string, cell: number): Promise<void> {
    await this.#force(path, addressOfCell(cell));
  }

  /** V8 has forgotten them. */
  async setAgain(): Promise<void> {
    for (const path of this.#set.keys()) await this.#forceAll(path);
  }

  /** V8 is told by whoever disables it. */
  clear(): void {
    this.#set.clear();
  }

  async #forceAll(path: string): Promise<void> {
    for (const breakpoint of this.#set.get(path) ?? []) breakpoint.ids = [];
    for (const address of this.#sources.addressesOf(path)) await this.#force(path, address);
  }

  async #force(path: string, address: ScriptAddress): Promise<void> {
    const places = this.#sources.placesOf(path);
    for (const { line, ids } of this.#set.get(path) ?? []) {
      const place = places?.toScript(line);
      if (place == null) continue;
      const { breakpointId } = await this.#session.post("Debugger.setBreakpointByUrl", {
        ...address,
        lineNumber: place.at.line - 1,
        columnNumber: place.at.column - 1,
      });
      ids.push(breakpointId);
    }
  }
}
