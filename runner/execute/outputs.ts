/**
 * A cell's outputs as the notebook keeps them: streams joined, displays updated in place, floods spilled.
 *
 * Text beyond `KEPT_BYTES` a stream and cell goes to a file of the stage's folder, whole, and the notebook
 * keeps its beginning and end: an archived notebook stays something a person can open, and nothing is lost.
 */
import { appendFileSync } from "node:fs";
import type { Json } from "../../core/json.ts";
import type { Output } from "../../core/notebook/index.ts";
import { writeFailed } from "../../lineage/store/files.ts";
import type { KernelOutput } from "../jupyter/stage-kernel.ts";
import { shortened } from "./shorten.ts";

export interface Spill {
  /** Absolute path of the file with the whole text. */
  path: string;
  stream: "stdout" | "stderr";
  bytes: number;
}

const KEPT_BYTES = 512 * 1024;
const TAIL_BYTES = 16 * 1024;
/** Characters of an error's message, and of a line of its traceback. */
const KEPT_ERROR = 128 * 1024;
/** A stage that writes more than this is stuck in a loop: its cell is interrupted. */
export const FLOOD_BYTES = 512 * 1024 * 1024;

type Displayed = Extract<Output, { output_type: "display_data" | "execute_result" }>;

/** Displays of one stage run by their id: `update_display_data` may reach back to any cell. */
export type DisplayRegistry = Map<string, Displayed[]>;

/** Takes one cell's messages, in order, and keeps its outputs as nbformat has them. */
export class OutputCollector {
  readonly outputs: Output[] = [];
  readonly spills: Spill[] = [];
  readonly #displays: DisplayRegistry;
  readonly #spillPath: (stream: "stdout" | "stderr") => string;
  readonly #streams = new Map<"stdout" | "stderr", StreamState>();
  #clearNext = false;

  constructor(displays: DisplayRegistry, spillPath: (stream: "stdout" | "stderr") => string) {
    this.#displays = displays;
    this.#spillPath = spillPath;
  }

  /** Bytes of text so far, for the flood limit. */
  get streamBytes(): number {
    let bytes = 0;
    for (const stream of this.#streams.values()) bytes += stream.bytes;
    return bytes;
  }

  take({ type, content }: KernelOutput): void {
    switch (type) {
      case "stream":
        this.#clearIfAsked();
        this.#takeStream(
          content["name"] === "stderr" ? "stderr" : "stdout",
          String(content["text"]),
        );
        return;
      case "display_data":
      case "execute_result":
        this.#clearIfAsked();
        this.#takeDisplay(type, content);
        return;
      case "update_display_data":
        this.#updateDisplay(content);
        return;
      case "error":
        this.#clearIfAsked();
        this.outputs.push({
          output_type: "error",
          ename: String(content["ename"]),
          evalue: shortened(String(content["evalue"]), KEPT_ERROR),
          traceback: ((content["traceback"] as string[] | undefined) ?? []).map((line) =>
            shortened(line, KEPT_ERROR),
          ),
        });
        return;
      case "clear_output":
        if (content["wait"] === true) this.#clearNext = true;
        else this.outputs.length = 0;
        return;
      default: // status, execute_input, comms: not outputs
    }
  }

  /** Puts the tail and the pointer to the whole text where a stream was cut. Called once, at the cell's end. */
  finish(): void {
    for (const stream of this.#streams.values()) stream.finish();
    for (const [name, stream] of this.#streams) {
      if (stream.spilled)
        this.spills.push({ path: this.#spillPath(name), stream: name, bytes: stream.bytes });
    }
  }

  #takeStream(name: "stdout" | "stderr", text: string): void {
    let stream = this.#streams.get(name);
    if (stream === undefined) {
      stream = new StreamState(() => this.#spillPath(name));
      this.#streams.set(name, stream);
    }
    const last = this.outputs.at(-1);
    if (last?.output_type === "stream" && last.name === name) {
      stream.append(last, text);
      return;
    }
    const output: Output = { output_type: "stream", name, text: "" };
    stream.append(output, text);
    if (output.text !== "") this.outputs.push(output);
  }

  #takeDisplay(type: "display_data" | "execute_result", content: Record<string, unknown>): void {
    const data = content["data"] as Record<string, Json>; // a MIME bundle, checked by services
    const metadata = (content["metadata"] as Record<string, Json> | undefined) ?? {};
    const output: Displayed =
      type === "display_data"
        ? { output_type: "display_data", data, metadata }
        : {
            output_type: "execute_result",
            execution_count: content["execution_count"] as number,
            data,
            metadata,
          };
    this.outputs.push(output);
    const id = displayIdOf(content);
    if (id !== null) this.#displays.set(id, [...(this.#displays.get(id) ?? []), output]);
  }

  #updateDisplay(content: Record<string, unknown>): void {
    const id = displayIdOf(content);
    for (const output of (id !== null && this.#displays.get(id)) || []) {
      output.data = content["data"] as Record<string, Json>; // as in #takeDisplay
      output.metadata = (content["metadata"] as Record<string, Json> | undefined) ?? {};
    }
  }

  #clearIfAsked(): void {
    if (!this.#clearNext) return;
    this.#clearNext = false;
    this.outputs.length = 0;
  }
}

function displayIdOf(content: Record<string, unknown>): string | null {
  const transient = content["transient"] as { display_id?: string } | undefined;
  return transient?.display_id ?? null;
}

/** One stream of one cell: what the notebook keeps of it, and the file that takes the rest. */
class StreamState {
  bytes = 0;
  spilled = false;
  /** The text kept so far, for the file, until there is one. */
  #head = "";
  #tail = "";
  #last: { text: string } | null = null;
  readonly #path: () => string;

  constructor(path: () => string) {
    this.#path = path;
  }

  append(output: { text: string }, text: string): void {
    this.bytes += Buffer.byteLength(text);
    this.#last = output;
    if (!this.spilled && this.bytes <= KEPT_BYTES) {
      this.#head += text;
      output.text += text;
      return;
    }
    this.#spill(this.spilled ? text : this.#head + text);
    this.spilled = true;
    this.#tail = (this.#tail + text).slice(-TAIL_BYTES);
  }

  finish(): void {
    if (!this.spilled || this.#last === null) return;
    const left = this.bytes - Buffer.byteLength(this.#head) - Buffer.byteLength(this.#tail);
    const file = this.#path().split(/[/\\]/).at(-1);
    const gap =
      left > 0
        ? `\n… ${left.toLocaleString("en-US")} bytes left out here; the whole text is in ${file} …\n`
        : "";
    this.#last.text += `${gap}${this.#tail}`;
  }

  #spill(text: string): void {
    try {
      appendFileSync(this.#path(), text);
    } catch (error) {
      throw writeFailed(this.#path(), error);
    }
  }
}
