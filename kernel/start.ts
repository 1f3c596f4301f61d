/** Puts the main thread together, before any user code. */
import type { MessagePort, Worker } from "node:worker_threads";
import { fileURLToPath } from "node:url";
import { restoredAround } from "../core/restored.ts";
import { projectRootOf } from "../core/project-root.ts";
import { currentCell } from "./evaluate/cell.ts";
import { Evaluator } from "./evaluate/evaluator.ts";
import { installHelpers } from "./evaluate/helpers.ts";
import { CellModules } from "./evaluate/imports.ts";
import { LiveScope } from "./evaluate/live-scope.ts";
import { ProjectModules } from "./evaluate/modules.ts";
import { CellSources } from "./evaluate/sources.ts";
import { installStackTraces } from "./evaluate/stack.ts";
import { KernelHost } from "./host.ts";
import { Kernel } from "./kernel.ts";
import { failHard } from "./link/log.ts";
import type { ToMain, WorkerData } from "./link/messages.ts";
import { WORD_EXIT, WORD_INTERRUPTED } from "./link/messages.ts";
import { RingWriter } from "./link/ring.ts";
import { watchLooseErrors } from "./loose-errors.ts";
import { Output } from "./output.ts";
import { Prompter } from "./prompt.ts";
import { installStreams } from "./streams.ts";
import { ReadWatch } from "./watch/index.ts";

/** At exit, the worker gets this long to send what was written. */
const EXIT_MS = 3000;

export function start(worker: Worker, data: WorkerData, answers: MessagePort): void {
  const words = new Int32Array(data.words);
  const output = new Output(new RingWriter(data.ring));
  const { notebook } = data;
  const path = fileURLToPath(notebook);
  enterProject(path);
  const modules = new ProjectModules(notebook, process.cwd());
  const sources = new CellSources(modules);
  const prompter = new Prompter(output, words, answers);
  const watch = new ReadWatch(sources);
  const host = new KernelHost(data.version, { output, modules, prompter, watch });
  const definitions = installHelpers(new CellModules(modules));
  const evaluator = new Evaluator(sources, definitions);
  const kernel = new Kernel({ output, host, evaluator, sources });

  const scope = new LiveScope(() => evaluator.names);

  host.install();
  // A stage of a past run that is opened again has what it had then.
  const restored = restoredAround(path);
  if (restored !== null) host.bind({ ...restored.bindings, notebook: path });
  installStreams(output);
  installStackTraces(sources);
  watchLooseErrors(output, host, sources);
  Object.defineProperty(globalThis, "prompt", {
    value: (text: unknown = "") => host.prompt(String(text)),
    configurable: true,
    writable: true,
  });
  process.on("exit", () => {
    output.send("exit", {}, {}, currentCell()?.id ?? 0);
    Atomics.wait(words, WORD_EXIT, 0, EXIT_MS);
  });
  // For a cell that waits; one that computes is the worker's (protocol/sigint.ts).
  process.on("SIGINT", () => kernel.interruptRunning());
  worker.on("message", (message: ToMain) => receive(message, { kernel, output, scope, words }));
}

/** JupyterLab starts a kernel in its notebook's folder; a run has it in the project's root. Here as there, paths are the same. */
function enterProject(notebook: string): void {
  const root = projectRootOf(notebook);
  if (root !== null) process.chdir(root);
}

interface MainParts {
  kernel: Kernel;
  output: Output;
  scope: LiveScope;
  words: Int32Array;
}

function receive(message: ToMain, { kernel, output, scope, words }: MainParts): void {
  switch (message.type) {
    case "execute":
      failHard(kernel.execute(message));
      return;
    case "interrupt":
      kernel.interrupt(message.cell);
      // Last: a termination on its way may hit this very handler, and then it must come again.
      Atomics.store(words, WORD_INTERRUPTED, message.attempt);
      Atomics.notify(words, WORD_INTERRUPTED);
      return;
    case "nudge":
      return;
    case "exit":
      process.exit(0);
      return;
    case "complete":
    case "inspect": {
      const { type, id, code, cursor } = message;
      output.send("answer", { id, content: scope[type](code, cursor) });
      return;
    }
  }
}
