/** The candidates `build` compares, and how a choice between them is written down for `train`. */
import { chain, z } from "steplab";
import { FeatureParams, features } from "./features.ts";
import { gbdt } from "./gbdt.ts";
import { network } from "./network.ts";

/** One candidate with all of its parameters: enough to fit it again. */
export const Candidate = z.discriminatedUnion("model", [
  z.object({ model: z.literal("trees"), features: FeatureParams, params: gbdt.params }),
  z.object({ model: z.literal("network"), features: FeatureParams, params: network.params }),
]);
export type Candidate = z.infer<typeof Candidate>;

/** Preprocessing and model in one chain: fitted together on the same rows, stored together. */
export function modelOf(candidate: Candidate) {
  const preparation = features(candidate.features);
  return candidate.model === "trees"
    ? chain(preparation, gbdt(candidate.params))
    : chain(preparation, network(candidate.params));
}
