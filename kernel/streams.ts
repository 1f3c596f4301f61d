/** Standard output and standard error of user code: `process.stdout`, `process.stderr`, `console`. */
import { Console } from "node:console";
import { Writable } from "node:stream";
import { StringDecoder } from "node:string_decoder";
import { formatWithOptions } from "node:util";
import type { Output } from "./output.ts";

/** Plain text: an executed notebook is read in many places, most of which show no colours. */
const FORMAT = { colors: false };

export function installStreams(output: Output): void {
  const stdout = new CellStream(output, "stdout");
  const stderr = new CellStream(output, "stderr");
  Object.defineProperty(process, "stdout", { value: stdout, configurable: true });
  Object.defineProperty(process, "stderr", { value: stderr, configurable: true });
  installConsole(output, stdout, stderr);
}

/** Hands on what is written at once: a stream's own queue would lose its end when the process exits. */
class CellStream extends Writable {
  readonly fd: number;
  readonly isTTY = false;
  readonly #output: Output;
  readonly #name: "stdout" | "stderr";
  readonly #decoder = new StringDecoder("utf8");

  constructor(output: Output, name: "stdout" | "stderr") {
    super({ decodeStrings: false });
    this.#output = output;
    this.#name = name;
    this.fd = name === "stdout" ? 1 : 2;
  }

  override write(
    chunk: unknown,
    encoding?: BufferEncoding | ((error?: Error | null) => void),
    done?: (error?: Error | null) => void,
  ): boolean {
    this.#output.write(this.#name, this.#textOf(chunk, encoding));
    const callback = typeof encoding === "function" ? encoding : done;
    if (callback) process.nextTick(callback);
    return true; // the ring blocks instead of asking for patience
  }

  /** Pipes arrive here. */
  override _write(chunk: unknown, encoding: BufferEncoding, done: () => void): void {
    this.#output.write(this.#name, this.#textOf(chunk, encoding));
    done();
  }

  #textOf(chunk: unknown, encoding: unknown): string {
    if (typeof chunk === "string") {
      const bytes = encoding === "hex" || encoding === "base64" || encoding === "latin1";
      return bytes ? Buffer.from(chunk, encoding).toString() : chunk;
    }
    if (chunk instanceof Uint8Array) return this.#decoder.write(Buffer.from(chunk));
    throw new TypeError("process.stdout.write takes a string, Buffer or Uint8Array.");
  }
}

function installConsole(output: Output, stdout: Writable, stderr: Writable): void {
  const made = new Console({ stdout, stderr, colorMode: false, ignoreErrors: false });
  let indent = "";
  const group = made.group.bind(made);
  const groupCollapsed = made.groupCollapsed.bind(made);
  const groupEnd = made.groupEnd.bind(made);
  // The five calls that programs make in loops go past Console's stream handling: 3 µs less a call.
  const printer =
    (stream: "stdout" | "stderr") =>
    (...values: unknown[]): void => {
      const text = formatWithOptions(FORMAT, ...values);
      output.write(stream, `${indent === "" ? text : indented(text, indent)}\n`);
    };
  Object.assign(made, {
    log: printer("stdout"),
    info: printer("stdout"),
    debug: printer("stdout"),
    warn: printer("stderr"),
    error: printer("stderr"),
    group: (...label: unknown[]) => {
      group(...label);
      indent += "  ";
    },
    groupCollapsed: (...label: unknown[]) => {
      groupCollapsed(...label);
      indent += "  ";
    },
    groupEnd: () => {
      groupEnd();
      indent = indent.slice(2);
    },
    clear: () => output.send("clear_output", { wait: false }),
  });
  // The global object stays the same one: modules may hold it already.
  Object.assign(globalThis.console, made);
}

function indented(text: string, indent: string): string {
  return indent + text.replaceAll("\n", `\n${indent}`);
}
