/** The newest real artifact of an output: what an opened or exploring notebook is bound to. */
import type { ArtifactDigest } from "../../core/digest.ts";
import { ObjectStore } from "../store/objects.ts";
import { archiveOf } from "../archive.ts";
import { currentBranch } from "../git/repository.ts";
import type { RunId } from "../record.ts";
import type { RunBrief } from "./brief.ts";
import { recordsWhere } from "./run-index.ts";

export interface NewestOutput {
  /** Absolute path of the object. */
  path: string;
  digest: ArtifactDigest;
  bytes: number;
  mediaType: string;
  kind: "table" | "json" | "file" | "folder" | "model";
  /** The run that made it (of a cached stage: the run it was executed in). */
  run: RunId;
  stage: string;
  output: string;
  endedAt: string;
  /** Of the run; null outside of repositories. */
  branch: string | null;
}

/**
 * What an opened or exploring notebook is bound to: the newest on the branch that is checked out, else the newest there
 * is. Outside of repositories all runs are of one branch.
 */
export function newestHere(projectRoot: string, reference: string): NewestOutput | null {
  const branch = currentBranch(projectRoot);
  const onBranch = branch === null ? null : newestOutput(projectRoot, reference, { branch });
  return onBranch ?? newestOutput(projectRoot, reference);
}

/**
 * Of the last run in which the stage succeeded (or was cached); with `branch`, of a run on that branch.
 * Null when there is none. `reference` is `stage.output`.
 */
export function newestOutput(
  projectRoot: string,
  reference: string,
  options: { branch?: string | null } = {},
): NewestOutput | null {
  const dot = reference.indexOf(".");
  const [stage, output] = [reference.slice(0, dot), reference.slice(dot + 1)];
  const store = new ObjectStore(archiveOf(projectRoot));
  const fits = ({ git, stages }: RunBrief): boolean => {
    if (options.branch !== undefined && git !== null && git.branch !== options.branch) return false;
    const status = stages[stage]?.status;
    return status === "succeeded" || status === "cached";
  };
  for (const record of recordsWhere(projectRoot, fits)) {
    const made = record.stages[stage];
    const value = made?.outputs[output];
    if (made === undefined || value === undefined || !store.has(value.digest)) continue;
    return {
      path: store.pathOf(value.digest),
      digest: value.digest,
      bytes: value.bytes,
      mediaType: value.mediaType,
      kind: value.kind,
      run: made.executedIn ?? record.run,
      stage,
      output,
      endedAt: record.endedAt,
      branch: record.git?.branch ?? null,
    };
  }
  return null;
}
