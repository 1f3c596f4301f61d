import { recoverRuns } from "../../runner/recover.ts";
import type { WatchEvent } from "../../runner/watch/event.ts";
import { openWatch, type Watch } from "../../runner/watch/index.ts";
import { EXIT, defineCommand } from "../command.ts";
import { KEYS, WatchView } from "../print/watch.ts";
import { RUN_OPTIONS, runRequest } from "../run-options.ts";
import type { WatchLine } from "../schemas/watch.ts";
import { findDocument } from "./run.ts";

const help = `Run what a save changes: a notebook, a module, PIPELINE.md or a source file. Lint comes first, every run is archived,
and metrics are shown beside what they were.

Usage: steplab watch [document] [options]

      --lint-only                show what lint says on every save, run nothing
  -p, --param, --params, -i, --input, --profile, --from, --to, --only, --seed, --jobs, --offline,
  --server, --token, --files
                                 as for steplab run
      --json                     print what happens as JSON lines

A save while stages run: when it changes a stage that was begun, the run is cancelled and begins again (what succeeded
stays cached); otherwise it waits for the run's end. A stage that failed runs again when something it needs changes.

Keys on a terminal:
${KEYS}
Ctrl-C ends with exit code 130, q with 0, whatever the last run was.

Example: npx steplab watch --to train -p train.gbdt.trees=50
`;

export const command = defineCommand({
  name: "watch",
  summary: "run what every save changes, with the metrics beside what they were",
  help,
  options: { ...RUN_OPTIONS, "lint-only": { type: "boolean" }, json: { type: "boolean" } },
  positionals: ["document"],
  async run(values, [named]) {
    const { projectRoot, document } = findDocument(named);
    const request = await runRequest(values);
    recoverRuns(projectRoot);
    const view = values.json === true ? null : new WatchView();
    await using watching = openWatch({
      projectRoot,
      document,
      ...request,
      lintOnly: values["lint-only"] === true,
      onEvent: (event) => (view === null ? printLine(event) : view.take(event)),
    });
    using asked = view === null ? untilSignal() : untilAsked(watching, view);
    return await Promise.race([asked.exitCode, watching.ended.then(() => EXIT.done)]);
  },
});

/** Ctrl-C: the run under way is archived first. Again: the process ends at once, and the next command recovers the run. */
function untilSignal(): Disposable & { exitCode: Promise<number>; onCtrlC: () => void } {
  const { promise, resolve } = Promise.withResolvers<number>();
  let isEnding = false;
  const onCtrlC = (): void => {
    if (isEnding) process.exit(EXIT.cancelled);
    isEnding = true;
    resolve(EXIT.cancelled);
  };
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, onCtrlC);
  return {
    exitCode: promise,
    onCtrlC,
    // Not taken off: a second Ctrl-C comes while the run is being archived.
    [Symbol.dispose]: () => undefined,
  };
}

/** As above, and on a terminal by its keys. */
function untilAsked(watching: Watch, view: WatchView): Disposable & { exitCode: Promise<number> } {
  const signal = untilSignal();
  const { stdin } = process;
  if (!stdin.isTTY) return signal;
  const { promise, resolve } = Promise.withResolvers<number>();
  const onKey = (text: string): void => {
    for (const key of text) {
      if (key === "q") resolve(EXIT.done);
      else if (key === "\u0003") signal.onCtrlC(); // raw: the terminal sends the character, not the signal
      else if (key === "r" || key === "\r" || key === "\n") watching.again();
      else if (key === "f") watching.again({ force: true });
      else if (key === "l") view.printFindings();
      else if (key === "?" || key === "h") process.stdout.write(KEYS);
    }
  };
  stdin.setRawMode(true).setEncoding("utf8").on("data", onKey).resume();
  return {
    exitCode: Promise.race([promise, signal.exitCode]),
    [Symbol.dispose]: () => {
      stdin.off("data", onKey).setRawMode(false).pause();
    },
  };
}

function printLine(event: WatchEvent): void {
  const line = event.type === "run" ? event.event : lineOf(event, Date.now());
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

function lineOf(event: Exclude<WatchEvent, { type: "run" }>, at: number): WatchLine {
  switch (event.type) {
    case "failed": {
      const { code, message, hint } = event.error;
      return { type: "failed", at, error: { code, message, hint: hint ?? null } };
    }
    case "ran": {
      const { run, status } = event.record;
      return { type: "ran", at, run, status, metrics: event.metrics };
    }
    default:
      return { ...event, at };
  }
}
