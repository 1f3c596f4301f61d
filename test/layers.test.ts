import { readdirSync } from "node:fs";
import { dirname, join, relative, sep } from "node:path";
import { describe, expect, it } from "vitest";
import { moduleFacts } from "../core/module-facts.ts";
import { readFileSync } from "node:fs";

const root = join(import.meta.dirname, "..");

/** Rooms in order: a room may import from itself and from those before it. Kernel and runner know nothing of each other. */
const ROOMS: Record<string, readonly string[]> = {
  core: [],
  lineage: ["core"],
  stage: ["core", "lineage"],
  pipeline: ["core", "lineage", "stage"],
  kernel: ["core", "lineage", "stage", "pipeline"],
  runner: ["core", "lineage", "stage", "pipeline"],
  jupyter: ["core", "lineage", "kernel"],
  cli: ["core", "lineage", "stage", "pipeline", "kernel", "runner", "jupyter"],
};

interface Edge {
  from: string;
  to: string;
  line: number;
}

function sourcesOf(room: string): string[] {
  return readdirSync(join(root, room), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts"))
    .map((name) => join(root, room, name));
}

function edgesOf(file: string): Edge[] {
  return moduleFacts(readFileSync(file, "utf8"), file)
    .imports.filter(({ specifier }) => specifier.startsWith("."))
    .map(({ specifier, line }) => ({
      from: named(file),
      to: named(join(dirname(file), specifier)),
      line,
    }));
}

const named = (path: string): string => relative(root, path).split(sep).join("/");
const roomOf = (path: string): string => path.split("/")[0] ?? "";
const edges = Object.keys(ROOMS).flatMap((room) => sourcesOf(room).flatMap(edgesOf));

describe("the rooms", () => {
  it("are all there, and every one is reached by the others' imports", () => {
    expect(new Set(edges.map((edge) => roomOf(edge.from)))).toEqual(new Set(Object.keys(ROOMS)));
  });

  it("import only from themselves and from rooms to their left, types included", () => {
    const wrong = edges.filter(
      ({ from, to }) => roomOf(from) !== roomOf(to) && !ROOMS[roomOf(from)]?.includes(roomOf(to)),
    );
    expect(wrong.map(({ from, to, line }) => `${from}:${line} imports ${to}`)).toEqual([]);
  });

  it("have no import cycles, types included", () => {
    expect(cycles(edges)).toEqual([]);
  });
});

/** Every strongly connected set of more than one file (Tarjan 1972). */
function cycles(all: readonly Edge[]): string[][] {
  const next = new Map<string, string[]>();
  for (const { from, to } of all) next.set(from, [...(next.get(from) ?? []), to]);
  const index = new Map<string, number>();
  const low = new Map<string, number>();
  const stack: string[] = [];
  const found: string[][] = [];
  const visit = (file: string): void => {
    index.set(file, index.size);
    low.set(file, index.get(file) ?? 0);
    stack.push(file);
    for (const to of next.get(file) ?? []) {
      if (!index.has(to)) visit(to);
      if (stack.includes(to)) low.set(file, Math.min(low.get(file) ?? 0, low.get(to) ?? 0));
    }
    if (low.get(file) !== index.get(file)) return;
    const group = stack.splice(stack.indexOf(file));
    if (group.length > 1) found.push(group.sort());
  };
  for (const file of next.keys()) if (!index.has(file)) visit(file);
  return found;
}
