/** The transformers that ship with steplab. Stored models name them by name: their code is steplab's. */
import type { AnyDefinition } from "../types.ts";
import { dayCounter } from "./days-since.ts";
import { imputer } from "./impute.ts";
import { oneHotEncoder } from "./one-hot.ts";
import { ordinalEncoder } from "./ordinal.ts";
import { targetMeanEncoder } from "./target-mean.ts";
import { wordWeigher } from "./words.ts";

/** A table, so that loading a model finds them. */
export const SHIPPED: readonly AnyDefinition[] = [
  imputer,
  oneHotEncoder,
  ordinalEncoder,
  targetMeanEncoder,
  wordWeigher,
  dayCounter,
].map((factory) => factory.definition);

export { daysSince } from "./days-since.ts";
export { impute } from "./impute.ts";
export { oneHot } from "./one-hot.ts";
export { ordinal } from "./ordinal.ts";
export { targetMean } from "./target-mean.ts";
export { words } from "./words.ts";
