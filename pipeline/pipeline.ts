/** A pipeline with every default filled: what PIPELINE.md says, as values. Read by `document.ts`, used by lint and the runner. */
import type { Json } from "../core/json.ts";
import type { Place } from "../core/diagnostic.ts";

export interface Pipeline {
  name: string;
  /** The document, relative to the project root. */
  document: string;
  seed: number;
  /** Front matter's parameters, the profile and `-p name=value` applied: the values `$name` stands for. */
  params: Record<string, Json>;
  /** Names of the front matter's profiles. */
  profiles: string[];
  /** In the document's order; `graph.ts` gives the order of the graph. */
  stages: Stage[];
}

export interface Stage {
  name: string;
  /** The section's heading. */
  title: string;
  /** The section's markdown without its stage block: what stage.md keeps. */
  description: string;
  /** Relative to the project root. */
  notebook: string;
  inputs: Record<string, Wire>;
  /** As written, `$name` resolved; not yet decoded by the stage's contract. */
  params: Record<string, Json>;
  /** Stages that must have succeeded before, without data. */
  after: string[];
  timeoutMs: number | null;
  retries: number;
  resources: { cpus: number; memoryBytes: number | null; gpus: number };
  /** False for stages with outside effects: they always run. */
  cache: boolean;
  /** Where the parts stand in the document, for diagnostics: "name", "notebook", "inputs.listings", "params.minPrice", … */
  places: Record<string, Place>;
}

/** Where an input comes from. */
export type Wire =
  | { kind: "output"; stage: string; output: string }
  | { kind: "path"; path: string }
  | { kind: "glob"; pattern: string } // the last by name
  | { kind: "url"; url: string }
  | { kind: "run"; run: string; stage: string; output: string };
