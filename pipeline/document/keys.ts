/**
 * The keys that PIPELINE.md knows, each with what it means: the reader takes their names from here, and
 * `docs/reference/pipeline-document.md` is made of the rest, so that no key goes undocumented.
 */
export interface Key {
  meaning: string;
  /** As it is written. */
  example: string;
  /** What holds without it; absent where it must be there. */
  otherwise?: string;
}

export const FRONT_MATTER_KEYS = {
  pipeline: {
    meaning: "The pipeline's name: letters, digits, `-` and `_`.",
    example: "pipeline: nyc-rental-prices",
  },
  seed: {
    meaning:
      "What all randomness is derived from. A stage's own seed is a hash of it and the stage's name.",
    example: "seed: 42",
    otherwise: "0",
  },
  params: {
    meaning: "Values said once, written `$name` in the stages' `inputs` and `params`.",
    example: "params: { maxPrice: 350 }",
    otherwise: "none",
  },
  profiles: {
    meaning: "Other values for `params`, by profile; `--profile ci` chooses one.",
    example: "profiles: { ci: { maxPrice: 200 } }",
    otherwise: "none",
  },
} as const satisfies Record<string, Key>;

export const STAGE_KEYS = {
  name: {
    meaning:
      "What other stages and the command line call it: letters, digits, `-` and `_`, no dots.",
    example: "name: process",
  },
  notebook: {
    meaning: "Its notebook, relative to the project's root. Several stages may share one.",
    example: "notebook: notebooks/3-process.ipynb",
  },
  inputs: {
    meaning:
      "Where each input that the notebook declares comes from: `stage.output`, a path, a pattern, an address or `run:<id>/stage.output`.",
    example: "inputs: { listings: validate.listings }",
    otherwise: "none",
  },
  params: {
    meaning:
      "Values of parameters that the notebook declares. `$name` is the front matter's value, `$$name` the text itself.",
    example: "params: { maxPrice: $maxPrice }",
    otherwise: "the notebook's defaults",
  },
  after: {
    meaning: "Stages that must have succeeded before, although no data comes from them.",
    example: "after: [report]",
    otherwise: "none",
  },
  timeout: {
    meaning:
      "How long an attempt may take: `ms`, `s`, `m`, `h`, `d`, also `1h30m`. Then its cell is interrupted, and what ran is archived.",
    example: "timeout: 10m",
    otherwise: "no limit",
  },
  retries: {
    meaning:
      "How many more attempts a stage gets that failed, ran out of time or was killed. A failed check is not tried again.",
    example: "retries: 1",
    otherwise: "0",
  },
  resources: {
    meaning:
      "What the stage takes up while it runs: `cpus` of `--jobs`; `memory` (`512MiB`, `2GB`), which ends it before its kernel takes more; `gpus` (read, not acted on).",
    example: "resources: { cpus: 2, memory: 2GiB }",
    otherwise: "one cpu, no limit of memory",
  },
  cache: {
    meaning: "`false` for a stage with effects outside: it always runs.",
    example: "cache: false",
    otherwise: "true",
  },
} as const satisfies Record<string, Key>;
