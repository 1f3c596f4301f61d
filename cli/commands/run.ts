import { isAbsolute, join, relative, resolve, sep } from "node:path";
import { StepLabError } from "../../core/error.ts";
import type { RunRecord } from "../../lineage/record.ts";
import { recoverRuns } from "../../runner/recover.ts";
import { run } from "../../runner/run.ts";
import { findProjectRoot } from "../../runner/find-project.ts";
import { EXIT, defineCommand } from "../command.ts";
import { RUN_OPTIONS, runRequest } from "../run-options.ts";
import { printDiagnostics } from "../print/diagnostics.ts";
import { progressView } from "../print/progress.ts";
import { hasReads, summaryLines } from "../print/summary.ts";
import { paint } from "../print/style.ts";

const help = `Run a pipeline: every stage that is not up to date, side by side where the graph allows.

Usage: steplab run [document] [options]      the document is PIPELINE.md unless named; a notebook that
                                             is in no chain (explore) runs alone, on the newest artifacts

  -p, --param stage.name=value   set a parameter (inside objects too: train.gbdt.trees=50);
                                 without a stage: a value of the front matter (minPrice=20)
      --params file              parameters by stage from a YAML or JSON file; -p goes before it
  -i, --input stage.input=path   read this file or folder instead of what PIPELINE.md says
      --profile name             front-matter values of a profile
      --from stage, --to stage   only what depends on / what leads to a stage (repeatable)
      --only stage               this stage alone, on the cached results before it (repeatable)
      --force                    run the selected stages although nothing changed
      --explain                  say why each stage runs or does not: what changed, code as a diff
      --seed n                   another seed than the document's
      --jobs n                   stages side by side at most (default: the machine's cores)
      --offline                  do not fetch URLs, take their last fetch
      --server url               run on kernels of this Jupyter Server
      --token token              its token; better in the variable JUPYTER_TOKEN, where no list of processes shows it
      --files shared|contents    how inputs and outputs go there: through a folder that both see (found out), or its
                                 contents interface
      --json                     print events as JSON lines instead of text

Example: npx steplab run --from process -p process.minPrice=20 --explain
`;

export const command = defineCommand({
  name: "run",
  summary: "run the pipeline: what changed, and what depends on it",
  help,
  options: {
    ...RUN_OPTIONS,
    force: { type: "boolean" },
    explain: { type: "boolean" },
    json: { type: "boolean" },
  },
  positionals: ["document"],
  async run(values, [named]) {
    const { projectRoot, document } = findDocument(named);
    for (const id of recoverRuns(projectRoot))
      process.stderr.write(`Run ${id} was interrupted; what it left is archived.\n`);
    using cancel = cancelOnInterrupt();
    using view =
      values.json === true
        ? null
        : progressView({
            stream: process.stderr,
            explain: values.explain === true,
            ...(values.explain === true && (await import("../print/key-changes.ts"))),
          });
    const record = await run({
      projectRoot,
      document,
      ...(await runRequest(values)),
      force: values.force === true,
      explain: values.explain === true,
      signal: cancel.signal,
      onEvent: (event) =>
        view === null ? void process.stdout.write(`${JSON.stringify(event)}\n`) : view.take(event),
      onJudged: ({ diagnostics }) => {
        const warnings = diagnostics.filter((d) => d.severity === "warning");
        if (warnings.length === 0) return;
        view?.clear();
        printDiagnostics(warnings, process.stderr);
      },
    });
    view?.[Symbol.dispose]();
    if (values.json !== true) {
      const runFolder = join(projectRoot, "runs", record.run);
      const warnings = hasReads(record)
        ? (await import("../print/reads.ts")).readLines(record)
        : [];
      const lines = summaryLines(record, { projectRoot, runFolder, warnings });
      process.stdout.write(`${lines.join("\n")}\n`);
    }
    return exitCodeOf(record);
  },
});

function exitCodeOf({ status }: RunRecord): number {
  switch (status) {
    case "succeeded":
      return EXIT.done;
    case "failed":
    case "interrupted":
      return EXIT.failed;
    case "cancelled":
      return EXIT.cancelled;
  }
}

/** A document named on the command line is found from where it is typed; its project is the one around it. */
export function findDocument(named: string | undefined): {
  projectRoot: string;
  document: string;
} {
  const projectRoot = findProjectRoot(process.cwd());
  if (named === undefined) return { projectRoot, document: "PIPELINE.md" };
  const document = relative(projectRoot, resolve(named));
  if (document.startsWith("..") || isAbsolute(document)) {
    throw new StepLabError("cli/usage", `${named} lies outside the project ${projectRoot}.`, {
      hint: "Go to the project it belongs to.",
    });
  }
  return { projectRoot, document: document.split(sep).join("/") };
}

/** First Ctrl-C: cells are interrupted and the archive is written. Second: the process ends at once; the next command recovers the run. */
function cancelOnInterrupt(): Disposable & { signal: AbortSignal } {
  const controller = new AbortController();
  const onSignal = (): void => {
    if (controller.signal.aborted) process.exit(EXIT.cancelled);
    controller.abort();
    process.stderr.write(
      `${paint("yellow", "cancelling", process.stderr)}: the archive is written first (Ctrl-C again ends at once)\n`,
    );
  };
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, onSignal);
  return {
    signal: controller.signal,
    [Symbol.dispose]: () => {
      for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.off(signal, onSignal);
    },
  };
}
