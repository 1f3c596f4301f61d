/** Fitting and applying one step after the other: what `transformer(…)` makes, and what `chain(…)` composes. */
import { showValue } from "../../core/describe-shape.ts";
import { digestOf, hexOf } from "../../core/digest.ts";
import { StepLabError } from "../../core/error.ts";
import { findHost } from "../../core/host.ts";
import { createRandom } from "../../core/random.ts";
import { table, type Table } from "../artifact/table.ts";
import { withColumns } from "./columns.ts";
import type {
  After,
  AnyDefinition,
  FitContext,
  FitOptions,
  Fitted,
  FittedStep,
  Step,
  Transformer,
} from "./types.ts";

type AnyTransformer = Transformer<never, object, string>;
type Simplify<T> = { [K in keyof T]: T[K] } & {};

/** A chain's flow of columns, one step after the other. */
type Flow<
  Steps,
  Needs = unknown,
  Adds = unknown,
  Drops extends string = never,
> = Steps extends readonly [Transformer<infer N, infer A, infer D>, ...infer Rest]
  ? Flow<Rest, Needs & Omit<N, keyof Adds>, Omit<Adds, D | keyof A> & A, Drops | D>
  : Transformer<Simplify<Needs & object>, Simplify<Adds & object>, Drops>;

/** Each step, or where a step's needs are not met by those before it, what is wrong. */
type Checked<Steps, Adds = unknown, Drops extends string = never> = Steps extends readonly [
  infer First extends Transformer<never, object, string>,
  ...infer Rest,
]
  ? First extends Transformer<infer N, infer A, infer D>
    ? [
        Fits<N, Adds, Drops> extends true ? First : Fits<N, Adds, Drops>,
        ...Checked<Rest, Omit<Adds, D | keyof A> & A, Exclude<Drops, keyof A> | D>,
      ]
    : never
  : [];

/** True, or a type that names the column which was dropped before or is of another type. */
type Fits<Needs, Adds, Drops extends string> = [keyof Needs & Drops] extends [never]
  ? Pick<Adds, keyof Adds & keyof Needs> extends Pick<Needs, keyof Adds & keyof Needs>
    ? true
    : { "an earlier step gives another type to": keyof Adds & keyof Needs }
  : { "an earlier step dropped": keyof Needs & Drops };

/**
 * One transformer out of several, each fitted on what the ones before it give:
 *
 *     const model = chain(impute("reviews_per_month"), words("name", { top: 100 }), gbdt({ trees: 200 }));
 *     const fitted = await model.fit(train, { target: "price" });
 *
 * Columns that the steps neither add nor drop pass through. A chain of chains is one chain.
 */
export function chain<const Steps extends readonly [AnyTransformer, ...AnyTransformer[]]>(
  ...steps: Steps & Checked<Steps>
): Flow<Steps> {
  const all = (steps as readonly AnyTransformer[]).flatMap((step) => step.steps);
  return new StepChain(all) as unknown as Flow<Steps>; // the flow is a matter of types; the steps are the same
}

/** Not exported from "steplab": made by `transformer` and `chain`. */
export class StepChain<
  Needs extends object,
  Adds extends object,
  Drops extends string,
> implements Transformer<Needs, Adds, Drops> {
  readonly steps: readonly Step[];

  constructor(steps: readonly Step[]) {
    this.steps = steps;
  }

  async fit<R extends Needs>(
    rows: Table<R>,
    options: FitOptions<R> = {},
  ): Promise<Fitted<Needs, Adds, Drops>> {
    const { target, onStep = () => {} } = options;
    let current: Table<object> = target === undefined ? rows : rows.drop(target);
    const targets = target === undefined ? undefined : targetsOf(rows.array(target), target);
    const fitted: FittedStep[] = [];
    for (const [place, { definition, params }] of this.steps.entries()) {
      const y = targets ?? missingTargets(definition.name);
      const context: FitContext = { random: randomOf(definition, place), onStep };
      const state = await definition.fit(current, y, params, context);
      fitted.push({ definition, params, state });
      if (place === this.steps.length - 1) break; // nobody is fitted on what the last step gives
      const added = definition.applyInFit
        ? await definition.applyInFit(state, current, y, params, context)
        : await definition.apply(state, current, params);
      current = joined(current, added, definition);
    }
    return new FittedChain(fitted);
  }
}

/** Not exported from "steplab": made by `fit` and by loading a model. */
export class FittedChain<
  Needs extends object,
  Adds extends object,
  Drops extends string,
> implements Fitted<Needs, Adds, Drops> {
  readonly steps: readonly FittedStep[];

  constructor(steps: readonly FittedStep[]) {
    this.steps = steps;
  }

  async apply<R extends Needs>(
    rows: Table<R> | readonly R[],
  ): Promise<Table<After<R, Adds, Drops>>> {
    let current: Table<object> = Array.isArray(rows) ? table(rows) : (rows as Table<R>);
    for (const { definition, params, state } of this.steps) {
      const added = await definition.apply(state, current, params);
      current = joined(current, added, definition);
    }
    return current as Table<After<R, Adds, Drops>>; // what the steps' types say of their columns
  }

  stateOf<S>(factory: { readonly made?: S; readonly definition: AnyDefinition }): S {
    const step = this.steps.find(({ definition }) => definition.name === factory.definition.name);
    if (step !== undefined) return step.state as S; // the factory's own definition made it
    const names = this.steps.map(({ definition }) => `"${definition.name}"`).join(", ");
    throw new StepLabError(
      "transform/no-such-step",
      `This chain has no step "${factory.definition.name}"; its steps are ${names}.`,
    );
  }
}

function joined(rows: Table<object>, added: unknown, definition: AnyDefinition): Table<object> {
  const columns = added as Record<string, ArrayLike<unknown>>; // what `apply` is declared to give
  return withColumns(rows, columns, definition.drops ?? [], definition.name);
}

function targetsOf(values: readonly unknown[], name: string): Float64Array {
  return Float64Array.from(values, (value, row) => {
    if (typeof value === "number" && Number.isFinite(value)) return value;
    throw new StepLabError(
      "transform/bad-target",
      `The target "${name}" of row ${row + 1} is ${showValue(value)}, not a number.`,
      { hint: `Leave such rows out before fitting: rows.filter((d) => d.${name} !== null).` },
    );
  });
}

/** Stands for the targets nobody gave: steps that never look at them need none, others say so themselves. */
function missingTargets(name: string): Float64Array {
  return new Proxy(new Float64Array(), {
    get() {
      throw new StepLabError(
        "transform/no-target",
        `Transformer "${name}" learns from a target, and fit was given none.`,
        { hint: 'Name its column: fit(rows, { target: "price" }).' },
      );
    },
  });
}

/** Without a stage's seed (a script, a notebook just opened) a fit is reproducible too: its stream is a fixed one. */
function randomOf(definition: AnyDefinition, place: number): () => number {
  const seed = findHost()?.bindings?.seed ?? "";
  return createRandom(hexOf(digestOf(`fit\n${seed}\n${place}\n${definition.name}`)));
}
