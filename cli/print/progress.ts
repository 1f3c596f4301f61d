/**
 * A run as it happens, on standard error: a live line a stage on a terminal, plain lines elsewhere.
 * It knows nothing but the journal's events, so a view of another process's run looks the same.
 */
import type { KeyChange, RunEvent, StagePlanned } from "../../lineage/event.ts";
import type { StageRecord } from "../../lineage/record.ts";
import type { StageStatus } from "../../lineage/status.ts";
import { stageDetail } from "./stage-detail.ts";
import { columns, count, duration, paint, statusColor } from "./style.ts";

export interface ProgressView extends Disposable {
  take(event: RunEvent): void;
  /** Takes what is drawn off the screen, so that something else can be printed; it is drawn again below. */
  clear(): void;
}

interface ProgressOptions {
  stream: NodeJS.WriteStream;
  /** Print why each stage runs. */
  explain: boolean;
  /** Prints it in full; handed in, so that who asks for nothing loads nothing. */
  changeLines?: (
    changes: readonly KeyChange[],
    reason: string,
    stream: NodeJS.WriteStream,
  ) => string[];
}

export function progressView(options: ProgressOptions): ProgressView {
  return options.stream.isTTY && process.env["TERM"] !== "dumb"
    ? new LiveView(options)
    : new PlainView(options);
}

function linesOf(
  { changes = [], reason }: StagePlanned,
  { changeLines, stream }: ProgressOptions,
): string[] {
  return changeLines?.(changes, reason, stream) ?? [];
}

/** One stage while it runs. */
interface Running {
  startedAt: number;
  cells: number;
  cell: number;
  title: string;
  progress: string;
}

/** One line when a stage begins to run, one when it ends: logs, CI. Cached ones are in the table at the end. */
class PlainView implements ProgressView {
  readonly #options: ProgressOptions;
  #nameWidth = 0;

  constructor(options: ProgressOptions) {
    this.#options = options;
  }

  take(event: RunEvent): void {
    const { stream, explain } = this.#options;
    if (event.type === "run-started")
      this.#nameWidth = Math.max(0, ...Object.keys(event.stages).map((name) => name.length));
    if (event.type === "stage-planned" && event.decision === "run") {
      stream.write(
        `running        ${event.stage.padEnd(this.#nameWidth)}${explain ? `  ${event.reason}` : ""}\n`,
      );
      for (const line of linesOf(event, this.#options)) stream.write(`${line}\n`);
    }
    if (event.type === "stage-planned" && event.decision === "cached" && explain) {
      stream.write(`cached         ${event.stage.padEnd(this.#nameWidth)}  ${event.reason}\n`);
    } else if (event.type === "stage-ended" && event.status !== "cached") {
      stream.write(
        `${endedLine(event.stage, event.status, event.record, this.#nameWidth, stream)}\n`,
      );
    }
  }

  clear(): void {
    // every line was whole when it was written
  }

  [Symbol.dispose](): void {
    // as above
  }
}

const FRAMES = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];
const REDRAW_MS = 80;

/** Ended stages scroll up as lines; the running ones are redrawn below them. */
class LiveView implements ProgressView {
  readonly #options: ProgressOptions;
  readonly #running = new Map<string, Running>();
  readonly #timer: NodeJS.Timeout;
  #nameWidth = 0;
  #drawn = 0;
  /** Until the run has begun, the project is judged: up to a second that would look like nothing. */
  #judging = true;
  #frame = 0;

  constructor(options: ProgressOptions) {
    this.#options = options;
    this.#timer = setInterval(() => this.#draw(), REDRAW_MS);
    this.#timer.unref();
  }

  take(event: RunEvent): void {
    switch (event.type) {
      case "run-started":
        this.#judging = false;
        this.#nameWidth = Math.max(0, ...Object.keys(event.stages).map((name) => name.length));
        break;
      case "stage-planned":
        if (this.#options.explain && event.decision !== "not-run")
          this.#print(
            paint(
              "dim",
              `${event.stage.padEnd(this.#nameWidth)}  ${event.reason}`,
              this.#options.stream,
            ),
          );
        for (const line of linesOf(event, this.#options)) this.#print(line);
        if (event.decision === "run")
          this.#running.set(event.stage, {
            startedAt: event.at,
            cells: 0,
            cell: 0,
            title: "starting",
            progress: "",
          });
        break;
      case "stage-started":
        this.#update(event.stage, { cells: event.cells });
        break;
      case "cell-started":
        this.#update(event.stage, {
          cell: (this.#running.get(event.stage)?.cell ?? 0) + 1,
          title: event.title,
          progress: "",
        });
        break;
      case "stage-told":
        if (event.fact.fact === "progress") {
          const { label, done, total } = event.fact;
          this.#update(event.stage, {
            progress:
              ` · ${label} ${count(done)}${total === null ? "" : `/${count(total)}`}`.replace(
                "  ",
                " ",
              ),
          });
        }
        break;
      case "attempt-ended": {
        const label = paint(
          statusColor(event.status),
          event.status.padEnd(STATUS_WIDTH),
          this.#options.stream,
        );
        const [message = ""] = event.message.split("\n");
        this.#print(
          `${label} ${event.stage.padEnd(this.#nameWidth)}  attempt ${event.attempt}: ${message} (again in ${duration(event.pauseMs)})`,
        );
        this.#update(event.stage, { cells: 0, cell: 0, title: "waiting", progress: "" });
        break;
      }
      case "stage-ended":
        this.#running.delete(event.stage);
        if (event.status === "cached") break; // the table at the end lists them
        this.#print(
          endedLine(event.stage, event.status, event.record, this.#nameWidth, this.#options.stream),
        );
        break;
      case "run-ended":
        this.#erase();
        break;
      case "cell-ended":
      case "source-fetched":
      case "stage-logged":
        break;
      default:
        event satisfies never;
    }
  }

  clear(): void {
    this.#erase();
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
    this.#erase();
  }

  #update(stage: string, change: Partial<Running>): void {
    const running = this.#running.get(stage);
    if (running !== undefined) Object.assign(running, change);
  }

  #print(line: string): void {
    this.#erase();
    this.#options.stream.write(`${line}\n`);
    this.#draw();
  }

  #draw(): void {
    this.#erase();
    const { stream } = this.#options;
    const spin = FRAMES[this.#frame++ % FRAMES.length] ?? "";
    const judging = this.#judging ? [`${spin} checking the pipeline and its notebooks`] : [];
    const running = [...this.#running].map(([stage, running]) => {
      const at = running.cells > 0 ? `cell ${running.cell} of ${running.cells}` : "";
      const text = `${spin} running      ${stage.padEnd(this.#nameWidth)}  ${duration(Date.now() - running.startedAt)}  ${at}  ${running.title}${running.progress}`;
      return text.slice(0, (stream.columns || 80) - 1);
    });
    const lines = [...judging, ...running];
    for (const line of lines) stream.write(`${paint("blue", line, stream)}\n`);
    this.#drawn = lines.length;
  }

  #erase(): void {
    if (this.#drawn === 0) return;
    this.#options.stream.write(`\u001b[${this.#drawn}A\u001b[J`);
    this.#drawn = 0;
  }
}

const STATUS_WIDTH = 13;

/** `succeeded      process  0.8 s  4 checks passed` */
export function endedLine(
  stage: string,
  status: StageStatus,
  record: StageRecord,
  nameWidth: number,
  stream: NodeJS.WriteStream,
): string {
  const label = paint(statusColor(status), status.padEnd(STATUS_WIDTH), stream);
  return columns([[label, stage.padEnd(nameWidth), timeOf(record), stageDetail(record)]])[0] ?? "";
}

/** What this run spent on the stage; nothing for a cached one. */
export function timeOf(record: StageRecord): string {
  if (record.status === "cached") return "";
  const ms = record.attempts.reduce(
    (sum, each) => sum + Date.parse(each.endedAt) - Date.parse(each.startedAt),
    0,
  );
  return record.attempts.length === 0 ? "" : duration(ms);
}
