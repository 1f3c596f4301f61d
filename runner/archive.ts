/** A project's archive for programs: runs, their artifacts as values, and what the archive's commands answer. */
import { readFileSync } from "node:fs";
import { StepLabError } from "../core/error.ts";
import { didYouMean } from "../core/did-you-mean.ts";
import type { ArtifactDigest } from "../core/digest.ts";
import type { Json } from "../core/json.ts";
import type { Columns } from "../core/shape.ts";
import { archiveOf } from "../lineage/archive.ts";
import { collectGarbage } from "../lineage/gc/collect.ts";
import { planGc, type GcOptions, type GcPlan } from "../lineage/gc/plan.ts";
import { exportRun, type ExportOptions, type Exported } from "../lineage/export/export.ts";
import { compareRuns, type CompareOptions, type RunDiff } from "../lineage/query/diff/compare.ts";
import { readExecutions } from "../lineage/query/executions.ts";
import { findStart } from "../lineage/query/lineage/find.ts";
import { lineageGraph, type Graph, type GraphOptions } from "../lineage/query/lineage/graph.ts";
import { newestOutput } from "../lineage/query/newest.ts";
import { findRun, readRecord, recordOf, runFolder } from "../lineage/query/runs.ts";
import { searchRuns, type FoundRuns, type RunQuery } from "../lineage/query/search.ts";
import type { OutputRecord, RunId, RunRecord } from "../lineage/record.ts";
import { ObjectStore } from "../lineage/store/objects.ts";
import { verifyArchive, type VerifyReport } from "../lineage/verify.ts";
import { recoverRuns } from "./recover.ts";

/**
 * The archive of the project in this folder (absolute; where PIPELINE.md lies). Runs whose process died are given
 * their record first, as by every command; nothing else is written by opening or reading.
 *
 *     const archive = openArchive("/projects/prices");
 *     const { validMae } = archive.run("last").stages["train"]?.metrics ?? {};
 *     for await (const row of archive.output("process.listings").rows()) console.log(row);
 */
export function openArchive(projectRoot: string): ProjectArchive {
  recoverRuns(projectRoot);
  return new ProjectArchive(projectRoot);
}

/** What `openArchive` gives. Every reading is of the moment it is made: two of them may see different runs. */
export class ProjectArchive {
  /** Absolute. */
  readonly projectRoot: string;
  readonly #store: ObjectStore;

  constructor(projectRoot: string) {
    this.projectRoot = projectRoot;
    this.#store = new ObjectStore(archiveOf(projectRoot));
  }

  /**
   * Runs as briefs, newest first, or the best first when the query names a metric. Among 10,000 runs some 0.1 s.
   * @throws StepLabError `archive/unknown-metric`
   */
  runs(query: RunQuery = {}): FoundRuns {
    return searchRuns(this.projectRoot, query);
  }

  /**
   * The record of a run: `last`, `last~2`, an id, or its beginning or end.
   * @throws StepLabError `archive/unknown-run` (also for one that is still going on), `archive/unreadable-record`
   */
  run(word: string): RunRecord {
    return recordOf(this.projectRoot, findRun(this.projectRoot, word));
  }

  /** Absolute path of a run's folder, which a person can open. @throws StepLabError `archive/unknown-run` */
  folder(word: string): string {
    return runFolder(this.projectRoot, findRun(this.projectRoot, word));
  }

  /**
   * An output by `stage.output`: of the run named, or of the newest run in which the stage succeeded.
   * @throws StepLabError `archive/unknown-artifact`, `archive/unknown-run`
   */
  output(reference: string, { run, branch }: OutputOptions = {}): StoredOutput {
    const dot = reference.indexOf(".");
    const [stage, output] = [reference.slice(0, dot), reference.slice(dot + 1)];
    const newest =
      run === undefined
        ? newestOutput(this.projectRoot, reference, branch === undefined ? {} : { branch })
        : null;
    const record = run === undefined ? newest && this.run(newest.run) : this.run(run);
    const found = record?.stages[stage]?.outputs[output];
    if (record && found) return new StoredOutput(this.#store, record.run, reference, found);
    const known = Object.entries((record ?? this.#lastOrNull())?.stages ?? {}).flatMap(
      ([name, { outputs }]) => Object.keys(outputs).map((each) => `${name}.${each}`),
    );
    throw new StepLabError("archive/unknown-artifact", `There is no output "${reference}".`, {
      hint: didYouMean(reference, known) ?? "No stage has succeeded yet: run the pipeline first.",
    });
  }

  /** Every object hashed and every record read again; changes nothing. Reads as many bytes as the archive holds. */
  verify(): VerifyReport {
    return verifyArchive(this.projectRoot);
  }

  /** Two runs compared: parameters, code, inputs, outputs, checks, metrics, environment. @throws StepLabError `archive/unknown-run`, `run/unknown-stage` */
  diff(before: string, after: string, options: CompareOptions = {}): RunDiff {
    const [earlier, later] = [before, after].map((word) => findRun(this.projectRoot, word));
    return compareRuns(this.projectRoot, earlier as RunId, later as RunId, options); // two words, two runs
  }

  /**
   * What an artifact was made of and what was made of it. It is named as `steplab lineage` names it: `stage.output`,
   * `run:<id>/stage.output`, a digest, or the path of a file. Both ways and without a limit unless told.
   * @throws StepLabError `archive/unknown-artifact`
   */
  lineage(artifact: string, options: Partial<GraphOptions> = {}): Graph {
    const known = readExecutions(this.projectRoot);
    const start = findStart(this.projectRoot, artifact, known, this.projectRoot);
    return lineageGraph(known, start, { up: true, down: true, depth: Infinity, ...options });
  }

  /** A run as plain files or one archive file. @throws StepLabError `archive/unknown-run`, and for a place that cannot be written */
  async export(word: string, options: ExportOptions): Promise<Exported> {
    return await exportRun(this.projectRoot, findRun(this.projectRoot, word), options);
  }

  /** What nothing reaches any more; with `free` it is freed, otherwise only told. */
  gc(options: GcOptions, { free }: { free: boolean }): GcPlan {
    return free ? collectGarbage(this.projectRoot, options) : planGc(this.projectRoot, options);
  }

  #lastOrNull(): RunRecord | null {
    const [newest] = searchRuns(this.projectRoot, { limit: 1 }).runs;
    return newest === undefined ? null : readRecord(this.projectRoot, newest.run);
  }
}

export interface OutputOptions {
  /** `last`, an id, …; without it the newest run in which the stage succeeded or was cached. */
  run?: string;
  /** Without `run`: only runs of this branch. */
  branch?: string;
}

/** A stored output. Reading hashes the bytes first: a damaged one is an error, not a value. */
export class StoredOutput {
  readonly #store: ObjectStore;
  readonly run: RunId;
  /** `stage.output` */
  readonly reference: string;
  readonly kind: OutputRecord["kind"];
  readonly digest: ArtifactDigest;
  /** Of a folder or model: of its files together. */
  readonly bytes: number;
  readonly mediaType: string;
  /** As in the record: what is known without reading, of a table its rows, columns, ranges and histograms. */
  readonly summary: OutputRecord["summary"];
  readonly #columns: Columns;

  constructor(store: ObjectStore, run: RunId, reference: string, output: OutputRecord) {
    this.#store = store;
    this.run = run;
    this.reference = reference;
    this.kind = output.kind;
    this.digest = output.digest;
    this.bytes = output.bytes;
    this.mediaType = output.mediaType;
    this.summary = output.summary;
    this.#columns = output.schema as unknown as Columns; // of a table, which its own writer wrote; not used for others
  }

  /**
   * Absolute path of the bytes, read-only; a table's are Parquet. Of a folder or model it is the manifest, whose
   * files `files()` gives.
   * @throws StepLabError `store/missing`, `store/damaged`
   */
  path(): string {
    return this.#store.verifiedPath(this.digest);
  }

  /**
   * A table's rows as objects, in their order, a batch in memory at a time. INT64 columns are numbers (or bigint where
   * the schema says so), timestamps `Date`, dates `YYYY-MM-DD`.
   * @throws StepLabError `archive/wrong-kind`, `store/missing`, `store/damaged`
   */
  async *rows<Row extends object = Record<string, unknown>>(): AsyncGenerator<Row> {
    this.#expect("table");
    // A program that reads no table loads no DuckDB.
    const { rowsOfFile } = await import("../stage/artifact/table-kind.ts");
    yield* rowsOfFile<Row>(this.path(), this.#columns, this.reference);
  }

  /** A JSON output's value. @throws StepLabError `archive/wrong-kind`, `store/missing`, `store/damaged` */
  json(): Json {
    this.#expect("json");
    return JSON.parse(readFileSync(this.path(), "utf8")) as Json; // JSON.parse gives JSON
  }

  /** The files of a folder or model: path in it, and absolute path of the bytes. @throws StepLabError `archive/wrong-kind`, `store/…` */
  files(): { path: string; at: string; bytes: number }[] {
    this.#expect("folder", "model");
    return this.#store.readManifest(this.digest).files.map(({ path, digest, bytes }) => ({
      path,
      at: this.#store.verifiedPath(digest),
      bytes,
    }));
  }

  #expect(...kinds: OutputRecord["kind"][]): void {
    if (kinds.includes(this.kind)) return;
    throw new StepLabError(
      "archive/wrong-kind",
      `The output ${this.reference} is a ${this.kind}, not a ${kinds.join(" or ")}.`,
      { hint: "rows() reads tables, json() JSON, files() folders and models, path() everything." },
    );
  }
}
