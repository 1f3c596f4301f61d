/** A stage's key: what decides whether it must run again. */
import { hash } from "node:crypto";
import {
  digestOfJson,
  hexOf,
  type ArtifactDigest,
  type Digest,
  type StageKey,
} from "../../core/digest.ts";
import { canonicalJson, isJsonObject, type Json } from "../../core/json.ts";
import type { KeyParts } from "../../lineage/store/keys.ts";

export interface KeySources {
  /** Executed code cells without comments: prose and scratch may change freely. */
  code: Digest;
  /** Project modules the cells import, transitively: path to digest of code without comments. */
  modules: Record<string, Digest>;
  /** Packages they import, transitively, as the lockfile pins them. */
  packages: Record<string, string>;
  /** False without a lockfile: such a key says so, because versions alone do not pin bytes. */
  locked: boolean;
  /** Resolved: a default that changes is a change. */
  params: Record<string, Json>;
  /** By content: a source fetched again with the same bytes changes nothing. */
  inputs: Record<string, ArtifactDigest>;
  /** Drives Math.random and everything seeded from it. */
  seed: string;
  /** What kind of kernel runs the cells. */
  kernel: string;
  /** The code of steplab that notebooks see. */
  steplab: string;
}

/** Version of the rule itself: raised when a part is added, so that old keys never match by accident. */
const KEY_VERSION = 1;

/** The parts under the names they are explained by, with those that this process adds: Node and the platform. */
export function keyParts(sources: KeySources): KeyParts {
  return {
    version: KEY_VERSION,
    code: sources.code,
    modules: sources.modules,
    packages: sources.packages,
    locked: sources.locked,
    params: sources.params,
    inputs: sources.inputs,
    seed: sources.seed,
    kernel: sources.kernel,
    steplab: sources.steplab,
    // V8's Math functions and number formatting may differ between majors (pow does, reference: kernels.md section 11).
    node: process.versions.node.split(".")[0] ?? "",
    // Floating point in native code differs between systems and processors.
    platform: `${process.platform}-${process.arch}`,
  };
}

/** The digest of all parts: one that differs anywhere is another key. */
export function keyOf(parts: KeyParts): StageKey {
  return digestOfJson(parts) as StageKey; // made here only
}

/** The stage's own seed: 64 hex digits, so that stages are independent and a new stage changes no other. */
export function stageSeed(pipelineSeed: number, stage: string): string {
  return hash("sha256", `${pipelineSeed}/${stage}`);
}

/**
 * Why a key differs from the last one, most telling part first: one phrase a difference. Values are told from what
 * to what; of code and inputs only that they changed, by digest (`changes.ts` tells the rest).
 */
export function explainKey(before: KeyParts, after: KeyParts): string[] {
  const reasons: string[] = [];
  for (const part of [
    "code",
    "modules",
    "params",
    "inputs",
    "packages",
    "seed",
    "kernel",
    "steplab",
    "node",
    "platform",
    "locked",
    "version",
  ]) {
    const [old, now] = [before[part], after[part]];
    if (isJsonObject(old) && isJsonObject(now)) reasons.push(...explainMembers(part, old, now));
    else if (!isSame(old, now)) reasons.push(explainScalar(part, old, now));
  }
  return reasons;
}

const SINGULAR: Record<string, string> = {
  modules: "module",
  packages: "package",
  params: "parameter",
  inputs: "input",
};

function explainMembers(
  part: string,
  old: Record<string, Json>,
  now: Record<string, Json>,
): string[] {
  const reasons: string[] = [];
  for (const name of [...new Set([...Object.keys(old), ...Object.keys(now)])].sort()) {
    const [from, to] = [old[name], now[name]];
    if (isSame(from, to)) continue;
    const what = `${SINGULAR[part] ?? part} ${name}`;
    if (from === undefined) reasons.push(`${what} is new`);
    else if (to === undefined) reasons.push(`${what} is gone`);
    else reasons.push(`${what}: ${shown(from)} → ${shown(to)}`);
  }
  return reasons;
}

/** As the key sees it: members in another order are no change. */
function isSame(old: Json | undefined, now: Json | undefined): boolean {
  if (old === undefined || now === undefined) return old === now;
  return canonicalJson(old) === canonicalJson(now);
}

function explainScalar(part: string, old: Json | undefined, now: Json | undefined): string {
  if (part === "code") return "the notebook's code changed";
  if (part === "steplab") return "steplab itself changed";
  return `${part}: ${shown(old)} → ${shown(now)}`;
}

function shown(value: Json | undefined): string {
  if (typeof value === "string" && value.startsWith("sha256:"))
    return hexOf(value as Digest).slice(0, 8); // a digest by its prefix
  return value === undefined ? "none" : shortDigests(JSON.stringify(value));
}

/** Digests within a text by their beginning: a package's version is followed by one that pins its bytes. */
export function shortDigests(text: string): string {
  return text.replaceAll(/(?<=sha256:)([0-9a-f]{8})[0-9a-f]{56}|(?<=sha512-.{8})[^\s"]+/g, "$1");
}
