/**
 * The lineage of an artifact: up to the raw bytes it was made of, down to everything that was made of it.
 *
 * Pure. An artifact is a place and its bytes: `validate.listings` and the `collect.listings` it passed on have one
 * digest and are two, because other code stands behind each. A step is all executions of a stage with one key, so
 * that ten thousand runs of the same work are one node.
 */
import type { Digest, StageKey } from "../../../core/digest.ts";
import type { InputSource } from "../../../core/host.ts";
import type { RunId } from "../../record.ts";
import { executionId, type Execution, type ExecutionId } from "../execution.ts";

/** Where bytes stand: an output of a stage, or outside: a path, a URL. */
export type Place = { stage: string; output: string } | { path: string } | { url: string };

export interface ArtifactNode {
  id: string;
  digest: Digest;
  place: Place;
  /** Null of what came from outside. */
  kind: Execution["outputs"][number]["kind"] | null;
  bytes: number;
  /** Of a table. */
  rows: number | null;
}

export interface StepNode {
  id: string;
  stage: string;
  status: Execution["status"];
  key: StageKey | null;
  /** The execution that is shown: the one asked for, else the newest. */
  execution: Execution;
  /** How many executions are this step, and how many runs took their results. */
  executions: number;
  runs: number;
}

/** In the direction of the data: an artifact into the step that read it, a step into what it made. */
export interface Edge {
  from: string;
  to: string;
  /** Name of the input or output. */
  as: string;
}

/** Artifacts, the steps that made and read them, and what leads to what. */
export interface Graph {
  /** Id of the node that was asked for. */
  root: string;
  artifacts: ArtifactNode[];
  steps: StepNode[];
  edges: Edge[];
}

/** All executions of an archive, and who took their results. */
export interface Executions {
  all: readonly Execution[];
  /** The execution behind a stage of a run, cached or not; undefined when it is no longer known. */
  behind(run: RunId, stage: string): Execution | undefined;
  /** How many runs took the results of an execution, the one that executed it included. */
  runsOf(id: ExecutionId): number;
}

export type Start =
  | { kind: "artifact"; digest: Digest; place: Place; execution?: Execution }
  | { kind: "step"; execution: Execution };

export interface GraphOptions {
  up: boolean;
  down: boolean;
  /** Steps away from the start; Infinity for all. */
  depth: number;
}

export function lineageGraph(
  executions: Executions,
  start: Start,
  { up, down, depth }: GraphOptions,
): Graph {
  const walk = new Walk(executions);
  const root = walk.begin(start);
  if (up) walk.up(start, depth);
  if (down) walk.down(start, depth);
  return { root, ...walk.found() };
}

class Walk {
  readonly #executions: Executions;
  readonly #byOutput = new Map<Digest, Execution[]>();
  readonly #byInput = new Map<Digest, Execution[]>();
  readonly #byStep = new Map<string, Execution[]>();
  readonly #artifacts = new Map<string, ArtifactNode>();
  readonly #steps = new Map<string, StepNode>();
  readonly #edges = new Map<string, Edge>();

  constructor(executions: Executions) {
    this.#executions = executions;
    for (const each of executions.all) {
      for (const { digest } of each.outputs) add(this.#byOutput, digest, each);
      for (const { digest } of each.inputs) add(this.#byInput, digest, each);
      add(this.#byStep, stepId(each), each);
    }
  }

  begin(start: Start): string {
    return start.kind === "step"
      ? this.#step(start.execution).id
      : this.#artifact(start.digest, start.place).id;
  }

  found(): Omit<Graph, "root"> {
    return {
      artifacts: [...this.#artifacts.values()],
      steps: [...this.#steps.values()],
      edges: [...this.#edges.values()],
    };
  }

  /** Breadth first, so that what is near is found at its own distance, whichever way leads there. */
  up(start: Start, depth: number): void {
    const queue: { execution: Execution; depth: number }[] = [];
    const visited = new Set<string>();
    const visit = (execution: Execution, left: number): StepNode => {
      const step = this.#step(execution);
      if (!visited.has(step.id)) queue.push({ execution, depth: left });
      visited.add(step.id);
      return step;
    };
    if (start.kind === "step") visit(start.execution, depth);
    else {
      const maker = start.execution ?? this.#maker(start.digest, start.place);
      if (maker !== undefined) this.#made(visit(maker, depth - 1), start.digest, start.place);
    }
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      const { execution, depth: left } = next;
      for (const input of execution.inputs) {
        const place = placeOf(input.source);
        const artifact = this.#artifact(input.digest, place, input.bytes);
        this.#edge(artifact.id, stepId(execution), input.name);
        const maker = left > 0 ? this.#makerOf(execution, input) : undefined;
        if (maker !== undefined) this.#made(visit(maker, left - 1), input.digest, place);
      }
    }
  }

  #made(step: StepNode, digest: Digest, place: Place): void {
    this.#edge(step.id, this.#artifact(digest, place).id, "output" in place ? place.output : "");
  }

  /** The execution that the reader's own run took the input from; when it is no longer known, whoever made the same. */
  #makerOf(
    reader: Execution,
    { source, digest }: Execution["inputs"][number],
  ): Execution | undefined {
    const place = placeOf(source);
    if (!("stage" in place)) return undefined;
    const run = "run" in source ? (source.run as RunId) : reader.run; // as the runner recorded it
    const behind = this.#executions.behind(run, place.stage);
    const isIt = behind?.outputs.some(
      (each) => each.name === place.output && each.digest === digest,
    );
    return isIt === true ? behind : this.#maker(digest, place);
  }

  down(start: Start, depth: number): void {
    const queue: { digest: Digest; place: Place; depth: number }[] = [];
    const visited = new Set<string>();
    const outputsOf = (step: string, left: number): void => {
      // Of every execution of a step: one that is not reproducible made other bytes each time.
      for (const { stage, outputs } of this.#byStep.get(step) ?? []) {
        for (const { name, digest } of outputs) {
          const place = { stage, output: name };
          const { id } = this.#artifact(digest, place);
          this.#edge(step, id, name);
          if (!visited.has(id) && left > 0) queue.push({ digest, place, depth: left });
          visited.add(id);
        }
      }
    };
    if (start.kind === "step") outputsOf(stepId(start.execution), depth);
    else queue.push({ digest: start.digest, place: start.place, depth });
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      const { digest, place, depth: left } = next;
      const artifact = this.#artifact(digest, place);
      for (const { reader, names } of this.#readers(digest, place)) {
        const { id } = this.#step(reader);
        for (const name of names) this.#edge(artifact.id, id, name);
        if (!visited.has(id)) outputsOf(id, left - 1);
        visited.add(id);
      }
    }
  }

  /** One of each step that read the bytes from there, the newest. */
  #readers(digest: Digest, place: Place): { reader: Execution; names: string[] }[] {
    const found = new Map<string, { reader: Execution; names: string[] }>();
    for (const reader of this.#byInput.get(digest) ?? []) {
      if (found.has(stepId(reader))) continue;
      const names = reader.inputs
        .filter((input) => input.digest === digest && isSamePlace(placeOf(input.source), place))
        .map(({ name }) => name);
      if (names.length > 0) found.set(stepId(reader), { reader, names });
    }
    return [...found.values()];
  }

  /** Whoever made these bytes at this place; the newest, when several did. */
  #maker(digest: Digest, place: Place): Execution | undefined {
    if (!("stage" in place)) return undefined;
    return this.#byOutput
      .get(digest)
      ?.find(
        ({ stage, outputs }) =>
          stage === place.stage &&
          outputs.some((each) => each.digest === digest && each.name === place.output),
      );
  }

  #artifact(digest: Digest, place: Place, bytes?: number): ArtifactNode {
    const id = artifactId(digest, place);
    const known = this.#artifacts.get(id);
    if (known !== undefined) return known;
    const output = this.#maker(digest, place)?.outputs.find((each) => each.digest === digest);
    const read = this.#byInput.get(digest)?.[0]?.inputs.find((each) => each.digest === digest);
    const node: ArtifactNode = {
      id,
      digest,
      place,
      kind: output?.kind ?? null,
      bytes: output?.bytes ?? bytes ?? read?.bytes ?? 0,
      rows: output?.rows ?? null,
    };
    this.#artifacts.set(id, node);
    return node;
  }

  #step(execution: Execution): StepNode {
    const id = stepId(execution);
    const known = this.#steps.get(id);
    if (known !== undefined) return known;
    const same = this.#byStep.get(id) ?? [execution];
    const runs = same.reduce((sum, each) => sum + this.#executions.runsOf(executionId(each)), 0);
    const { stage, status, key } = execution;
    const node: StepNode = { id, stage, status, key, execution, executions: same.length, runs };
    this.#steps.set(id, node);
    return node;
  }

  #edge(from: string, to: string, as: string): void {
    this.#edges.set(`${from}\n${to}\n${as}`, { from, to, as });
  }
}

function add<K>(map: Map<K, Execution[]>, key: K, value: Execution): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [value]);
  else if (list.at(-1) !== value) list.push(value);
}

/** A stage with one key and one outcome is one step; without a key (it never came to one) each execution is its own. */
function stepId(execution: Execution): string {
  const { stage, key, status } = execution;
  return key === null
    ? executionId(execution)
    : `${stage}@${key.slice("sha256:".length, "sha256:".length + 16)}:${status}`;
}

function artifactId(digest: Digest, place: Place): string {
  return `${placeName(place)}@${digest.slice("sha256:".length, "sha256:".length + 16)}`;
}

/** `collect.listings`, `data/x.csv`, an address. */
export function placeName(place: Place): string {
  if ("path" in place) return place.path;
  if ("url" in place) return place.url;
  return `${place.stage}.${place.output}`;
}

export function placeOf(source: InputSource): Place {
  if ("path" in source) return { path: source.path };
  if ("url" in source) return { url: source.url };
  return { stage: source.stage, output: source.output };
}

/** Bytes from outside are the same wherever they lay: a delivery may have been moved. */
function isSamePlace(a: Place, b: Place): boolean {
  if ("stage" in a && "stage" in b) return a.stage === b.stage && a.output === b.output;
  return !("stage" in a) && !("stage" in b);
}
