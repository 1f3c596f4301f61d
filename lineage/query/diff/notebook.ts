/**
 * Two notebooks cell by cell: matched by id, and where ids are missing or were made anew, by what they hold.
 *
 * Sources and text outputs become line diffs; images and other bytes are said to have changed, with their sizes.
 * Cells are aligned by hash tables and one longest increasing sequence, never by comparing all with all.
 */
import { diffHunks, lineDiff, type DiffHunk } from "../../../core/line-diff.ts";
import type { Json } from "../../../core/json.ts";
import type { Cell, Notebook, Output } from "../../../core/notebook/index.ts";

export interface NotebookChange {
  /** In the order of the later notebook; removed cells before what stands in their place. */
  cells: CellChange[];
  /** How many cells are as they were. */
  same: number;
}

export interface CellChange {
  kind: "added" | "removed" | "changed" | "moved";
  id: string;
  type: Cell["type"];
  slot: string | null;
  /** Number in each notebook, from 1, parameters that a run put in left out; null where it is not. */
  before: number | null;
  after: number | null;
  /** Changed lines of the source; of an added or removed cell, all of them. */
  source: DiffHunk[];
  outputs: OutputDiff[];
}

/** One output of a cell, by its place among the outputs. */
export interface OutputDiff {
  /** `stdout`, `error`, or the media type that is compared. */
  what: string;
  change: "added" | "removed" | "changed";
  /** Of text; empty for what is not read as text. */
  lines: DiffHunk[];
  /** Sizes as stored, in bytes; null where there is none. */
  bytesBefore: number | null;
  bytesAfter: number | null;
}

export interface NotebookDiffOptions {
  /** Compare outputs too; sources only otherwise. */
  outputs: boolean;
  /** Unchanged lines around a change. */
  context?: number;
}

/** Cells that a run puts in are not the notebook's: parameters are compared as values. */
export function diffNotebooks(
  before: Notebook,
  after: Notebook,
  options: NotebookDiffOptions,
): NotebookChange {
  const [earlier, later] = [ownCells(before), ownCells(after)];
  const pairs = matchCells(earlier, later);
  const settled = unmoved(pairs);
  const partner = new Map(pairs.map(([b, a]) => [a, b]));
  const gone = new Set(earlier.keys());
  for (const [b] of pairs) gone.delete(b);
  const changes: CellChange[] = [];
  let same = 0;
  /** Removed cells stand before what stands in their place. */
  const tellGone = (end: number): void => {
    for (const at of gone) {
      const cell = earlier[at];
      if (at >= end || cell === undefined) break;
      changes.push(oneSided(cell, "removed", options));
      gone.delete(at);
    }
  };
  const ends = nextSettled(later.length, settled, partner, earlier.length);
  for (const [at, cell] of later.entries()) {
    const from = partner.get(at);
    const was = from === undefined ? undefined : earlier[from];
    tellGone(ends[at] ?? earlier.length);
    const change =
      was === undefined
        ? oneSided(cell, "added", options)
        : bothSided(was, cell, !settled.has(at), options);
    if (change === null) same++;
    else changes.push(change);
  }
  tellGone(earlier.length);
  return { cells: changes, same };
}

/** For every later place, where the next cell that kept its order stood before: what is gone up to there went here. */
function nextSettled(
  length: number,
  settled: ReadonlySet<number>,
  partner: ReadonlyMap<number, number>,
  end: number,
): number[] {
  const next: number[] = [];
  for (let at = length - 1, from = end; at >= 0; at--) {
    if (settled.has(at)) from = partner.get(at) ?? from;
    next[at] = from;
  }
  return next;
}

/** Numbered without what a run puts in: as the notebook that the person edits has them, and as a failure names them. */
function ownCells(notebook: Notebook): Cell[] {
  return notebook.cells
    .filter(({ slot }) => slot !== "injected-parameters")
    .map((cell, index) => ({ ...cell, number: index + 1 }));
}

type Pair = readonly [before: number, after: number];

/** By id, then by equal source, then by the most alike of those that are left. Sorted by the later place. */
function matchCells(before: readonly Cell[], after: readonly Cell[]): Pair[] {
  const pairs: Pair[] = [];
  const [freeBefore, freeAfter] = [new Set(before.keys()), new Set(after.keys())];
  const pair = (b: number, a: number): void => {
    pairs.push([b, a]);
    freeBefore.delete(b);
    freeAfter.delete(a);
  };
  const byId = new Map(before.map((cell, at) => [cell.id, at]));
  for (const [at, cell] of after.entries()) {
    const from = byId.get(cell.id);
    if (from !== undefined && freeBefore.has(from) && before[from]?.type === cell.type)
      pair(from, at);
  }
  const bySource = new Map<string, number[]>();
  for (const at of freeBefore) {
    const text = sourceKey(before[at]);
    bySource.set(text, [...(bySource.get(text) ?? []), at]);
  }
  for (const at of freeAfter) {
    const from = bySource.get(sourceKey(after[at]))?.shift();
    if (from !== undefined) pair(from, at);
  }
  for (const [from, at] of alikePairs(before, after, [...freeBefore], [...freeAfter]))
    pair(from, at);
  return pairs.sort(([, a], [, b]) => a - b);
}

function sourceKey(cell: Cell | undefined): string {
  return `${cell?.type}\n${cell?.source}`;
}

/** Less in common than this, and a cell was replaced rather than changed. */
const ALIKE = 0.5;
/** Cells around the place where one would stand if nothing had moved: beyond, nobody would call it the same cell. */
const WINDOW = 20;

function alikePairs(
  before: readonly Cell[],
  after: readonly Cell[],
  freeBefore: readonly number[],
  freeAfter: readonly number[],
): Pair[] {
  const words = (cell: Cell | undefined): Set<string> =>
    new Set(cell?.source.match(/\w+|[^\s\w]/g));
  const wordsBefore = freeBefore.map((at) => words(before[at]));
  const candidates: { pair: Pair; alike: number }[] = [];
  for (const [place, at] of freeAfter.entries()) {
    const own = words(after[at]);
    const near = Math.round((place * freeBefore.length) / Math.max(1, freeAfter.length));
    for (let i = Math.max(0, near - WINDOW); i <= near + WINDOW; i++) {
      const from = freeBefore[i];
      if (from === undefined || before[from]?.type !== after[at]?.type) continue;
      const alike = overlap(own, wordsBefore[i] ?? new Set());
      if (alike >= ALIKE) candidates.push({ pair: [from, at], alike });
    }
  }
  candidates.sort((a, b) => b.alike - a.alike);
  const taken = { before: new Set<number>(), after: new Set<number>() };
  return candidates.flatMap(({ pair }) => {
    if (taken.before.has(pair[0]) || taken.after.has(pair[1])) return [];
    taken.before.add(pair[0]);
    taken.after.add(pair[1]);
    return [pair];
  });
}

/** Sørensen-Dice coefficient of the words. */
function overlap(a: ReadonlySet<string>, b: ReadonlySet<string>): number {
  let both = 0;
  for (const word of a) if (b.has(word)) both++;
  return a.size + b.size === 0 ? 1 : (2 * both) / (a.size + b.size);
}

/** Later places of the cells that kept their order: a longest increasing sequence (Fredman 1975); all others were moved. */
function unmoved(pairs: readonly Pair[]): Set<number> {
  const tails: number[] = []; // index into pairs of the smallest end of a sequence of each length
  const previous: (number | undefined)[] = [];
  for (const [i, [from]] of pairs.entries()) {
    let [low, high] = [0, tails.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((pairs[tails[middle] ?? 0]?.[0] ?? 0) < from) low = middle + 1;
      else high = middle;
    }
    previous[i] = tails[low - 1];
    tails[low] = i;
  }
  const kept = new Set<number>();
  for (let i = tails.at(-1); i !== undefined; i = previous[i]) kept.add(pairs[i]?.[1] ?? -1);
  return kept;
}

function oneSided(cell: Cell, kind: "added" | "removed", options: NotebookDiffOptions): CellChange {
  const isNew = kind === "added";
  return {
    kind,
    id: cell.id,
    type: cell.type,
    slot: cell.slot,
    before: isNew ? null : cell.number,
    after: isNew ? cell.number : null,
    source: isNew ? textHunks("", cell.source, options) : textHunks(cell.source, "", options),
    outputs: [],
  };
}

function bothSided(
  before: Cell,
  after: Cell,
  moved: boolean,
  options: NotebookDiffOptions,
): CellChange | null {
  const source =
    before.source === after.source ? [] : textHunks(before.source, after.source, options);
  const outputs = options.outputs ? outputDiffs(before.outputs, after.outputs, options) : [];
  if (source.length === 0 && outputs.length === 0 && !moved) return null;
  return {
    kind: source.length === 0 && outputs.length === 0 ? "moved" : "changed",
    id: after.id,
    type: after.type,
    slot: after.slot,
    before: before.number,
    after: after.number,
    source,
    outputs,
  };
}

function textHunks(before: string, after: string, { context }: NotebookDiffOptions): DiffHunk[] {
  return diffHunks(lineDiff(before, after), context);
}

/** An output as it is compared: what a person sees of it, and all of it. */
interface Shown {
  what: string;
  /** Null for what is not read as text. */
  text: string | null;
  /** By media type; a stream and an error are their one part. */
  parts: Map<string, string>;
}

function outputDiffs(
  before: readonly Output[],
  after: readonly Output[],
  options: NotebookDiffOptions,
): OutputDiff[] {
  const [earlier, later] = [shownOutputs(before), shownOutputs(after)];
  const diffs: OutputDiff[] = [];
  for (let i = 0; i < Math.max(earlier.length, later.length); i++) {
    const [was, is] = [earlier[i], later[i]];
    const part = differingPart(was, is);
    if (part === null) continue;
    const isText = (was?.text ?? is?.text ?? null) !== null && was?.text !== is?.text;
    diffs.push({
      what: isText ? (is?.what ?? was?.what ?? part) : part,
      change: was === undefined ? "added" : is === undefined ? "removed" : "changed",
      lines: isText ? textHunks(was?.text ?? "", is?.text ?? "", options) : [],
      bytesBefore: was === undefined ? null : bytesOf(was),
      bytesAfter: is === undefined ? null : bytesOf(is),
    });
  }
  return diffs;
}

/** The part to name: what is seen, if that differs, else the first that does. Null for equal outputs. */
function differingPart(was: Shown | undefined, is: Shown | undefined): string | null {
  if (was === undefined || is === undefined) return is?.what ?? was?.what ?? null;
  const types = [is.what, was.what, ...is.parts.keys(), ...was.parts.keys()];
  return types.find((type) => was.parts.get(type) !== is.parts.get(type)) ?? null;
}

function bytesOf({ parts }: Shown): number {
  let bytes = 0;
  for (const part of parts.values()) bytes += Buffer.byteLength(part);
  return bytes;
}

/** Neighbouring pieces of one stream are one text, however it was cut when it was written. */
function shownOutputs(outputs: readonly Output[]): Shown[] {
  const shown: Shown[] = [];
  for (const output of outputs) {
    const last = shown.at(-1);
    if (output.output_type === "stream" && last?.what === output.name) {
      const text = `${last.parts.get(output.name)}${output.text}`;
      shown[shown.length - 1] = shownText(output.name, text);
    } else shown.push(shownOutput(output));
  }
  return shown;
}

/** Media types that people read as they are, best first. */
const TEXTS = ["text/markdown", "text/plain", "text/latex"];

function shownOutput(output: Output): Shown {
  switch (output.output_type) {
    case "stream":
      return shownText(output.name, output.text);
    case "error":
      return shownText("error", output.traceback.join("\n") || `${output.ename}: ${output.evalue}`);
    case "execute_result":
    case "display_data":
      return shownBundle(output.data);
    default:
      return output satisfies never;
  }
}

function shownText(what: string, text: string): Shown {
  return { what, text: withoutColour(text), parts: new Map([[what, text]]) };
}

/** A picture is compared as a picture although it has a text beside it, which says no more than that it is one. */
function shownBundle(data: Record<string, Json>): Shown {
  const types = Object.keys(data);
  const picture = types.find((type) => type.startsWith("image/"));
  const textual =
    picture === undefined ? TEXTS.find((type) => typeof data[type] === "string") : undefined;
  const parts = new Map(
    Object.entries(data).map(([type, value]) => [
      type,
      typeof value === "string" ? value : JSON.stringify(value),
    ]),
  );
  const text = textual === undefined ? null : withoutColour(parts.get(textual) ?? "");
  return { what: picture ?? textual ?? types[0] ?? "nothing", text, parts };
}

function withoutColour(text: string): string {
  // oxlint-disable-next-line no-control-regex -- colour codes are control characters
  return text.replaceAll(/\u001b\[[0-9;]*m/g, "");
}
