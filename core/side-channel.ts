/**
 * What a stage says in a kernel that is not steplab's own, line by line as JSON in a file: facts, and all that its cells
 * write. Such kernels have no comm that can be relied on, and lose messages (reference: kernels.md section 6); a line of a
 * file is there or it is not.
 */
import type { Fact } from "./fact.ts";
import type { Bindings } from "./host.ts";
import type { Json } from "./json.ts";

export type SideLine =
  /** First of all: the host is in the kernel. */
  | { type: "bound" }
  | { type: "fact"; fact: Fact }
  | { type: "stream"; name: "stdout" | "stderr"; text: string }
  | { type: "display"; update: boolean; content: Record<string, Json> }
  | { type: "clear"; wait: boolean }
  /** A cell, or the stage, is through: what its hooks threw, if anything. Nothing of it follows. */
  | { type: "end"; error: SideError | null };

export interface SideError {
  name: string;
  message: string;
  traceback: string[];
}

/** What the host in such a kernel is made of. */
export interface ForeignSetup {
  /** Absolute path of the file, which exists and is empty. */
  channel: string;
  bindings: Bindings;
}

/** Where the host lies, for the runner: its calls are executed as cells, in any dialect of TypeScript. */
export const FOREIGN_HOST = "kernel/foreign/host";
