/** The debugger of this kernel, which is loaded when a front end first speaks to it: headless runs never do. */
import type { Content } from "../../core/wire/message.ts";
import type { DebuggerParts, KernelDebugger } from "../debug/debugger.ts";
import type { ExecuteRequest } from "../link/messages.ts";

export class DebugLink {
  readonly #parts: DebuggerParts;
  #loading: Promise<KernelDebugger> | null = null;
  #debugger: KernelDebugger | null = null;

  constructor(parts: DebuggerParts) {
    this.#parts = parts;
  }

  async answer(request: Content): Promise<Content> {
    this.#loading ??= import("../debug/debugger.ts").then((module) => {
      this.#debugger = new module.KernelDebugger(this.#parts);
      return this.#debugger;
    });
    return await (await this.#loading).answer(request);
  }

  /** Null when nobody debugs, and the cell can run at once. */
  cellStarts(request: ExecuteRequest): Promise<void> | null {
    return this.#debugger?.isStarted === true ? this.#debugger.cellStarts(request) : null;
  }

  async cellEnded(): Promise<void> {
    await this.#debugger?.cellEnded();
  }

  /** Before a cell, or the kernel, is ended. */
  release(): void {
    this.#debugger?.release();
  }
}
