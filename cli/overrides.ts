/** `-p`, `--params` and `--profile` to overrides: a YAML scalar, then (in the runner) the stage's schema. */
import { readFileSync } from "node:fs";
import { StepLabError, messageOf } from "../core/error.ts";
import { isJsonObject, type Json } from "../core/json.ts";
import type { Overrides } from "../runner/options.ts";
import { mergeDeep } from "../core/merge.ts";
import { nest } from "../runner/parameters.ts";

export interface OverrideWords {
  /** `stage.name=value` or `name=value`, in the order typed: later ones win. */
  params: readonly string[];
  file: string | undefined;
  profile: string | undefined;
}

/** @throws StepLabError `cli/usage` */
export async function readOverrides({ params, file, profile }: OverrideWords): Promise<Overrides> {
  const overrides: Overrides = { profile: profile ?? null, front: {}, stages: {} };
  if (file !== undefined) overrides.stages = await readFile(file);
  for (const word of params) {
    const [, place, text] = /^([^=]+)=(.*)$/s.exec(word) ?? [];
    if (place === undefined || text === undefined) {
      throw new StepLabError("cli/usage", `-p ${word} is not name=value.`, {
        hint: "For example: -p process.minPrice=20",
      });
    }
    const value = await yamlValue(text, `-p ${word}`);
    const [first = "", ...rest] = place.split(".");
    if (rest.length === 0) overrides.front[first] = value;
    else overrides.stages[first] = mergeDeep(overrides.stages[first] ?? {}, nest(rest, value));
  }
  return overrides;
}

async function readFile(path: string): Promise<Record<string, Record<string, Json>>> {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    throw new StepLabError("cli/usage", `--params ${path} cannot be read: ${messageOf(error)}`, {
      cause: error,
    });
  }
  const value = await yamlValue(text, `--params ${path}`);
  const stages: Record<string, Record<string, Json>> = {};
  if (!isJsonObject(value))
    throw new StepLabError("cli/usage", `--params ${path} holds no stages.`, {
      hint: "It looks like: process: { minPrice: 20 }",
    });
  for (const [stage, given] of Object.entries(value)) {
    if (!isJsonObject(given))
      throw new StepLabError("cli/usage", `--params ${path}: "${stage}" holds no parameters.`, {
        hint: "It looks like: process: { minPrice: 20 }",
      });
    stages[stage] = given;
  }
  return stages;
}

async function yamlValue(text: string, where: string): Promise<Json> {
  const { parse } = await import("yaml");
  try {
    return (parse(text) ?? null) as Json; // YAML's core schema holds JSON values only
  } catch (error) {
    throw new StepLabError("cli/usage", `${where}: ${messageOf(error)}`, { cause: error });
  }
}
