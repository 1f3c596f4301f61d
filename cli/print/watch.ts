/** A watch for people: what was saved, what lint says, the stages as they run, the metrics beside what they were. */
import { join } from "node:path";
import type { Diagnostic } from "../../core/diagnostic.ts";
import type { MetricChange } from "../../lineage/query/metric-changes.ts";
import type { RunRecord } from "../../lineage/record.ts";
import type { WatchEvent } from "../../runner/watch/event.ts";
import { printDiagnostics } from "./diagnostics.ts";
import { changeCells } from "./metric-change.ts";
import { progressView, type ProgressView } from "./progress.ts";
import { columns, duration, paint, plural, statusColor } from "./style.ts";
import { failureLines } from "./summary.ts";

export const KEYS = `  r, Enter   run what is stale, also what failed
  f          run all selected stages although nothing changed
  l          show every finding of lint, warnings and information too
  q, Ctrl-C  end; a run under way is cancelled and archived
`;

const CLEAR = "\u001b[2J\u001b[3J\u001b[H";
const FILES_SHOWN = 4;

export class WatchView {
  readonly #out = process.stdout;
  #progress: ProgressView | null = null;
  #diagnostics: Diagnostic[] = [];
  #hadErrors = false;
  #isFirst = true;

  take(event: WatchEvent): void {
    switch (event.type) {
      case "changed":
        // On a terminal what was wrong before goes away with the save that may have mended it.
        if (this.#out.isTTY) this.#out.write(CLEAR);
        this.#line(`${paint("bold", "changed")}  ${filesPhrase(event.files)}`);
        break;
      case "linted":
        this.#linted(event);
        break;
      case "failed":
        this.#line(`${paint("red", "error")} ${event.error.code}\n  ${event.error.message}`);
        if (event.error.hint !== undefined) this.#line(`  Hint: ${event.error.hint}`);
        break;
      case "unaffected":
        this.#line("nothing to run");
        break;
      case "run":
        this.#run(event.event);
        break;
      case "superseded":
        this.#progress?.clear();
        this.#line(
          `${paint("yellow", "starting over")}: changed meanwhile: ${event.stages.join(", ")}`,
        );
        break;
      case "ran":
        this.#ran(event.record, event.metrics);
        break;
      case "waiting":
        this.#line(
          paint("dim", `waiting for changes${this.#out.isTTY ? " (? shows the keys)" : ""}`),
        );
        break;
      default:
        event satisfies never;
    }
  }

  /** All that lint found, for who asks. */
  printFindings(): void {
    printDiagnostics(this.#diagnostics, this.#out);
    this.#line(`${plural(this.#diagnostics.length, "finding")} of lint`);
  }

  #linted({ pipeline, stages, diagnostics }: Extract<WatchEvent, { type: "linted" }>): void {
    this.#diagnostics = diagnostics;
    if (this.#isFirst && pipeline !== null)
      this.#line(`watching ${paint("bold", pipeline)}, ${plural(stages, "stage")}`);
    this.#isFirst &&= pipeline === null;
    const of = (severity: Diagnostic["severity"]): Diagnostic[] =>
      diagnostics.filter((each) => each.severity === severity);
    const errors = of("error");
    const warnings = of("warning").length;
    printDiagnostics(errors, this.#out);
    if (errors.length > 0)
      this.#line(`${paint("red", plural(errors.length, "error"))}: nothing runs until mended`);
    else if (this.#hadErrors) this.#line(`${paint("green", "mended")}: no errors`);
    if (warnings > 0)
      this.#line(
        `${paint("yellow", plural(warnings, "warning"))}: ${this.#out.isTTY ? "l shows" : "npx steplab lint shows"} ${warnings === 1 ? "it" : "them"}`,
      );
    this.#hadErrors = errors.length > 0;
  }

  #run(event: Extract<WatchEvent, { type: "run" }>["event"]): void {
    this.#progress ??= progressView({ stream: process.stderr, explain: true });
    // What is as it was is counted at the end; a watch is about what changed.
    const isUnchanged =
      (event.type === "stage-planned" && event.decision === "cached") ||
      (event.type === "stage-ended" && event.status === "cached");
    if (!isUnchanged) this.#progress.take(event);
  }

  #ran(record: RunRecord, metrics: readonly MetricChange[]): void {
    this.#progress?.[Symbol.dispose]();
    this.#progress = null;
    const stages = Object.entries(record.stages);
    const folder = join("runs", record.run);
    const ran = stages.filter(([, { executedIn }]) => executedIn === record.run).length;
    const cached = stages.filter(([, { status }]) => status === "cached").length;
    const time = duration(Date.parse(record.endedAt) - Date.parse(record.startedAt));
    for (const [name, stage] of stages)
      for (const line of failureLines(name, stage, folder)) if (line !== "") this.#line(line);
    this.#line(
      `${paint(statusColor(record.status), record.status)}  ${time}, ${plural(ran, "stage")} ran, ${cached} unchanged  ${paint("dim", folder)}`,
    );
    const rows = metrics.map(({ stage, metric, before, ...measured }) => [
      `${stage}.${metric}`,
      ...changeCells({ ...measured, before: before?.value ?? null }),
    ]);
    for (const line of columns(rows, [{}, { align: "right" }])) this.#line(`  ${line}`);
  }

  #line(text: string): void {
    this.#out.write(`${text}\n`);
  }
}

function filesPhrase(files: readonly string[]): string {
  const more = files.length - FILES_SHOWN;
  return `${files.slice(0, FILES_SHOWN).join(", ")}${more > 0 ? ` and ${more} more` : ""}`;
}
