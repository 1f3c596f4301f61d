/** Archives written by hand: records that no run made, where a test is about reading them. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { digestOf, type ArtifactDigest, type StageKey } from "../../core/digest.ts";
import { readableJson } from "../../core/json.ts";
import { archiveOf } from "../../lineage/archive.ts";
import { plannedStage } from "../../lineage/planned-stage.ts";
import type { OutputRecord, RunId, RunRecord, StageRecord } from "../../lineage/record.ts";
import { ObjectStore } from "../../lineage/store/objects.ts";
import type { Project } from "./project.ts";

/** The `n`-th run of a morning: ids sort as they were made. */
export function runId(n: number): RunId {
  return `2026-11-21T0${Math.floor(n / 3600)}${String(Math.floor(n / 60) % 60).padStart(2, "0")}${String(n % 60).padStart(2, "0")}Z-0000` as RunId; // of the right form
}

export function stageRecord(run: RunId, change: Partial<StageRecord> = {}): StageRecord {
  const about = { index: 1, template: "process", params: {}, source: digestOf("source") };
  return {
    ...plannedStage(about),
    status: "succeeded",
    executedIn: run,
    ...change,
  };
}

export function runRecord(run: RunId, change: Partial<RunRecord> = {}): RunRecord {
  const at = `${run.slice(0, 13)}:${run.slice(13, 15)}:${run.slice(15, 17)}.000Z`;
  return {
    steplab: 1,
    run,
    pipeline: "steps",
    document: "PIPELINE.md",
    status: "succeeded",
    startedAt: at,
    endedAt: at,
    seed: 0,
    profile: null,
    git: null,
    environment: {
      node: "26.0.0",
      platform: "linux-x64",
      lockfile: null,
      packages: {},
      steplab: "0.1.0",
    },
    stages: {},
    ...change,
  };
}

export function keyOf(text: string): StageKey {
  return digestOf(text) as StageKey; // as good as any
}

/** An output whose bytes are in the store. */
export function storedOutput(
  project: Project,
  text: string,
  change: Partial<OutputRecord> = {},
): OutputRecord {
  const store = new ObjectStore(archiveOf(project.root));
  const { digest, bytes } = store.putBytes(text);
  return {
    kind: "json",
    digest,
    bytes,
    mediaType: "application/json",
    schema: {},
    summary: {},
    path: "1-make/n.json",
    ...change,
  };
}

/** Read by a stage from another. */
export function fromStage(
  stage: string,
  output: string,
  { digest, bytes }: OutputRecord,
): StageRecord["inputs"][string] {
  return { source: { stage, output }, digest, bytes };
}

/** Read from a file of the project. */
export function fromPath(
  path: string,
  digest: ArtifactDigest,
  bytes = 1,
): StageRecord["inputs"][string] {
  return { source: { path }, digest, bytes };
}

export function writeRun(project: Project, record: RunRecord): RunRecord {
  const folder = join(archiveOf(project.root).root, record.run);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "run.json"), readableJson(record));
  return record;
}
