/** What each input of a stage is bound to, once the stages before it are done: an artifact and where it came from. */
import { StepLabError } from "../core/error.ts";
import type { Port } from "../core/contract.ts";
import { archiveOf } from "../lineage/archive.ts";
import { findRun, readRecord } from "../lineage/query/runs.ts";
import type { StageRecord } from "../lineage/record.ts";
import { FOLDER_MEDIA_TYPE, type ObjectStore } from "../lineage/store/objects.ts";
import type { Stage, Wire } from "../pipeline/pipeline.ts";
import type { BoundInput } from "./execute/stage-run.ts";
import { LocalSources, type FetchedSource } from "./sources/local.ts";

export interface InputOptions {
  projectRoot: string;
  offline: boolean;
  /** `look`: sources are hashed and not stored, for who only wants to know what would run. */
  store: "keep" | "look";
  signal: AbortSignal;
  /** `-i stage.input=path`, absolute paths by "stage.input". */
  given: Record<string, string>;
  onFetched: (stage: string, input: string, fetched: FetchedSource) => void;
}

/** Binds the inputs of one run's stages: sources are fetched, outputs of earlier stages looked up. */
export class Inputs {
  readonly #options: InputOptions;
  readonly #store: ObjectStore;
  readonly #local: LocalSources;

  constructor(options: InputOptions, store: ObjectStore) {
    this.#options = options;
    this.#store = store;
    this.#local = new LocalSources(
      options.projectRoot,
      store,
      archiveOf(options.projectRoot).cache,
      options.store,
    );
  }

  /** @throws StepLabError `source/…`, `store/missing` */
  async bind(
    stage: Stage,
    ports: Record<string, Port>,
    done: ReadonlyMap<string, StageRecord>,
  ): Promise<Record<string, BoundInput>> {
    const bound: Record<string, BoundInput> = {};
    for (const [name, port] of Object.entries(ports)) {
      if (port.kind === "metric") continue; // metrics are no inputs; lint says so
      const given = this.#options.given[`${stage.name}.${name}`];
      const wire: Wire | undefined =
        given === undefined ? stage.inputs[name] : { kind: "path", path: given };
      if (wire === undefined) throw new Error(`input ${stage.name}.${name} is not wired`); // lint refuses it
      bound[name] = { ...(await this.#bindOne(stage, name, wire, done)), kind: port.kind };
    }
    return bound;
  }

  save(): void {
    this.#local.save();
  }

  async #bindOne(
    stage: Stage,
    input: string,
    wire: Wire,
    done: ReadonlyMap<string, StageRecord>,
  ): Promise<BoundInput> {
    switch (wire.kind) {
      case "output":
        return fromOutput(done.get(wire.stage), wire, { stage: wire.stage, output: wire.output });
      case "run": {
        const run = findRun(this.#options.projectRoot, wire.run);
        const record = readRecord(this.#options.projectRoot, run);
        return fromOutput(record?.stages[wire.stage], wire, {
          run,
          stage: wire.stage,
          output: wire.output,
        });
      }
      case "path":
        return this.#fetched(
          stage,
          input,
          this.#local.fetchPath(wire.path, { stage: stage.name, input }),
        );
      case "glob":
        return this.#fetched(
          stage,
          input,
          this.#local.fetchGlob(wire.pattern, { stage: stage.name, input }),
        );
      case "url": {
        const { fetchUrl } = await import("./sources/url.ts");
        const { projectRoot, offline, signal } = this.#options;
        const options = {
          archive: archiveOf(projectRoot),
          store: this.#store,
          offline,
          signal,
          stage: stage.name,
          input,
        };
        return this.#fetched(stage, input, await fetchUrl(wire.url, options));
      }
    }
  }

  #fetched(stage: Stage, input: string, fetched: FetchedSource): BoundInput {
    this.#options.onFetched(stage.name, input, fetched);
    const { source, digest, bytes, mediaType, kind } = fetched;
    return { kind, source, digest, bytes, mediaType, folder: kind === "folder", rows: null };
  }
}

function fromOutput(
  record: StageRecord | undefined,
  wire: { stage: string; output: string },
  source: BoundInput["source"],
): BoundInput {
  const output = record?.outputs[wire.output];
  if (output === undefined) {
    throw new StepLabError(
      "store/missing",
      `Stage "${wire.stage}" has no output "${wire.output}" to read.`,
      {
        hint: "Run the stage again, or wire the input to another output in PIPELINE.md.",
      },
    );
  }
  const { kind, digest, bytes, mediaType, summary } = output;
  const rows = typeof summary["rows"] === "number" ? summary["rows"] : null;
  return { kind, source, digest, bytes, mediaType, folder: mediaType === FOLDER_MEDIA_TYPE, rows };
}
