/** Anything fitted on data and then applied: transformers, chains of them, and models as they are stored. */
export { chain } from "./chain.ts";
export { numbersOf } from "./columns.ts";
export { bundle, loadBundle, loadModel } from "./lazy.ts";
export type { AboutModel, LoadedModel } from "./model-file.ts";
export { daysSince, impute, oneHot, ordinal, targetMean, words } from "./shipped/index.ts";
export { transformer } from "./transformer.ts";
export type { FitContext, Fitted, Model, Transformer } from "./types.ts";
