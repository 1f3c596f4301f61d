/** What a person types for an artifact: a name, a run's, a digest, a file. */
import { existsSync, lstatSync, realpathSync, statSync } from "node:fs";
import { isAbsolute, relative, resolve, sep } from "node:path";
import { didYouMean } from "../../../core/did-you-mean.ts";
import { digestOfFile, type Digest } from "../../../core/digest.ts";
import { StepLabError } from "../../../core/error.ts";
import { archiveOf, isRunId } from "../../archive.ts";
import type { RunId } from "../../record.ts";
import { digestOfFolder } from "../../store/objects.ts";
import type { RunBrief } from "../brief.ts";
import type { Execution } from "../execution.ts";
import { findRun, recordOf } from "../runs.ts";
import { placeOf, type Executions, type Start } from "./graph.ts";

export interface Known extends Executions {
  /** Newest first. */
  briefs: readonly RunBrief[];
}

/**
 * - `stage.name`: an output, metric or check of the newest run that has results of the stage
 * - `run:<id>/stage.name`: of that run
 * - a digest or its beginning (six digits or more)
 * - a path: in `runs/`, or any file or folder, which is hashed and looked up
 *
 * @throws StepLabError `archive/unknown-artifact`, `archive/unknown-run`
 */
export function findStart(projectRoot: string, word: string, known: Known, from: string): Start {
  const ofRun = /^run:([^/]+)\/(.+)$/.exec(word);
  if (ofRun !== null) return named(known, ofRun[2] ?? "", findRun(projectRoot, ofRun[1] ?? ""));
  const path = resolve(from, word);
  if (existsSync(path)) return fromPath(projectRoot, path, known);
  const digest = /^(?:sha256:)?([0-9a-f]{6,64})$/.exec(word)?.[1];
  if (digest !== undefined) return fromDigest(known, digest);
  return named(known, word, null);
}

function named(known: Known, name: string, run: RunId | null): Start {
  const dot = name.indexOf(".");
  const [stage, member] = dot < 0 ? [name, ""] : [name.slice(0, dot), name.slice(dot + 1)];
  const runs = run === null ? known.briefs : known.briefs.filter((brief) => brief.run === run);
  for (const brief of runs) {
    const made = brief.stages[stage];
    if (made === undefined || (run === null && !["succeeded", "cached"].includes(made.status)))
      continue;
    const execution = known.behind(brief.run, stage);
    if (execution === undefined) continue;
    return memberOf(execution, member);
  }
  const stages = [...new Set(known.briefs.flatMap((brief) => Object.keys(brief.stages)))];
  if (run === null && stages.includes(stage))
    throw unknown(
      `Stage "${stage}" has not succeeded in any run, so nothing can be told of "${name}".`,
      `A run in which it failed can be named: npx steplab lineage run:<id>/${name}`,
    );
  throw unknown(`No run has results of "${name}".`, didYouMean(stage, stages));
}

function memberOf(execution: Execution, member: string): Start {
  const output = execution.outputs.find(({ name }) => name === member);
  if (output !== undefined) {
    const place = { stage: execution.stage, output: member };
    return { kind: "artifact", digest: output.digest, place, execution };
  }
  const { outputs, metrics, checks } = execution;
  const others = [...metrics, ...checks.map(({ name }) => name)];
  if (member === "" || others.includes(member)) return { kind: "step", execution };
  throw unknown(
    `Stage "${execution.stage}" of run ${execution.run} has no output, metric or check "${member}".`,
    didYouMean(member, [...outputs.map(({ name }) => name), ...others]),
  );
}

/** By the beginning of a digest: outputs first, then inputs, then the rows of checks and executed keys. */
function fromDigest(known: Known, hex: string): Start {
  const found = new Map<Digest, Start>();
  const fits = (digest: Digest | null): digest is Digest =>
    digest !== null && digest.startsWith(`sha256:${hex}`);
  for (const execution of known.all) {
    for (const { name, digest } of execution.outputs)
      if (fits(digest)) {
        // The first stage that made the bytes, not one that passed them on.
        const passedOn = execution.inputs.some((input) => input.digest === digest);
        if (!passedOn || !found.has(digest))
          found.set(digest, {
            kind: "artifact",
            digest,
            place: { stage: execution.stage, output: name },
            execution,
          });
      }
    for (const { rows } of execution.checks)
      if (fits(rows)) found.set(rows, { kind: "step", execution });
  }
  for (const execution of known.all)
    for (const { source, digest } of execution.inputs)
      if (fits(digest) && !found.has(digest))
        found.set(digest, { kind: "artifact", digest, place: placeOf(source) });
  const [first, second] = found;
  if (first === undefined) throw unknown(`No run has read or made bytes with the digest ${hex}.`);
  if (second === undefined) return first[1];
  throw unknown(
    `${hex} is the beginning of ${found.size} digests: ${[...found.keys()].slice(0, 4).join(", ")}.`,
    "Type more of it.",
  );
}

function fromPath(projectRoot: string, path: string, known: Known): Start {
  const { root, objects } = archiveOf(projectRoot);
  const inRuns = inside(root, path);
  const run = inRuns?.split("/")[0];
  if (run !== undefined && isRunId(run))
    return inRun(projectRoot, run, (inRuns ?? "").slice(run.length + 1), known);
  const object = inside(objects, path)?.replace("/", "");
  if (object !== undefined && object !== "") return fromDigest(known, object);
  const { digest } = statSync(path).isDirectory() ? digestOfFolder(path) : digestOfFile(path);
  try {
    return fromDigest(known, digest.slice("sha256:".length));
  } catch (error) {
    if (!(error instanceof StepLabError)) throw error;
    const name = inside(projectRoot, path) ?? path;
    throw unknown(
      `No run has read or made ${name} as it is now (${digest.slice(0, 15)}…).`,
      "It may have changed since: npx steplab lineage <stage.output> shows what was read.",
    );
  }
}

/** A file of a run's folder is the output, or the notebook of the stage, that the record places there. */
function inRun(projectRoot: string, run: RunId, path: string, known: Known): Start {
  const record = recordOf(projectRoot, run);
  for (const [stage, made] of Object.entries(record.stages)) {
    const execution = known.behind(run, stage);
    if (execution === undefined) continue;
    for (const [output, { path: place }] of Object.entries(made.outputs))
      if (path === place || path.startsWith(`${place}/`)) return memberOf(execution, output);
    const folder = made.notebook.path?.split("/")[0];
    if (folder !== undefined && (path === folder || path.startsWith(`${folder}/`)))
      return { kind: "step", execution };
  }
  throw unknown(
    `${path} of run ${run} belongs to no stage.`,
    "Name an output, or a stage's folder.",
  );
}

/** Relative with forward slashes; undefined outside. Links in the way are followed: `/tmp` is one on some systems. */
function inside(folder: string, path: string): string | undefined {
  const below = relative(
    realOr(folder),
    lstatSync(path).isSymbolicLink()
      ? resolve(realOr(resolve(path, "..")), path.split(sep).at(-1) ?? "")
      : realOr(path),
  );
  return below.startsWith("..") || isAbsolute(below) ? undefined : below.split(sep).join("/");
}

function realOr(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}

function unknown(message: string, hint?: string): StepLabError {
  return new StepLabError("archive/unknown-artifact", message, {
    hint:
      hint ??
      "npx steplab show <run> <stage> lists a stage's inputs and outputs with their digests.",
  });
}
