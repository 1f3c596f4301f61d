/** From what a notebook told to what the record keeps: checks, metrics, notes, and outputs moved into the store. */
import { existsSync, statSync } from "node:fs";
import type { Contract } from "../../core/contract.ts";
import type { CheckFact, Fact, NoteFact, OutputFact } from "../../core/fact.ts";
import type { InputBinding } from "../../core/host.ts";
import { FOLDER_MEDIA_TYPE, type ObjectStore } from "../../lineage/store/objects.ts";
import type {
  CheckRecord,
  MetricRecord,
  OutputRecord,
  UndeclaredRead,
} from "../../lineage/record.ts";
import { fileNameOf, placeBelow } from "../place.ts";

export interface Told {
  checks: CheckRecord[];
  metrics: Record<string, MetricRecord>;
  notes: Omit<NoteFact, "fact">[];
  outputs: Map<string, OutputFact>;
  /** In the order in which they were first seen. */
  reads: UndeclaredRead[];
  /** Why another run may give another result; empty when nothing is known to. */
  notReproducible: string[];
}

/** Offending rows are kept whatever became of the stage: they are why it failed. */
export function gather(
  facts: readonly Fact[],
  contract: Contract,
  staging: string,
  store: ObjectStore,
): Told {
  const told: Told = {
    checks: [],
    metrics: {},
    notes: [],
    outputs: new Map(),
    reads: readsOf(facts),
    notReproducible: [],
  };
  if (told.reads.length > 0) told.notReproducible.push("it reads what it does not declare");
  for (const fact of facts) {
    switch (fact.fact) {
      case "check":
        told.checks.push(checkRecord(fact, staging, store));
        break;
      case "metric":
        addMetric(told.metrics, contract, fact.name, fact.value, fact.step);
        break;
      case "note": {
        const { fact: _kind, ...note } = fact;
        told.notes.push(note);
        break;
      }
      case "output":
        told.outputs.set(fact.name, fact);
        if (fact.reproducible === false)
          told.notReproducible.push(`output "${fact.name}" was made on several threads`);
        break;
      case "progress": // seen while it ran; nothing to keep
      case "secret":
      case "memory":
      case "read": // above
        break;
      default:
        fact satisfies never;
    }
  }
  return told;
}

/** The last that was told of each: every telling is whole. Files of a folder that were told one by one are the folder's. */
function readsOf(facts: readonly Fact[]): UndeclaredRead[] {
  const reads = new Map<string, UndeclaredRead>();
  for (const each of facts) {
    if (each.fact !== "read") continue;
    const { fact: _kind, replaces = [], ...read } = each;
    for (const name of replaces) reads.delete(`file ${name}`);
    reads.set(`${read.kind} ${read.name}`, read);
  }
  return [...reads.values()];
}

/** Outputs and metrics that the contract declares and nobody wrote. */
export function unwritten(told: Told, contract: Contract): string[] {
  return Object.entries(contract.outputs)
    .filter(([name, port]) =>
      port.kind === "metric" ? !(name in told.metrics) : !told.outputs.has(name),
    )
    .map(([name]) => name);
}

/** Moves staged files into the store, in the order of the contract. `folder` is the stage's place in the run. */
export function publish(
  told: Told,
  contract: Contract,
  inputs: Record<string, InputBinding>,
  staging: string,
  store: ObjectStore,
  folder: string,
): Record<string, OutputRecord> {
  const outputs: Record<string, OutputRecord> = {};
  for (const name of Object.keys(contract.outputs)) {
    const fact = told.outputs.get(name);
    if (fact === undefined) continue;
    const stored = storeOutput(fact, inputs, staging, store);
    outputs[name] = {
      kind: fact.kind,
      digest: stored.digest,
      bytes: stored.bytes,
      mediaType: stored.folder ? FOLDER_MEDIA_TYPE : fact.mediaType,
      schema: fact.schema,
      summary: fact.summary,
      path: `${folder}/${fileNameOf(name, fact.mediaType, stored.folder)}`,
    };
  }
  store.sync();
  return outputs;
}

function storeOutput(
  fact: OutputFact,
  inputs: Record<string, InputBinding>,
  staging: string,
  store: ObjectStore,
): { digest: OutputRecord["digest"]; bytes: number; folder: boolean } {
  if (fact.staged !== undefined) {
    const path = placeBelow(staging, fact.staged);
    const folder = statSync(path).isDirectory();
    return { ...(folder ? store.takeFolder(path) : store.takeFile(path)), folder };
  }
  // An input passed on: the same artifact, nothing copied.
  const passed = Object.values(inputs).find((input) => input.digest === fact.digest);
  if (passed === undefined)
    throw new Error(`output "${fact.name}" was told with neither a file nor an input`);
  return {
    digest: passed.digest,
    bytes: passed.bytes,
    folder: passed.kind === "folder" || passed.kind === "model",
  };
}

function checkRecord(fact: CheckFact, staging: string, store: ObjectStore): CheckRecord {
  const { fact: _kind, rows, ...check } = fact;
  if (rows === undefined) return check;
  const { staged, ...kept } = rows;
  const path = staged === undefined ? null : placeBelow(staging, staged);
  if (path === null || !existsSync(path)) return { ...check, rows: kept };
  return { ...check, rows: { ...kept, artifact: store.takeFile(path).digest } };
}

function addMetric(
  metrics: Record<string, MetricRecord>,
  contract: Contract,
  name: string,
  value: number,
  step: number | undefined,
): void {
  const port = contract.outputs[name];
  if (port?.kind !== "metric") throw new Error(`metric "${name}" is not declared`); // stage/ has no handle for it
  const known = metrics[name] ?? { value, goal: port.goal, unit: port.unit ?? null, series: null };
  metrics[name] = {
    ...known,
    value,
    series: step === undefined ? known.series : [...(known.series ?? []), { step, value }],
  };
}
