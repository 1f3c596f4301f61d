/** The store: a gigabyte and ten thousand small files, brought in from outside and taken over from a stage. */
import {
  closeSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  rmSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { createHash } from "node:crypto";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { digestOfFile } from "../core/digest.ts";
import { ObjectStore } from "../lineage/store/objects.ts";
import { median, type Row } from "./measure.ts";

const FILES = 10_000;
const FILE_BYTES = 4096;
const LARGE_BYTES = 1e9;
const TIMES = 3;

/** Peers (reference: performance.md section 4): DVC 3.6 / 6.5 s, MLflow 2.3 / 5.0 s, git add 3.4 s; bound of one thread here 1.4 / 1.4 s. */
export function benchStore(): Row[] {
  const folder = mkdtempSync(join(tmpdir(), "steplab-bench-store-"));
  try {
    const large = join(folder, "large");
    writeLarge(large);
    const hash = seconds(() => digestOfFile(large));
    const copy = seconds(() => copyFileSync(large, join(folder, "copy")));
    rmSync(join(folder, "copy"));
    const putLarge = measured(folder, (store) => store.putFile(large));
    const takeLarge = measured(
      folder,
      (store, path) => store.takeFile(path),
      (path) => copyFileSync(large, path),
    );
    const small = join(folder, "small");
    writeSmall(small);
    const writing = seconds(() => writeSmall(join(folder, "bare")));
    const putSmall = measured(folder, (store) => store.putFolder(small));
    const takeSmall = measured(folder, (store, path) => store.takeFolder(path), writeSmall);
    const row = (what: string, bound: string, value: number): Row => ({
      what,
      bound,
      value,
      unit: "s",
    });
    return [
      row("1 GB into the store, copied in", "2", putLarge),
      row("  taken over from a stage", "2", takeLarge),
      row("  this machine: hashing it, and copying it, in one thread", "", hash + copy),
      row("10,000 files of 4 KB into the store, copied in", "3", putSmall),
      row("  taken over from a stage", "3", takeSmall),
      row("  this machine: writing them without hashing or syncing", "", writing),
    ];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Median of a few times, each in an empty store and synced as a run does; `prepare` makes what is taken, outside the clock. */
function measured(
  folder: string,
  put: (store: ObjectStore, path: string) => unknown,
  prepare: (path: string) => void = () => undefined,
): number {
  const root = join(folder, "project");
  const times = Array.from({ length: TIMES }, () => {
    mkdirSync(root);
    const path = join(root, "staged");
    prepare(path);
    const store = new ObjectStore({ objects: join(root, "objects") });
    const took = seconds(() => {
      put(store, path);
      store.sync();
    });
    rmSync(root, { recursive: true });
    return took;
  });
  return median(times);
}

function seconds(work: () => void): number {
  const started = performance.now();
  work();
  return (performance.now() - started) / 1000;
}

/** Bytes that no two files share and no compression shortens, the same every time. */
function noise(seed: number, length: number): Buffer {
  return createHash("shake256", { outputLength: length }).update(String(seed)).digest();
}

function writeLarge(path: string): void {
  const block = noise(0, 1e6);
  const file = openSync(path, "w");
  for (let written = 0; written < LARGE_BYTES; written += block.length) {
    block.writeUInt32LE(written / block.length);
    writeSync(file, block);
  }
  closeSync(file);
}

function writeSmall(folder: string): void {
  mkdirSync(folder);
  for (let i = 0; i < FILES; i++) writeFileSync(join(folder, `${i}.bin`), noise(i, FILE_BYTES));
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) console.table(benchStore());
