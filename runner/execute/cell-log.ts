/**
 * What ran, on disk, while it runs: a notebook and then one line a finished cell, appended.
 * papermill rewrites the whole notebook at every cell (20 ms a cell, reference: performance.md section 1);
 * appending costs what the cell's own outputs cost. Read back only when a runner died (`recover.ts`).
 */
import { appendFileSync, existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Cell, Notebook } from "../../core/notebook/index.ts";
import { writeFailed } from "../../lineage/store/files.ts";

const FILE = "cells.jsonl";
/** A long cell's outputs so far are kept too, this often at most. */
const RUNNING_EVERY_MS = 2_000;
/** Outputs longer than this wait for the cell's end. */
const RUNNING_MAX_BYTES = 1 << 20;

/** Appended to by the attempt, read by recovery. */
export class CellLog {
  readonly #path: string;
  #lastRunning = 0;

  constructor(scratch: string) {
    this.#path = join(scratch, FILE);
  }

  /** Another attempt begins anew: what the one before did is archived. @throws StepLabError `archive/…`, as the other two. */
  begin(executed: Notebook): void {
    rmSync(this.#path, { force: true });
    this.#append(JSON.stringify(executed));
  }

  cell(cell: Cell): void {
    this.#append(JSON.stringify(cell));
  }

  running(cell: Cell): void {
    const now = performance.now();
    if (now - this.#lastRunning < RUNNING_EVERY_MS) return;
    this.#lastRunning = now;
    const line = JSON.stringify({
      ...cell,
      metadata: { ...cell.metadata, steplab: { ...cell.metadata.steplab, status: "interrupted" } },
    });
    if (line.length < RUNNING_MAX_BYTES) this.#append(line);
  }

  #append(line: string): void {
    try {
      appendFileSync(this.#path, `${line}\n`);
    } catch (error) {
      throw writeFailed(this.#path, error);
    }
  }
}

/** The notebook as far as it ran; null when the attempt left nothing. Later lines of a cell win. */
export function readCellLog(scratch: string): Notebook | null {
  const path = join(scratch, FILE);
  if (!existsSync(path)) return null;
  const [first, ...lines] = readFileSync(path, "utf8").split("\n");
  const notebook = parsed(first) as Notebook | null; // our own first line
  if (notebook === null) return null;
  const ran = new Map<string, Cell>();
  for (const line of lines) {
    const cell = parsed(line) as Cell | null; // our own other lines
    if (cell !== null) ran.set(cell.id, cell);
  }
  return { ...notebook, cells: notebook.cells.map((cell) => ran.get(cell.id) ?? cell) };
}

function parsed(line: string | undefined): unknown {
  try {
    return line === undefined || line === "" ? null : JSON.parse(line);
  } catch {
    return null; // torn by the crash
  }
}
