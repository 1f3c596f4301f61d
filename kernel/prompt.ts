/** Questions to the person: asked over Jupyter's stdin channel, answered while main blocks. */
import type { MessagePort } from "node:worker_threads";
import { receiveMessageOnPort } from "node:worker_threads";
import { StepLabError } from "../core/error.ts";
import { currentCell } from "./evaluate/cell.ts";
import { WORD_STDIN } from "./link/messages.ts";
import type { Output } from "./output.ts";

export class Prompter {
  readonly #output: Output;
  readonly #words: Int32Array;
  readonly #answers: MessagePort;

  constructor(output: Output, words: Int32Array, answers: MessagePort) {
    this.#output = output;
    this.#words = words;
    this.#answers = answers;
  }

  /** Blocks the thread, as `prompt` does in browsers; an interrupt ends it. */
  ask(text: string, password: boolean): string {
    if (currentCell()?.request.allowStdin !== true) {
      throw new StepLabError(
        "kernel/no-stdin",
        `Nobody is there to answer "${text}": this cell runs without a person.`,
        { hint: "Make the answer a parameter of the stage." },
      );
    }
    while (receiveMessageOnPort(this.#answers)); // late answers to a question that was interrupted
    const seen = Atomics.load(this.#words, WORD_STDIN);
    this.#output.send("input_request", { prompt: text, password });
    for (;;) {
      const answer = receiveMessageOnPort(this.#answers);
      if (answer) return String(answer.message);
      Atomics.wait(this.#words, WORD_STDIN, seen, 1000);
    }
  }
}
