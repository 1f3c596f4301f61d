/**
 * What the two threads of a kernel say to each other.
 *
 * Worker to main: posted messages (`ToMain`). Main to worker: records of the ring (`FromMain`), so that
 * they keep their order with stream text. Answers to `prompt` come over a port of their own, because
 * main blocks for them.
 */
import type { MessagePort } from "node:worker_threads";
import type { ConnectionInfo } from "../../core/wire/connection-file.ts";
import type { Content } from "../../core/wire/message.ts";
import type { RingMemory } from "./ring.ts";

export interface ExecuteRequest {
  type: "execute";
  /** Counts the requests of this kernel, from 1: names the cell inside the kernel, also long after it ended. */
  cell: number;
  code: string;
  silent: boolean;
  /** The execution count shown to people; silent cells show the last one. */
  count: number;
  /** nbformat id, where the front end sends it. */
  cellId: string | null;
  /** The cell's number in its notebook, when the client says (`metadata.steplab.cell`). */
  number: number | null;
  allowStdin: boolean;
  userExpressions: Record<string, string>;
}

export type ToMain =
  | ExecuteRequest
  | { type: "interrupt"; cell: number; attempt: number }
  | { type: "complete"; id: number; code: string; cursor: number }
  | { type: "inspect"; id: number; code: string; cursor: number }
  /** Does nothing: gives a pending termination some JavaScript to end, so that it ends nothing else. */
  | { type: "nudge" }
  | { type: "exit" };

/** One kind of record: published as it is, or acted upon by the worker. */
export interface FromMain {
  /** A message type of Jupyter's iopub channel, `execute_reply`, or one of ours: `fact`, `answer`, `secret`, `memory`, `exit`. */
  type: string;
  metadata: Record<string, unknown>;
  content: Content;
}

/** The words that both threads touch besides the ring. */
export const WORD_INTERRUPTED = 0; // the last attempt to interrupt that main has taken
export const WORD_STDIN = 1; // counts answers to prompts
export const WORD_EXIT = 2; // 1 when the worker has sent everything and closed its sockets
export const WORDS = 4;

export interface WorkerData {
  connection: ConnectionInfo;
  ring: RingMemory;
  words: SharedArrayBuffer;
  stdin: MessagePort;
  /** File URL of the notebook the kernel was started for. */
  notebook: string;
  /** The package's version. */
  version: string;
}

/** Text of a record: type, metadata and content on a line each; JSON holds no raw line breaks. */
export function encodeRecord({ type, metadata, content }: FromMain): string {
  return `${type}\n${JSON.stringify(metadata)}\n${JSON.stringify(content)}`;
}

/** The three lines as bytes: the worker forwards the JSON ones without parsing them. */
export function splitRecord(bytes: Buffer): { type: string; metadata: Buffer; content: Buffer } {
  const first = bytes.indexOf(10);
  const second = bytes.indexOf(10, first + 1);
  return {
    type: bytes.toString("latin1", 0, first),
    metadata: bytes.subarray(first + 1, second),
    content: bytes.subarray(second + 1),
  };
}
