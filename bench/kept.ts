/**
 * What a benchmark has measured so far: the whole table takes most of an hour, and a machine is not ours for so long.
 * `--resume` takes the tasks that were measured since then; the code that is measured must be the same.
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { ownSourcesDigest } from "../core/own-sources.ts";
import type { Measured, Task } from "./measure.ts";

const ROOMS = ["core", "lineage", "stage", "pipeline", "kernel", "runner", "cli", "bench"];

interface File {
  /** Of everything that is measured, and of how it is. */
  sources: string;
  withPeers: boolean;
  tasks: Record<string, Omit<Measured, "task">>;
}

export class KeptMeasurements {
  readonly #path: string;
  readonly #file: File;

  /** @param resume false forgets what is there */
  constructor(path: string, options: { withPeers: boolean; resume: boolean }) {
    this.#path = path;
    const { withPeers } = options;
    const empty: File = { sources: ownSourcesDigest(ROOMS), withPeers, tasks: {} };
    const known = options.resume ? read(path) : null;
    const fits = known?.sources === empty.sources && known.withPeers === withPeers;
    this.#file = fits ? known : empty;
  }

  /** Undefined for a task that is still to be measured, or whose measurement failed. */
  of(task: Task): Measured | undefined {
    const kept = this.#file.tasks[task.name];
    return kept === undefined || kept.faults.length > 0 ? undefined : { task, ...kept };
  }

  keep({ task, ...measured }: Measured): void {
    this.#file.tasks[task.name] = measured;
    mkdirSync(dirname(this.#path), { recursive: true });
    writeFileSync(this.#path, JSON.stringify(this.#file));
  }
}

function read(path: string): File | null {
  try {
    return JSON.parse(readFileSync(path, "utf8")) as File; // written by `keep` alone
  } catch {
    return null;
  }
}
