/** `a.metric({ goal, unit })`: a figure that runs are compared by, or a series of it. */
import { StepLabError } from "../../core/error.ts";
import type { Port } from "../../core/contract.ts";
import { showValue } from "../../core/describe-shape.ts";
import type { OutputKind } from "../contract/ports.ts";
import { markWritten } from "../publish.ts";
import { currentSession } from "../session.ts";

/** What an output declared with `a.metric(…)` takes: one figure, or a series. */
export interface MetricOutput {
  /** The metric's value. */
  write(value: number): void;
  /** One point of a series (a loss by step); the last one is the metric's value. */
  log(step: number, value: number): void;
}

export interface MetricOptions {
  /** Which way is better: what sweeps look for and gates demand. */
  goal: "min" | "max";
  /** As people read it: "USD", "s", "%". */
  unit?: string;
}

export type MetricKind = OutputKind<MetricOutput>;

/** See `a.metric`. */
export function metricKind(options: MetricOptions): MetricKind {
  const port: Port = { kind: "metric", ...options };
  return {
    port,
    output: (name) => ({
      write: (value) => record(name, value),
      log: (step, value) => record(name, value, step),
    }),
  };
}

function record(name: string, value: number, step?: number): void {
  // JSON has no NaN, and a comparison with one says nothing: the notebook must decide what it means.
  if (!Number.isFinite(value) || (step !== undefined && !Number.isFinite(step))) {
    throw new StepLabError(
      "output/failed",
      `Metric "${name}" was given ${showValue(value)}${step === undefined ? "" : ` at step ${showValue(step)}`}: a metric is a finite number.`,
    );
  }
  markWritten(name);
  currentSession().emit({ fact: "metric", name, value, ...(step !== undefined && { step }) });
}
