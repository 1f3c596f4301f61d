/** The debugger of this kernel, which is loaded when a front end first speaks to it: headless runs never do. */
import { messageOf } from "../../core/error.ts";
import type { Content } from "../../core/wire/message.ts";
import type { DebuggerParts, KernelDebugger } from "../debug/debugger.ts";
import { logTrouble } from "../link/log.ts";
import type { ExecuteRequest } from "../link/messages.ts";

export class DebugLink {
  readonly #parts: DebuggerParts;
  #loading: Promise<KernelDebugger> | null = null;
  #debugger: KernelDebugger | null = null;

  constructor(parts: DebuggerParts) {
    this.#parts = parts;
  }

  async answer(request: Content): Promise<Content> {
    const { answerDebug } = await import("../debug/commands.ts");
    this.#loading ??= import("../debug/debugger.ts").then((module) => {
      this.#debugger = new module.KernelDebugger(this.#parts);
      return this.#debugger;
    });
    return await answerDebug(await this.#loading, request);
  }

  /** Null when nobody debugs, and the cell can run at once. */
  cellStarts(request: ExecuteRequest): Promise<void> | null {
    if (this.#debugger?.isStarted !== true) return null;
    return this.#debugger.cellStarts(request).catch(logRefused);
  }

  async cellEnded(): Promise<void> {
    await this.#debugger?.cellEnded().catch(logRefused);
  }

  /** Before a cell, or the kernel, is ended. */
  release(): void {
    this.#debugger?.release();
  }
}

/** The cell runs without what V8 refused: no breakpoint is worth a kernel. */
function logRefused(error: unknown): void {
  logTrouble(`the debugger: ${messageOf(error)}`);
}
