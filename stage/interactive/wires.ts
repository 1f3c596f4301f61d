/**
 * What an opened notebook's inputs are wired to.
 *
 * The document's reader is `pipeline/`, which this room may not import (a notebook must not load the linter). What
 * is needed here is one mapping of one block, unjudged: lint says what is wrong with it.
 */
import { readFileSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { parse } from "yaml";
import { isJsonObject } from "../../core/json.ts";

export interface StageWires {
  stage: string;
  /** As written: `collect.listings`, `data/listings.csv`. */
  inputs: Record<string, string>;
}

/** The first stage in PIPELINE.md that uses the notebook; null when none does. */
export function wiresOf(projectRoot: string, notebook: string): StageWires | null {
  const document = readFileSync(join(projectRoot, "PIPELINE.md"), "utf8");
  const path = relative(projectRoot, notebook).split(sep).join("/");
  for (const [, block] of document.matchAll(/^```yaml stage[^\n]*\n(.*?)^```/gms)) {
    const stage: unknown = parse(block ?? "", { logLevel: "silent" });
    if (!isJsonObject(stage) || typeof stage["name"] !== "string") continue;
    if (typeof stage["notebook"] !== "string") continue;
    if (join(stage["notebook"]).split(sep).join("/") !== path) continue;
    const wires = isJsonObject(stage["inputs"]) ? Object.entries(stage["inputs"]) : [];
    const texts = wires.flatMap(([name, wire]) => (typeof wire === "string" ? [[name, wire]] : []));
    return { stage: stage["name"], inputs: Object.fromEntries(texts) as Record<string, string> };
  }
  return null;
}
