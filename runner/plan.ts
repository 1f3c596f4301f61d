/** Whether a stage must run: its key from all it depends on, looked up among what succeeded before. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { digestOf, digestOfJson, type Digest, type StageKey } from "../core/digest.ts";
import { closureOf } from "../core/closure.ts";
import { hasCredentials } from "../core/credentials.ts";
import { codeWithoutComments, storedModuleFacts } from "../core/module-facts.ts";
import { readNotebook } from "../core/notebook/index.ts";
import type { Archive } from "../lineage/archive.ts";
import { ensureFolder, writeFileAtomic } from "../lineage/store/files.ts";
import { KeyIndex, type KeyEntry, type KeyParts } from "../lineage/store/keys.ts";
import type { InputFacts, KeyChange } from "../lineage/event.ts";
import type { StageRecord } from "../lineage/record.ts";
import { FOLDER_MEDIA_TYPE, type ObjectStore } from "../lineage/store/objects.ts";
import { readRecord } from "../lineage/query/runs.ts";
import type { RunId } from "../lineage/record.ts";
import type { StageStatus } from "../lineage/status.ts";
import type { Pipeline, Stage } from "../pipeline/pipeline.ts";
import { keyCells, kernelNameOf, templateOf } from "./execute/executed-notebook.ts";
import type { BoundInput } from "./execute/stage-run.ts";
import { FileFacts, type NotebookFacts } from "./file-facts.ts";
import type { Judged } from "./options.ts";
import type { EarlierSources } from "./key/changes.ts";
import { explainKey, keyOf, keyParts, stageSeed } from "./key/key.ts";
import { Lockfile } from "./key/lockfile.ts";
import { kernelPart } from "./jupyter/foreign/dialect.ts";
import { ownVersion, type OwnVersion } from "./key/own-version.ts";

export type Decision =
  | { decision: "cached"; key: StageKey; reason: string; entry: KeyEntry; parts: KeyParts }
  | { decision: "run"; key: StageKey; reason: string; parts: KeyParts };

/** What a stage's last execution was decided by; what `--explain` compares with. */
interface LastPlan {
  parts: KeyParts;
  status: StageStatus;
  sources?: EarlierSources;
  inputs?: Record<string, InputFacts>;
}

/** Decides stage by stage, as inputs become known, against one verdict and one seed. */
export class Planner {
  readonly #root: string;
  readonly #archive: Archive;
  readonly #store: ObjectStore;
  readonly #judged: Judged;
  readonly #seed: number;
  readonly #keys: KeyIndex;
  readonly #facts: FileFacts;
  readonly #kernels = new Map<string, string>();
  #lastRun: Record<string, StageRecord> | null = null;
  readonly lockfile: Lockfile;
  readonly own: OwnVersion;
  /** Every package that a planned stage rests on: the record's environment. */
  readonly packages: Record<string, string> = {};

  constructor(
    projectRoot: string,
    archive: Archive,
    store: ObjectStore,
    judged: Judged,
    seed: number,
  ) {
    this.#root = projectRoot;
    this.#archive = archive;
    this.#store = store;
    this.#judged = judged;
    this.#seed = seed;
    this.#keys = new KeyIndex(archive);
    this.#facts = new FileFacts(archive);
    this.lockfile = new Lockfile(projectRoot);
    this.own = ownVersion();
  }

  get pipeline(): Pipeline {
    return this.#judged.pipeline;
  }

  seedOf(stage: Stage): string {
    return stageSeed(this.#seed, stage.name);
  }

  /** Called when all inputs of the stage are known. `force`: run it although its key is known. */
  decide(stage: Stage, inputs: Record<string, BoundInput>, options: { force: boolean }): Decision {
    const parts = this.#partsOf(stage, inputs, this.#judged.notebooks[stage.name]?.source);
    const key = keyOf(parts);
    const because = (reason: string): Decision => ({ decision: "run", key, reason, parts });
    if (options.force) return because("forced");
    if (!stage.cache) return because("cache: false in PIPELINE.md");
    const entry = this.#fromLastRun(stage, key, parts) ?? this.#keys.get(key);
    if (entry === null) return because(this.#explain(stage, parts));
    const lost = lostPart(entry.record, this.#store);
    if (lost !== null) return because(`its ${lost} is no longer in the store`);
    return {
      decision: "cached",
      key,
      entry,
      parts,
      reason: `unchanged since run ${entry.record.executedIn}`,
    };
  }

  /** False when the stage's code, or anything else of its key, is no longer what it was decided by. */
  isCurrent(stage: Stage, inputs: Record<string, BoundInput>, key: StageKey): boolean {
    try {
      return keyOf(this.#partsOf(stage, inputs)) === key;
    } catch {
      return false; // the notebook, or a module it imports, is gone
    }
  }

  /** The project modules of a key, put into the store as they are now: what made a result must be there to be read. */
  keepModules({ modules }: KeyParts): NonNullable<StageRecord["modules"]> {
    const kept: NonNullable<StageRecord["modules"]> = {};
    for (const path of Object.keys(modules ?? {})) {
      const file = join(this.#root, path);
      if (!existsSync(file)) continue; // deleted since the key was made: the stage will say so
      const bytes = readFileSync(file);
      kept[path] = hasCredentials(bytes.toString("latin1"))
        ? null
        : this.#store.putBytes(bytes).digest;
    }
    return kept;
  }

  remember(
    stage: Stage,
    parts: KeyParts,
    inputs: Record<string, BoundInput>,
    { status, notebook, modules = {} }: StageRecord,
  ): void {
    const path = this.#lastPath(stage);
    ensureFolder(join(path, ".."));
    const sources = { notebook: notebook.executed, modules };
    const last = { parts, status, sources, inputs: inputFacts(inputs) };
    writeFileAtomic(path, JSON.stringify(last satisfies LastPlan), { durable: false });
  }

  /** What `decide` has said in a phrase, in full; none for a stage that never ran, or runs although nothing changed. */
  async changes(
    stage: Stage,
    inputs: Record<string, BoundInput>,
    { parts }: Pick<Decision, "parts">,
  ): Promise<KeyChange[]> {
    const last = this.#last(stage);
    if (last === null) return [];
    const { keyChanges } = await import("./key/changes.ts");
    return keyChanges({
      before: { inputs: {}, ...last, sources: last.sources ?? null },
      after: { parts, inputs: inputFacts(inputs), notebook: stage.notebook },
      root: this.#root,
      store: this.#store,
    });
  }

  succeeded(entry: KeyEntry): void {
    this.#keys.put(entry);
  }

  save(): void {
    this.#facts.save(this.#archive);
  }

  /** `judged`: the digest of the notebook's text as it was judged; without it the file is read again. */
  #partsOf(stage: Stage, inputs: Record<string, BoundInput>, judged?: Digest): KeyParts {
    const path = join(this.#root, stage.notebook);
    const facts = (judged && this.#facts.knownNotebook(judged)) ?? this.#readFacts(stage, path);
    const closure = this.#closureOf(path, facts);
    const { packages, locked } = this.lockfile.closure(closure.packages, this.#facts);
    Object.assign(this.packages, packages);
    return keyParts({
      code: facts.code,
      modules: Object.fromEntries(closure.files.map((file) => [file.path, file.digest])),
      packages,
      locked,
      params: this.#judged.params[stage.name] ?? {},
      inputs: Object.fromEntries(
        Object.entries(inputs).map(([name, input]) => [name, input.digest]),
      ),
      seed: this.seedOf(stage),
      kernel: this.#kernelPart(facts.kernel),
      steplab: this.own.key,
    });
  }

  /** Looked for once a run. */
  #kernelPart(name: string): string {
    const known = this.#kernels.get(name);
    if (known !== undefined) return known;
    const part = kernelPart(this.#root, name);
    this.#kernels.set(name, part);
    return part;
  }

  #readFacts(stage: Stage, path: string): NotebookFacts {
    const text = readFileSync(path, "utf8");
    return this.#facts.notebook(digestOf(text), () => notebookFacts(text, stage.notebook));
  }

  /** The last run's record holds all its stages in one file: of a thousand unchanged ones no key file is opened. */
  #fromLastRun(stage: Stage, key: StageKey, parts: KeyParts): KeyEntry | null {
    this.#lastRun ??= lastStages(this.#root, this.#archive);
    const made = this.#lastRun[stage.name];
    if (made?.key !== key || made.executedIn === null || !this.#keys.has(key)) return null;
    if (made.status !== "succeeded" && made.status !== "cached") return null;
    return { version: 1, key, parts, record: { ...made, status: "succeeded" } };
  }

  #closureOf(
    notebook: string,
    facts: NotebookFacts,
  ): { files: { path: string; digest: `sha256:${string}` }[]; packages: string[] } {
    const folder = join(notebook, "..");
    const relative = facts.imports.imports.filter(
      (each) => !each.typeOnly && /^(\.\.?\/|file:|\/|#)/.test(each.specifier),
    );
    const bare = facts.imports.imports.filter(
      (each) => !each.typeOnly && !relative.includes(each) && !each.specifier.startsWith("node:"),
    );
    const names = bare.map((each) => packageOf(each.specifier));
    if (relative.length === 0) return { files: [], packages: [...new Set(names)].sort() };
    // The cells' own facts are cached with the notebook; only the modules they reach are walked.
    const source = relative.map((each) => `import ${JSON.stringify(each.specifier)};`).join("\n");
    const closure = closureOf([{ path: join(folder, "cells.ts"), source }], {
      root: this.#root,
      cache: this.#facts.modules,
    });
    return { files: closure.files, packages: [...new Set([...closure.packages, ...names])].sort() };
  }

  #explain(stage: Stage, parts: KeyParts): string {
    const last = this.#last(stage);
    if (last === null) return "never run";
    const reasons = explainKey(last.parts, parts);
    if (reasons.length > 0) return reasons.join("; ");
    return last.status === "succeeded"
      ? "its result was removed"
      : `it ended ${last.status} last time`;
  }

  #last(stage: Stage): LastPlan | null {
    try {
      return JSON.parse(readFileSync(this.#lastPath(stage), "utf8")) as LastPlan; // our own file
    } catch {
      return null; // never run
    }
  }

  #lastPath(stage: Stage): string {
    const name = `${encodeURIComponent(this.pipeline.document)}.${encodeURIComponent(stage.name)}.json`;
    return join(this.#archive.refs, "stages", name);
  }
}

function inputFacts(inputs: Record<string, BoundInput>): Record<string, InputFacts> {
  return Object.fromEntries(
    Object.entries(inputs).map(([name, { bytes, rows }]) => [name, { bytes, rows }]),
  );
}

/** What of a cached result somebody has deleted, in words; null when all of it is there. */
function lostPart({ notebook, outputs }: StageRecord, store: ObjectStore): string | null {
  if (notebook.executed !== null && !store.has(notebook.executed)) return "executed notebook";
  for (const [name, { digest, mediaType }] of Object.entries(outputs)) {
    if (!store.has(digest)) return `output ${name}`;
    if (mediaType !== FOLDER_MEDIA_TYPE) continue;
    const file = store.readManifest(digest).files.find((each) => !store.has(each.digest));
    if (file !== undefined) return `output ${name} (${file.path})`;
  }
  return null;
}

/** The stages of the newest recorded run; none when there is none, or it cannot be read: key files tell the same. */
function lastStages(projectRoot: string, archive: Archive): Record<string, StageRecord> {
  try {
    const { run } = JSON.parse(readFileSync(join(archive.refs, "last.json"), "utf8")) as {
      run: RunId;
    }; // our own
    return readRecord(projectRoot, run)?.stages ?? {};
  } catch {
    return {};
  }
}

/** `zod` of `zod/v4`, `@scope/name` of `@scope/name/part`. */
function packageOf(specifier: string): string {
  return /^(@[^/]+\/[^/]+|[^/]+)/.exec(specifier)?.[0] ?? specifier;
}

/** The executed cells only: prose and scratch are not part of a key. */
function notebookFacts(text: string, path: string): NotebookFacts {
  const { notebook } = readNotebook(text, path);
  if (notebook === null) throw new Error(`${path} was judged and is now unreadable`);
  const sources = keyCells(notebook).map((cell) => cell.source);
  return {
    code: digestOfJson(sources.map((source) => codeWithoutComments(source, "cell.ts"))),
    imports: storedModuleFacts(sources.join("\n;\n"), "cells.ts"),
    template: templateOf(notebook),
    kernel: kernelNameOf(notebook),
  };
}
