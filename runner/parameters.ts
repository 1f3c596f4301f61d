/** Every stage's parameters to their final values: the document's, over them a file's, over them the command line's. */
import type { Contract } from "../core/contract.ts";
import { decodeParameters } from "../core/decode.ts";
import { didYouMean } from "../core/did-you-mean.ts";
import { StepLabError } from "../core/error.ts";
import { mergeDeep } from "../core/merge.ts";
import type { Json } from "../core/json.ts";
import type { Pipeline } from "../pipeline/pipeline.ts";
import type { Overrides } from "./options.ts";

/**
 * Lint has judged what the document says; what `-p` and `--params` say is judged here.
 * @throws StepLabError `parameter/unknown-stage`, `parameter/invalid`: every problem in the message.
 */
export function resolveParameters(
  pipeline: Pipeline,
  contracts: ReadonlyMap<string, Contract>,
  overrides: Overrides,
): Record<string, Record<string, Json>> {
  const names = pipeline.stages.map((stage) => stage.name);
  for (const stage of Object.keys(overrides.stages)) {
    if (names.includes(stage)) continue;
    const hint = didYouMean(stage, names);
    throw new StepLabError(
      "parameter/unknown-stage",
      `There is no stage "${stage}" to set a parameter of.`,
      hint === undefined ? {} : { hint },
    );
  }
  const resolved: Record<string, Record<string, Json>> = {};
  const problems: string[] = [];
  for (const stage of pipeline.stages) {
    const shapes = contracts.get(stage.name)?.parameters ?? {};
    const given = mergeDeep(stage.params, overrides.stages[stage.name] ?? {});
    const decoded = decodeParameters(shapes, given, { from: "yaml" });
    for (const { path, message } of decoded.problems) {
      problems.push(`${stage.name}.${path}: ${message}`);
    }
    resolved[stage.name] = decoded.values;
  }
  if (problems.length > 0) {
    throw new StepLabError("parameter/invalid", problems.join("\n"), {
      hint: "Parameters are declared in each stage's `parameters` cell.",
    });
  }
  return resolved;
}

/** `{ "gbdt.trees": 50 }` as `{ gbdt: { trees: 50 } }`. */
export function nest(path: readonly string[], value: Json): Record<string, Json> {
  const [first = "", ...rest] = path;
  return { [first]: rest.length === 0 ? value : nest(rest, value) };
}
