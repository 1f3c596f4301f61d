/**
 * How everything here is measured. A **task** is work that several **contestants** do: steplab, and
 * the peers that can do the same. They take turns within one session, so that a machine that grows
 * slower does so for all of them; what came of the work is compared, because a fast figure for other
 * work is no figure. Each **row** of the table shows one of a task's figures.
 */
import { loadavg } from "node:os";
import { isDeepStrictEqual } from "node:util";
import type { Peers } from "./peers/index.ts";

export type Unit = "s" | "ms" | "MB" | "messages" | "USD" | "";

/** What one measurement cost, by the names that the task's rows use. */
export type Figures = Readonly<Record<string, number>>;

export interface Row {
  /** Which of the figures it shows. */
  figure: string;
  /** What was done, as the table says it. */
  what: string;
  unit: Unit;
  /** What steplab's median must not exceed. */
  bound?: number;
  /** What a reader must know to compare; stands under the table. */
  note?: string;
}

export interface Contestant {
  /** `steplab`, or the peer and the way it is used: "papermill + ipykernel, API". */
  name: string;
  /** Does the work once. @throws DidNotDo for a peer that cannot, or did only a part. */
  measure(): Figures | Promise<Figures>;
  /** What came of the last `measure`, as data that is equal for all who did the same. Not timed. */
  work?(): unknown;
  /** What a peer is known to lose now and then: less work is its own result then, and makes no row invalid. */
  knownLoss?: string;
}

export interface Task {
  /** What `--only` takes. */
  name: string;
  rows: readonly Row[];
  /** Measured turns of each contestant; the slow ones take fewer (`SLOW_ROUNDS`). */
  rounds: number;
  /** An unmeasured turn before; true where left out. */
  warmUp?: boolean;
  /** Lays out what is worked on, and gives the contestants, steplab first. */
  prepare(bench: Bench): readonly Contestant[] | Promise<readonly Contestant[]>;
}

/** What a task is given. */
export interface Bench {
  /** Null where only steplab is measured. */
  peers: Peers | null;
  /** Disposed when the task is over: `resources.use(benchProject(…))`. */
  resources: AsyncDisposableStack;
  /** A line of progress. */
  say: (text: string) => void;
  /** One turn without warm-up: to see that it works. */
  quick: boolean;
}

/** A peer that cannot do the task, or did a part of it: shown in its place, and no contestant for the ratio. */
export class DidNotDo extends Error {
  override readonly name = "DidNotDo";
}

export interface Result {
  name: string;
  /** One a turn in which it did the work. */
  rounds: Figures[];
  /** What it said in each turn in which it did not. */
  didNot: string[];
}

export interface Measured {
  task: Task;
  results: Result[];
  /** What makes its rows invalid: other work, or a measurement that failed. */
  faults: string[];
  /** Load average over a minute, before and after. */
  load: [number, number];
}

/** Beyond this a turn is noise-free enough, and too dear, for the full number of rounds. */
const SLOW_MS = 8_000;
const SLOW_ROUNDS = 3;
/** After so many turns without success no more are taken. */
const HOPELESS = 2;

export async function measureTask(task: Task, given: Omit<Bench, "resources">): Promise<Measured> {
  const before = loadNow();
  await using resources = new AsyncDisposableStack();
  const say = (text: string): void => given.say(`${task.name}: ${text}`);
  let results: Result[] = [];
  let faults: string[];
  try {
    const contestants = await task.prepare({ ...given, say, resources });
    ({ results, faults } = await takeTurns(task, contestants, { quick: given.quick, say }));
  } catch (error) {
    faults = [`could not be measured: ${messageOf(error)}`];
  }
  return { task, results, faults, load: [before, loadNow()] };
}

async function takeTurns(
  task: Task,
  contestants: readonly Contestant[],
  { quick, say }: Pick<Bench, "quick" | "say">,
): Promise<{ results: Result[]; faults: string[] }> {
  const turns = contestants.map((contestant) => new Turns(contestant));
  const rounds = quick ? 1 : task.rounds;
  const warmUps = quick || task.warmUp === false ? 0 : 1;
  let expected: unknown;
  for (let round = -warmUps; round < rounds; round++) {
    for (const turn of turns) {
      if (turn.isOver(rounds)) continue;
      const which = round < 0 ? "warm-up" : `${round + 1} of ${turn.limit(rounds)}`;
      try {
        const figures = await turn.take();
        const work = await turn.contestant.work?.();
        expected ??= work;
        if (work !== undefined && !isDeepStrictEqual(work, expected)) {
          const { knownLoss } = turn.contestant;
          const difference = differenceOf(expected, work);
          if (knownLoss !== undefined) throw new DidNotDo(`${knownLoss} (${difference})`);
          throw new Error(`did other work: ${difference}`);
        }
        if (round >= 0) turn.result.rounds.push(figures);
        say(`${turn.contestant.name}, ${which}: ${(turn.lastMs / 1000).toFixed(2)} s`);
      } catch (error) {
        turn.fail(messageOf(error), error instanceof DidNotDo);
        say(`${turn.contestant.name}, ${which}: ${messageOf(error)}`);
      }
    }
  }
  const faults = turns.flatMap(({ contestant, fault }) =>
    fault === null ? [] : [`${contestant.name} ${fault}`],
  );
  return { results: turns.map(({ result }) => result), faults };
}

/** One contestant's turns. */
class Turns {
  readonly contestant: Contestant;
  readonly result: Result;
  lastMs = 0;
  /** What it must not have done: the task is invalid then. */
  fault: string | null = null;

  constructor(contestant: Contestant) {
    this.contestant = contestant;
    this.result = { name: contestant.name, rounds: [], didNot: [] };
  }

  isOver(rounds: number): boolean {
    const { rounds: done, didNot } = this.result;
    return (
      this.fault !== null ||
      done.length + didNot.length >= this.limit(rounds) ||
      (done.length === 0 && didNot.length >= HOPELESS)
    );
  }

  limit(rounds: number): number {
    return this.lastMs > SLOW_MS ? Math.min(rounds, SLOW_ROUNDS) : rounds;
  }

  async take(): Promise<Figures> {
    const started = performance.now();
    const figures = await this.contestant.measure();
    this.lastMs = performance.now() - started;
    return figures;
  }

  fail(why: string, isPeersOwn: boolean): void {
    if (isPeersOwn) this.result.didNot.push(why);
    else this.fault = why;
  }
}

/** The first place where two pieces of work differ, short enough for a line. */
function differenceOf(expected: unknown, got: unknown, path = ""): string {
  if (isObject(expected) && isObject(got)) {
    for (const key of new Set([...Object.keys(expected), ...Object.keys(got)]))
      if (!isDeepStrictEqual(expected[key], got[key]))
        return differenceOf(expected[key], got[key], path === "" ? key : `${path}.${key}`);
  }
  const shown = (value: unknown): string => (JSON.stringify(value) ?? "nothing").slice(0, 120);
  return `${path === "" ? "" : `${path}: `}${shown(got)} instead of ${shown(expected)}`;
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null;

const loadNow = (): number => loadavg()[0] ?? Number.NaN;

/** A failed command has said a lot: what it was, and its last line, which in Python is the reason. */
function messageOf(error: unknown): string {
  const [first = "", ...rest] = (error instanceof Error ? error.message : String(error))
    .trim()
    .split("\n");
  const last = rest.at(-1);
  return last === undefined ? first : `${first} ${last.trim()}`;
}

export interface Spread {
  median: number;
  min: number;
  max: number;
  n: number;
}

/** Null where there is nothing. */
export function spreadOf(values: readonly number[]): Spread | null {
  if (values.length === 0) return null;
  return {
    median: median(values),
    min: Math.min(...values),
    max: Math.max(...values),
    n: values.length,
  };
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1
    ? (sorted[middle] ?? Number.NaN)
    : ((sorted[middle - 1] ?? Number.NaN) + (sorted[middle] ?? Number.NaN)) / 2;
}

/** Milliseconds of one piece of work, done some times. */
export async function medianTime(work: (n: number) => Promise<void>, times = 20): Promise<number> {
  const took: number[] = [];
  for (let n = 0; n < times; n++) {
    const from = performance.now();
    await work(n);
    took.push(performance.now() - from);
  }
  return median(took);
}
