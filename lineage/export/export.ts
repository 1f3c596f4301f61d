/** A run as plain files, or as one archive of them: written beside its place, renamed when it is whole. */
import {
  createWriteStream,
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import { StepLabError } from "../../core/error.ts";
import { recordOf } from "../query/runs.ts";
import type { RunId, RunRecord } from "../record.ts";
import { temporaryName, writeFailed } from "../store/files.ts";
import { contentOf } from "./content.ts";
import { exportEntries, SUMS_FILE, type ExportEntry, type ExportPart } from "./entries.ts";
import { tarOf } from "./tar.ts";
import { zipOf } from "./zip.ts";

export interface ExportOptions {
  /** Absolute: a folder, or a file that ends with .tar.gz, .tgz, .tar or .zip. */
  to: string;
  /** Only this stage, with all that it read. */
  stage?: string;
  without?: readonly ExportPart[];
  /** Replace what is there: a file, or the folder of an earlier export. */
  force?: boolean;
}

/** Whether a place is a file, by its ending; a folder otherwise. */
export function isArchiveFile(to: string): boolean {
  return /\.(?:tar\.gz|tgz|tar|zip)$/.test(to);
}

export interface Exported {
  to: string;
  files: number;
  /** Of the files, unpacked. */
  bytes: number;
}

/**
 * The same run gives the same bytes. Memory stays flat whatever the size of an artifact.
 * @throws StepLabError `export/exists`, `store/missing`, `store/damaged`, `run/unknown-stage`, `archive/…`
 */
export async function exportRun(
  projectRoot: string,
  run: RunId,
  options: ExportOptions,
): Promise<Exported> {
  const { to, stage = null, without = [], force = false } = options;
  if (existsSync(to) && !force)
    throw new StepLabError("export/exists", `${to} is there already.`, {
      hint: "Name another place with --to, or replace it with --force.",
    });
  if (isOthersFolder(to))
    throw new StepLabError("export/exists", `${to} is a folder that no export made; it stays.`, {
      hint: "Name a place that is free, or an earlier export.",
    });
  const record = recordOf(projectRoot, run);
  const entries = exportEntries(projectRoot, record, { stage, without: new Set(without) });
  const temporary = temporaryName(to);
  try {
    mkdirSync(dirname(to), { recursive: true });
    await write(temporary, to, record, entries);
    putInPlace(temporary, to);
  } catch (error) {
    rmSync(temporary, { recursive: true, force: true });
    throw error instanceof StepLabError ? error : writeFailed(to, error);
  }
  return { to, files: entries.length, bytes: entries.reduce((sum, each) => sum + each.bytes, 0) };
}

async function write(
  temporary: string,
  to: string,
  record: RunRecord,
  entries: readonly ExportEntry[],
): Promise<void> {
  const seconds = Math.floor(Date.parse(record.endedAt) / 1000);
  const target = (): NodeJS.WritableStream =>
    createWriteStream(temporary, { flags: "wx", flush: true });
  if (/\.(tar\.gz|tgz)$/.test(to))
    await pipeline(stream(tarOf(entries, record.run, seconds)), createGzip(), target());
  else if (to.endsWith(".tar"))
    await pipeline(stream(tarOf(entries, record.run, seconds)), target());
  else if (to.endsWith(".zip"))
    await pipeline(stream(zipOf(entries, record.run, seconds)), target());
  else await writeFolder(temporary, entries, seconds);
}

function stream(pieces: AsyncGenerator<Buffer>): Readable {
  return Readable.from(pieces, { objectMode: false });
}

async function writeFolder(
  folder: string,
  entries: readonly ExportEntry[],
  seconds: number,
): Promise<void> {
  mkdirSync(folder);
  for (const entry of entries) {
    const path = join(folder, entry.path);
    mkdirSync(dirname(path), { recursive: true });
    await pipeline(stream(contentOf(entry)), createWriteStream(path, { flags: "wx" }));
    utimesSync(path, seconds, seconds);
  }
}

/** Replacing takes all that a folder holds, and `--to .` is typed easily: only an export, or nothing, is replaced. */
function isOthersFolder(to: string): boolean {
  const isFolder = statSync(to, { throwIfNoEntry: false })?.isDirectory() === true;
  return isFolder && readdirSync(to).length > 0 && !existsSync(join(to, SUMS_FILE));
}

/** What was there goes only when the new one stands. */
function putInPlace(temporary: string, to: string): void {
  const old = statSync(to, { throwIfNoEntry: false });
  if (old === undefined || !old.isDirectory()) return renameSync(temporary, to);
  const aside = temporaryName(to);
  renameSync(to, aside);
  try {
    renameSync(temporary, to);
  } catch (error) {
    renameSync(aside, to);
    throw error;
  }
  rmSync(aside, { recursive: true, force: true });
}
