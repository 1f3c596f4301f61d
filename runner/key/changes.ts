/**
 * Which part of a stage's key changed, in full: code as a diff of lines, parameters and versions from what to what, inputs
 * by what is known of them. Loaded only when somebody asks (`--explain`).
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Digest } from "../../core/digest.ts";
import { canonicalJson, isJsonObject, type Json } from "../../core/json.ts";
import { diffHunks, lineDiff, type DiffHunk } from "../../core/line-diff.ts";
import { codeWithoutComments } from "../../core/module-facts.ts";
import { readNotebook, type Cell } from "../../core/notebook/index.ts";
import type { InputFacts, KeyChange } from "../../lineage/event.ts";
import type { KeyParts } from "../../lineage/store/keys.ts";
import type { ObjectStore } from "../../lineage/store/objects.ts";
import { keyCells } from "../execute/executed-notebook.ts";

/** Objects of the store that hold a stage's code as it last ran; null, or missing, where it was not kept. */
export interface EarlierSources {
  /** The executed copy: its cells are those of the source. */
  notebook: Digest | null;
  modules: Record<string, Digest | null>;
}

/** One of the two ends of a comparison. */
export interface KeyEnd {
  parts: KeyParts;
  inputs: Record<string, InputFacts>;
}

export interface Sides {
  before: KeyEnd & { sources: EarlierSources | null };
  after: KeyEnd & { notebook: string };
  /** Absolute path of the project; modules are read from it as they are now. */
  root: string;
  store: ObjectStore;
}

/** Every difference, most telling part first. Code of which the store has no earlier text is named without its lines. */
export function keyChanges(sides: Sides): KeyChange[] {
  const { before, after } = sides;
  return [
    ...(isSame(before.parts["code"], after.parts["code"]) ? [] : cellChanges(sides)),
    ...moduleChanges(sides),
    ...valueChanges("parameter", before.parts["params"], after.parts["params"]),
    ...inputChanges(before, after),
    ...valueChanges("package", before.parts["packages"], after.parts["packages"]),
    ...["seed", "kernel", "steplab", "node", "platform", "locked", "version"].flatMap((name) =>
      valueChanges(
        "setting",
        { [name]: before.parts[name] ?? null },
        { [name]: after.parts[name] ?? null },
      ),
    ),
  ];
}

function cellChanges({ before, after, root, store }: Sides): KeyChange[] {
  const earlier = textOf(store, before.sources?.notebook);
  if (earlier === null) return [{ part: "code", hunks: null }];
  const later = readFileSync(join(root, after.notebook), "utf8");
  const [old, now] = [codeCells(earlier, after.notebook), codeCells(later, after.notebook)];
  const pairs = pairCells(old, now);
  const changes: KeyChange[] = [];
  for (const [from, to] of pairs) {
    const cell = to ?? from;
    if (cell === null || (from !== null && to !== null && codeOf(from) === codeOf(to))) continue;
    changes.push({
      part: "cell",
      change: from === null ? "added" : to === null ? "removed" : "changed",
      cell: { number: cell.number, id: cell.id, slot: cell.slot },
      hunks: hunksOf(from?.source ?? "", to?.source ?? ""),
    });
  }
  // The cells are what they were, and stand in another order.
  return changes.length > 0 ? changes : [{ part: "code", hunks: [] }];
}

/** Cells of one id belong together; of those left, cells of the same code; the rest came or went. In the later order. */
function pairCells(old: Cell[], now: Cell[]): [from: Cell | null, to: Cell | null][] {
  const left = new Set(old);
  const take = (fits: (cell: Cell) => boolean): Cell | null => {
    const found = [...left].find(fits) ?? null;
    if (found !== null) left.delete(found);
    return found;
  };
  const byId = new Map(now.map((cell) => [cell, take(({ id }) => id === cell.id)]));
  const pairs = now.map((cell): [Cell | null, Cell | null] => [
    byId.get(cell) ?? take((each) => codeOf(each) === codeOf(cell)),
    cell,
  ]);
  return [...pairs, ...[...left].map((cell): [Cell, null] => [cell, null])];
}

function moduleChanges({ before, after, root, store }: Sides): KeyChange[] {
  return differing(before.parts["modules"], after.parts["modules"]).map(([path, from, to]) => {
    const digest = before.sources?.modules[path];
    const earlier = from === undefined ? "" : textOf(store, digest);
    const later = to === undefined ? "" : readFileSync(join(root, path), "utf8");
    return {
      part: "module",
      change: from === undefined ? "added" : to === undefined ? "removed" : "changed",
      path,
      hunks: earlier === null ? null : hunksOf(earlier, later),
    };
  });
}

function inputChanges(before: KeyEnd, after: KeyEnd): KeyChange[] {
  const facts = ({ inputs }: KeyEnd, name: string, digest: Json | undefined) =>
    digest === undefined
      ? null
      : { bytes: null, rows: null, ...inputs[name], digest: digest as Digest }; // a key's inputs are digests
  return differing(before.parts["inputs"], after.parts["inputs"]).map(([name, from, to]) => ({
    part: "input",
    name,
    from: facts(before, name, from),
    to: facts(after, name, to),
  }));
}

function valueChanges(
  part: "parameter" | "package" | "setting",
  before: Json | undefined,
  after: Json | undefined,
): KeyChange[] {
  return differing(before, after).map(([name, from, to]) => ({
    part,
    name,
    from: from ?? null,
    to: to ?? null,
  }));
}

/** Members of two objects that are not the same, by name. */
function differing(
  before: Json | undefined,
  after: Json | undefined,
): [name: string, from: Json | undefined, to: Json | undefined][] {
  const [old, now] = [membersOf(before), membersOf(after)];
  return [...new Set([...Object.keys(old), ...Object.keys(now)])]
    .sort()
    .filter((name) => !isSame(old[name], now[name]))
    .map((name) => [name, old[name], now[name]]);
}

function membersOf(value: Json | undefined): Record<string, Json> {
  return isJsonObject(value) ? value : {};
}

function isSame(a: Json | undefined, b: Json | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  return canonicalJson(a) === canonicalJson(b);
}

function codeCells(text: string, path: string): Cell[] {
  const { notebook } = readNotebook(text, path);
  return notebook === null ? [] : keyCells(notebook);
}

function codeOf(cell: Cell): string {
  return codeWithoutComments(cell.source, "cell.ts");
}

function hunksOf(before: string, after: string): DiffHunk[] {
  return diffHunks(lineDiff(before, after), 2);
}

/** Null when nobody kept it, or it is gone since. */
function textOf(store: ObjectStore, digest: Digest | null | undefined): string | null {
  if (digest === null || digest === undefined) return null;
  try {
    return readFileSync(store.pathOf(digest), "utf8");
  } catch {
    return null;
  }
}
