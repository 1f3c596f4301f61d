/** One stage in two runs, as far as their records tell. Pure. */
import type { CheckRecord, MetricRecord, StageRecord } from "../../record.ts";
import type { StageStatus } from "../../status.ts";
import { inputChanges, outputChanges, type InputChange, type OutputChange } from "./artifacts.ts";
import { isSame, namesOf, valueChanges, type ValueChange } from "./value.ts";

/** What the records of a stage tell; code and notebooks are compared by `compare.ts`, which can read them. */
export interface StageFacts {
  /** Null when it ended as before; succeeded and cached are one: the results are there. */
  status: { before: StageStatus; after: StageStatus } | null;
  /** Why the later one did not run, where it did not. */
  reason: string | null;
  /** First lines of the errors, where they differ. */
  error: { before: string | null; after: string | null } | null;
  template: { before: string; after: string } | null;
  params: ValueChange[];
  inputs: InputChange[];
  checks: CheckChange[];
  metrics: MetricChange[];
  outputs: OutputChange[];
  notes: NoteChange[];
  /** Only when one took at least twice as long, and a second longer; null as well when either took none of its own. */
  time: { beforeMs: number; afterMs: number } | null;
}

export interface CheckChange {
  name: string;
  kind: "newly-failing" | "newly-passing" | "added" | "removed" | "changed";
  /** Absent on the side that did not make it. */
  before?: CheckRecord;
  after?: CheckRecord;
}

export interface MetricChange {
  name: string;
  /** Absent on the side that does not have it. */
  before?: number;
  after?: number;
  goal: MetricRecord["goal"];
  unit: string | null;
  /** `after - before`, where there are both. */
  delta: number | null;
  /** By the goal; null where it is the same value, of another series or on one side only. */
  better: boolean | null;
}

export interface NoteChange {
  kind: "added" | "removed";
  note: StageRecord["notes"][number];
}

/** Null when nothing of it differs that anybody would ask about. */
export function diffStage(before: StageRecord, after: StageRecord): StageFacts | null {
  const isOther = outcome(before.status) !== outcome(after.status);
  const ran = before.status !== "not-run" && after.status !== "not-run";
  const facts: StageFacts = {
    status: isOther ? { before: before.status, after: after.status } : null,
    reason: isOther && after.status === "not-run" ? after.reason : null,
    error: errorChange(before, after),
    template:
      before.template === after.template
        ? null
        : { before: before.template, after: after.template },
    params: valueChanges(before.params, after.params),
    // What never ran has none of these, and what failed no outputs: its status says it.
    inputs: ran ? inputChanges(before.inputs, after.inputs) : [],
    checks: ran ? checkChanges(before.checks, after.checks) : [],
    metrics: ran ? metricChanges(before.metrics, after.metrics) : [],
    outputs:
      hasResults(before.status) && hasResults(after.status)
        ? outputChanges(before.outputs, after.outputs)
        : [],
    notes: ran ? noteChanges(before.notes, after.notes) : [],
    time: timeChange(before, after),
  };
  return isNothing(facts) ? null : facts;
}

/** Whether every member is null or an empty list: what a comparison is when nothing differs. */
export function isNothing(facts: object): boolean {
  return Object.values(facts).every(
    (each: unknown) => each === null || (Array.isArray(each) && each.length === 0),
  );
}

function outcome(status: StageStatus): StageStatus {
  return status === "cached" ? "succeeded" : status;
}

function hasResults(status: StageStatus): boolean {
  return outcome(status) === "succeeded";
}

function errorChange(before: StageRecord, after: StageRecord): StageFacts["error"] {
  // Of failed checks the checks themselves say more.
  const first = ({ status, error }: StageRecord): string | null =>
    status === "checks-failed" ? null : (error?.message.split("\n")[0] ?? null);
  const change = { before: first(before), after: first(after) };
  return change.before === change.after ? null : change;
}

function checkChanges(
  before: readonly CheckRecord[],
  after: readonly CheckRecord[],
): CheckChange[] {
  const [earlier, later] = [byName(before), byName(after)];
  const changes: CheckChange[] = [];
  for (const name of namesOf(earlier, later)) {
    const [was, is] = [earlier[name], later[name]];
    const kind = kindOf(was, is);
    if (kind !== null)
      changes.push({ name, kind, ...(was && { before: was }), ...(is && { after: is }) });
  }
  const weight: Record<CheckChange["kind"], number> = {
    "newly-failing": 0,
    "newly-passing": 1,
    added: 2,
    removed: 3,
    changed: 4,
  };
  return changes.sort((a, b) => weight[a.kind] - weight[b.kind]);
}

function kindOf(
  was: CheckRecord | undefined,
  is: CheckRecord | undefined,
): CheckChange["kind"] | null {
  if (was === undefined) return is === undefined ? null : holds(is) ? "added" : "newly-failing";
  if (is === undefined) return "removed";
  if (holds(was) !== holds(is)) return holds(is) ? "newly-passing" : "newly-failing";
  const isEqual =
    was.status === is.status &&
    was.rule === is.rule &&
    isSame(was.value, is.value) &&
    was.rows?.failed === is.rows?.failed &&
    was.rows?.total === is.rows?.total;
  return isEqual ? null : "changed";
}

function holds({ status }: CheckRecord): boolean {
  return status === "passed";
}

function byName(checks: readonly CheckRecord[]): Record<string, CheckRecord> {
  return Object.fromEntries(checks.map((check) => [check.name, check]));
}

function metricChanges(
  before: StageRecord["metrics"],
  after: StageRecord["metrics"],
): MetricChange[] {
  const changes: MetricChange[] = [];
  for (const name of namesOf(before, after)) {
    const [was, is] = [before[name], after[name]];
    const meta = is ?? was;
    if (meta === undefined) continue;
    const { goal, unit } = meta;
    if (was === undefined || is === undefined) {
      const value = { ...(was && { before: was.value }), ...(is && { after: is.value }) };
      changes.push({ name, ...value, goal, unit, delta: null, better: null });
      continue;
    }
    if (was.value === is.value && isSame(was.series, is.series)) continue;
    const delta = is.value - was.value;
    const better = delta === 0 ? null : goal === "min" ? delta < 0 : delta > 0;
    changes.push({ name, before: was.value, after: is.value, goal, unit, delta, better });
  }
  return changes;
}

function noteChanges(before: StageRecord["notes"], after: StageRecord["notes"]): NoteChange[] {
  const key = ({ kind, text, holds: held }: StageRecord["notes"][number]): string =>
    JSON.stringify([kind, text, held]);
  const [earlier, later] = [new Set(before.map(key)), new Set(after.map(key))];
  return [
    ...before
      .filter((note) => !later.has(key(note)))
      .map((note) => ({ kind: "removed" as const, note })),
    ...after
      .filter((note) => !earlier.has(key(note)))
      .map((note) => ({ kind: "added" as const, note })),
  ];
}

const MARKED_RATIO = 2;
const MARKED_MS = 1000;

function timeChange(before: StageRecord, after: StageRecord): StageFacts["time"] {
  const [beforeMs, afterMs] = [timeOf(before), timeOf(after)];
  // Results of one execution took what they took.
  if (beforeMs === null || afterMs === null || before.executedIn === after.executedIn) return null;
  const [less, more] = [Math.min(beforeMs, afterMs), Math.max(beforeMs, afterMs)];
  return more >= MARKED_RATIO * less && more - less >= MARKED_MS ? { beforeMs, afterMs } : null;
}

/** What its attempts took; of a cached stage, those of the run it was executed in. */
function timeOf({ attempts }: StageRecord): number | null {
  if (attempts.length === 0) return null;
  return attempts.reduce(
    (sum, { startedAt, endedAt }) => sum + Date.parse(endedAt) - Date.parse(startedAt),
    0,
  );
}
