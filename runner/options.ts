/** What a run is asked for, and what judging a pipeline gives it. */
import type { Contract } from "../core/contract.ts";
import type { Diagnostic } from "../core/diagnostic.ts";
import type { Digest } from "../core/digest.ts";
import { nodeEffects, type Effects } from "../core/effects.ts";
import type { Json } from "../core/json.ts";
import type { RunEvent } from "../lineage/event.ts";
import type { Pipeline } from "../pipeline/pipeline.ts";
import type { JupyterServer } from "./jupyter/server-kernels.ts";

/** What a person said besides the document: `--profile`, `-p name=…`, `-p stage.name=…`, `--params file`. */
export interface Overrides {
  profile: string | null;
  /** Front matter's values, by name. */
  front: Record<string, Json>;
  /** Stages' parameters, by stage and name; `from` says how far a value may be read. */
  stages: Record<string, Record<string, Json>>;
}

/** A pipeline that lint found sound: all that is known of it before it runs. */
export interface Judged {
  pipeline: Pipeline;
  /** Stage names in the order of the graph. */
  order: string[];
  contracts: Record<string, Contract>;
  /** By stage: every parameter resolved, JSON-encoded, defaults filled. */
  params: Record<string, Record<string, Json>>;
  /** By stage: the notebook that was judged, and the template it follows. */
  notebooks: Record<string, { source: Digest; template: string }>;
  /** Warnings and information; errors end a run before it begins. */
  diagnostics: Diagnostic[];
}

/** What lint gives, before it is known which bytes it was about. */
export type Verdict = Omit<Judged, "notebooks">;

/** What {@link run} is asked for; `RUN_DEFAULTS` has every default. */
export interface RunOptions {
  /** Absolute. */
  projectRoot: string;
  /** Relative to the root. */
  document: string;
  overrides: Overrides;
  /** `-i`: absolute paths by "stage.input". */
  inputs: Record<string, string>;
  select: { from?: string[]; to?: string[]; only?: string[] };
  force: boolean;
  /** Say in full why each stage runs: `changes` of its `stage-planned` event. */
  explain: boolean;
  seed: number | null;
  /** Stages side by side at most; null takes the machine's cores. */
  jobs: number | null;
  offline: boolean;
  /** Kernels of a Jupyter Server that runs already, instead of processes of our own. */
  server: JupyterServer | null;
  signal: AbortSignal;
  /** Called with every event right after it is in the journal. */
  onEvent: (event: RunEvent) => void;
  /** Warnings of lint, before anything runs. */
  onJudged: (judged: Judged) => void;
  effects: Effects;
}

/** A run of PIPELINE.md as it stands, on all cores, without a listener. */
export const RUN_DEFAULTS: Omit<RunOptions, "projectRoot"> = {
  document: "PIPELINE.md",
  overrides: { profile: null, front: {}, stages: {} },
  inputs: {},
  select: {},
  force: false,
  explain: false,
  seed: null,
  jobs: null,
  offline: false,
  server: null,
  signal: new AbortController().signal,
  onEvent: () => undefined,
  onJudged: () => undefined,
  effects: nodeEffects,
};
