/** What the declaring process is told (standard input, one JSON text) and what it answers (descriptor 3, one JSON line each). */
import type { Contract } from "../../core/contract.ts";

export interface DeclareRequest {
  notebooks: {
    /** Absolute file: URL of the notebook; imports resolve from it. */
    url: string;
    /** JavaScript: imports and declarations. */
    source: string;
  }[];
  /** JavaScript of project modules by file: URL, so that enums work as in the kernel and the child need not transform. */
  modules: Record<string, string>;
}

/** `begin` comes before any code of the notebook runs: when the process dies, the last one begun is to blame. */
export type DeclareReply =
  | { begin: number }
  | { end: number; contract: Contract }
  | { end: number; error: DeclareError };

export interface DeclareError {
  name: string;
  message: string;
  /** Of our own errors: how to mend it. */
  hint?: string;
  code?: string;
  /** Frames, innermost first: file: URL, line and column of the JavaScript as sent. */
  frames: { url: string; line: number; column: number }[];
}

/** The file descriptor that answers come back on: user code prints on the others. */
export const REPLY_DESCRIPTOR = 3;
