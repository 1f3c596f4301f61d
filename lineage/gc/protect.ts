/**
 * What must stay whatever else goes: one file a reason in `.store/refs/protected/`.
 * The registry writes them for the models that are in use; whoever else needs bytes to stay may do the same.
 */
import { existsSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { isDigest, type Digest } from "../../core/digest.ts";
import { StepLabError } from "../../core/error.ts";
import { readableJson } from "../../core/json.ts";
import { isRunId, type Archive } from "../archive.ts";
import type { RunId } from "../record.ts";
import { ensureFolder, writeFileAtomic } from "../store/files.ts";

export interface Protection {
  /** Who needs it, in words: "model nightly-price, version 3". */
  why: string;
  /** Artifacts; a folder's files with it. */
  digests: Digest[];
  /** Runs with all that their records need. */
  runs: RunId[];
}

/** Written before anything relies on it. `name` is the file's: letters, digits, dots, dashes and underscores. */
export function protect(archive: Archive, name: string, protection: Protection): void {
  ensureFolder(folderOf(archive));
  writeFileAtomic(pathOf(archive, name), readableJson({ version: 1, ...protection }), {
    durable: true,
  });
}

export function unprotect(archive: Archive, name: string): void {
  rmSync(pathOf(archive, name), { force: true });
}

/** @throws StepLabError `gc/unreadable`: what cannot be read may protect anything, so that nothing is freed */
export function protections(archive: Archive): Protection[] {
  const folder = folderOf(archive);
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => name.endsWith(".json"))
    .sort()
    .map((name) => readProtection(join(folder, name)));
}

function readProtection(path: string): Protection {
  try {
    const value = JSON.parse(readFileSync(path, "utf8")) as Partial<Protection> & {
      version?: unknown;
    }; // checked below
    const { version, why, digests, runs } = value;
    if (
      version === 1 &&
      typeof why === "string" &&
      digests?.every(isDigest) &&
      runs?.every(isRunId)
    )
      return { why, digests, runs };
  } catch (cause) {
    throw unreadable(path, cause);
  }
  throw unreadable(path, undefined);
}

function unreadable(path: string, cause: unknown): StepLabError {
  return new StepLabError("gc/unreadable", `${path} cannot be read, and says what must stay.`, {
    hint: "Restore it, or remove it if nothing needs it any more. Until then nothing is freed.",
    cause,
  });
}

function folderOf(archive: Archive): string {
  return join(archive.refs, "protected");
}

function pathOf(archive: Archive, name: string): string {
  if (!/^[\w.-]+$/.test(name)) throw new Error(`"${name}" is no name for a protection`);
  return join(folderOf(archive), `${name}.json`);
}
