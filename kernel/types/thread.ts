/** The types' thread: one question after the other, each answered. */
import { parentPort, workerData } from "node:worker_threads";
import { messageOf } from "../../core/error.ts";
import { logTrouble } from "../link/log.ts";
import { NotebookTypes } from "./notebook-types.ts";
import type { Answers, FromTypes, Question, ToTypes, TypesThreadData } from "./questions.ts";

if (!parentPort) throw new Error("kernel/types/thread.ts runs as a worker thread only");
const port = parentPort;
const { notebook } = workerData as TypesThreadData; // handed over by kernel/types/service.ts
const types = new NotebookTypes(notebook, (compiler) => tell({ compiler }));

/** A question that the compiler stumbles over is asked once more of a new one; then it goes without an answer. */
const ATTEMPTS = 2;
/** After these in a row, the compiler is left alone: the kernel completes from its values. */
const FAILURES = 6;
let failures = 0;

port.on("message", (message: ToTypes) => {
  if (message.type === "ran") {
    types.ran({ id: message.id, code: message.code });
    return;
  }
  tell({ id: message.id, answer: answerTo(message.question) });
});

function tell(message: FromTypes): void {
  port.postMessage(message);
}

function answerTo(question: Question): Answers[Question["about"]] | null {
  for (let attempt = 1; attempt <= ATTEMPTS && failures < FAILURES; attempt++) {
    try {
      const answer = types.answer(question);
      failures = 0;
      return answer;
    } catch (error) {
      failures++;
      logTrouble(
        failures < FAILURES
          ? `the compiler is started again: ${messageOf(error)}`
          : `completion goes on without types: ${messageOf(error)}`,
      );
    }
  }
  return null;
}
