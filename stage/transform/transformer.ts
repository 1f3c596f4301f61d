/** `transformer(…)`: anything that is fitted on data and then applied, preprocessing and models alike. */
import type { z } from "zod";
import { StepLabError } from "../../core/error.ts";
import { StepChain } from "./chain.ts";
import { asPath, callingModule } from "./module-of.ts";
import type { AnyDefinition, Definition, Step, TransformerFactory } from "./types.ts";

/**
 * Defines a transformer. What training and prediction do is one function, `apply`, so they cannot differ; what
 * was learned is data, `state`, so it can be stored, read and loaded without running anything of it.
 *
 *     export const centre = transformer({
 *       name: "centre",
 *       params: z.object({}),
 *       state: z.object({ mean: z.number() }),
 *       fit: (rows: Table<{ price: number }>) => ({ mean: meanOf(rows.array("price")) }),
 *       apply: ({ mean }, rows) => ({ centred: rows.array("price").map((price) => price - mean) }),
 *     });
 *
 * Keep each in a module of the project and export it: a stored model names module and transformer, and its
 * code's digest is that of the module and what it imports. `fit` must take its randomness from `random`.
 */
export function transformer<
  P extends z.core.$ZodType,
  S,
  Needs extends object,
  Adds extends object,
  const Drops extends string = never,
>(definition: Definition<P, S, Needs, Adds, Drops>): TransformerFactory<P, S, Needs, Adds, Drops> {
  const module = asPath(definition.module ?? callingModule(import.meta.url));
  const known = { ...definition, module } as unknown as AnyDefinition; // from here on only its own functions know its types
  const make = (params?: unknown): StepChain<Needs, Adds, Drops> =>
    new StepChain([stepOf(known, params)]);
  return Object.assign(make, { params: definition.params, definition: known });
}

/** @throws StepLabError `transform/bad-params` naming each parameter that does not fit */
export function stepOf(definition: AnyDefinition, params: unknown): Step {
  const parsed = definition.params.safeParse(params ?? {});
  if (parsed.success) return { definition, params: parsed.data };
  const problems = parsed.error.issues.map(
    ({ path, message }) => `${path.length > 0 ? `${path.join(".")}: ` : ""}${message}`,
  );
  throw new StepLabError(
    "transform/bad-params",
    `Transformer "${definition.name}" cannot take these parameters: ${problems.join("; ")}.`,
  );
}
