/**
 * How the columns of a row flow through transformers, for the compiler.
 *
 * A transformer says what it needs, what it adds and what it drops; everything else passes through. So one
 * transformer fits any table that has its columns, and a chain's own needs are what no earlier step adds.
 */
import type { z } from "zod";
import type { Table } from "../artifact/table.ts";
import type { ColumnsOf } from "./columns.ts";

type Simplify<T> = { [K in keyof T]: T[K] } & {};
export type Name<R> = keyof R & string;

/** A row after a step: dropped columns gone, added ones there (also in place of those of the same name). */
export type After<R, Adds, Drops extends string> = Simplify<Omit<R, keyof Adds | Drops> & Adds>;

/** What `fit` is given besides rows, targets and parameters. */
export interface FitContext {
  /**
   * Uniform in [0, 1), from the stage's seed, the transformer's name and its place in the chain: the same fit
   * draws the same numbers, whatever else the notebook drew.
   */
  random: () => number;
  /** Tells how a long fit goes: step from 1, and its value (a loss, say). */
  onStep: (step: number, value: number) => void;
}

/** What `transformer(…)` is given. State is data: JSON values and typed arrays, nothing else. */
export interface Definition<
  P extends z.core.$ZodType,
  S,
  Needs extends object,
  Adds extends object,
  Drops extends string,
> {
  /** Unique in the project; what a stored model calls it. */
  name: string;
  params: P;
  /** What `fit` gives and a stored model is judged by when it is loaded. */
  state: z.core.$ZodType<S>;
  /** Columns that later steps no longer see. */
  drops?: readonly Drops[];
  /** The module it stands in (`import.meta.url`), where a function between hides it: see `module-of.ts`. */
  module?: string;
  /**
   * @param rows never holds the target's column
   * @param y one target a row; reading it without a target given is an error
   */
  fit(
    rows: Table<Needs>,
    y: Float64Array,
    params: z.output<P>,
    context: FitContext,
  ): S | Promise<S>;
  /** The columns it adds, one value a row, in order. Must depend on nothing but its arguments. */
  apply(
    state: S,
    rows: Table<Needs>,
    params: z.output<P>,
  ): ColumnsOf<Adds> | Promise<ColumnsOf<Adds>>;
  /**
   * What the later steps of a chain are fitted on, where that is not `apply(state, rows)`: an encoding made of
   * targets must not show a row its own (`targetMean`).
   */
  applyInFit?(
    state: S,
    rows: Table<Needs>,
    y: Float64Array,
    params: z.output<P>,
    context: FitContext,
  ): ColumnsOf<Adds> | Promise<ColumnsOf<Adds>>;
}

/** A definition whose types are known to nobody but itself: what chains run and models store. */
export interface AnyDefinition {
  name: string;
  params: z.ZodType;
  state: z.ZodType;
  drops?: readonly string[];
  /** File URL or path of the module it was made in. */
  module: string;
  fit(rows: Table<object>, y: Float64Array, params: unknown, context: FitContext): unknown;
  apply(state: unknown, rows: Table<object>, params: unknown): unknown;
  applyInFit?(
    state: unknown,
    rows: Table<object>,
    y: Float64Array,
    params: unknown,
    context: FitContext,
  ): unknown;
}

export interface FitOptions<R> {
  /** The column to learn; it is taken out of the rows before any step sees them. */
  target?: Name<R>;
  onStep?: (step: number, value: number) => void;
}

declare const flow: unique symbol;

/** Something that can be fitted on rows: one transformer or a chain of them. */
export interface Transformer<
  Needs extends object,
  Adds extends object,
  Drops extends string = never,
> {
  /** @internal For the compiler only. */
  readonly [flow]?: { needs: (row: Needs) => void; adds: Adds; drops: Drops };
  readonly steps: readonly Step[];
  fit<R extends Needs>(
    rows: Table<R>,
    options?: FitOptions<R>,
  ): Promise<Fitted<Needs, Adds, Drops>>;
}

/** One transformer with its parameters, not yet fitted. */
export interface Step {
  readonly definition: AnyDefinition;
  readonly params: unknown;
}

/** One fitted transformer. */
export interface FittedStep extends Step {
  readonly state: unknown;
}

/** A transformer fitted on rows: what `apply` does depends on its state alone. */
export interface Fitted<Needs extends object, Adds extends object, Drops extends string = never> {
  /** @internal For the compiler only. */
  readonly [flow]?: { needs: (row: Needs) => void; adds: Adds; drops: Drops };
  readonly steps: readonly FittedStep[];
  /** The rows with the steps' columns added, order kept. */
  apply<R extends Needs>(rows: Table<R> | readonly R[]): Promise<Table<After<R, Adds, Drops>>>;
  /** The state of the (first) step that this factory made: `fitted.stateOf(gbdt).importance`. */
  stateOf<S>(factory: { readonly made?: S; readonly definition: AnyDefinition }): S;
}

/** What `transformer(…)` gives: called with parameters it is a step, and `.params` is their schema. */
export interface TransformerFactory<
  P extends z.core.$ZodType,
  S,
  Needs extends object,
  Adds extends object,
  Drops extends string,
> {
  (
    ...params: Record<string, never> extends z.input<P> // no parameter must be given
      ? [params?: z.input<P>]
      : [params: z.input<P>]
  ): Transformer<Needs, Adds, Drops>;
  readonly params: P;
  readonly definition: AnyDefinition;
  /** For the compiler only: the state's type. */
  readonly made?: S;
}

/**
 * Anything that answers rows of `In` with rows of `Out`: what an `a.model` output takes and its input gives.
 * A fitted chain is one for every signature whose input has the chain's needs and whose output it adds.
 */
export interface Model<In extends object, Out extends object> {
  readonly steps: readonly FittedStep[];
  apply(rows: Table<In> | readonly In[]): Promise<Table<Out>>;
}
