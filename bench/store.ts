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
import { digestOfFile } from "../core/digest.ts";
import { ObjectStore } from "../lineage/store/objects.ts";
import type { Bench, Task } from "./measure.ts";
import { keptOf, storePeers } from "./peers/store.ts";

const FILES = 10_000;
const FILE_BYTES = 4096;
const LARGE_BYTES = 1e9;
const NOTE =
  "Every file lies in the store byte for byte afterwards. steplab's figure is the store's own work within a process, synced to the disk; DVC's and MLflow's are whole commands with their start (DVC 0.2 s, MLflow some seconds), not synced. MLflow copies without a digest.";

export const storeTasks: readonly Task[] = [
  {
    name: "store-1gb",
    rounds: 5,
    rows: [
      { figure: "put", what: "1 GB into the store, copied in", unit: "s", bound: 2, note: NOTE },
      { figure: "take", what: "  taken over from a stage", unit: "s", bound: 2 },
      { figure: "machine", what: "  this machine: hashing and copying it", unit: "s" },
    ],
    prepare(bench) {
      const folder = temporaryFolder(bench.resources);
      let kept: unknown;
      const large = join(folder, "large");
      writeLarge(large);
      return [
        {
          name: "steplab",
          measure: () => ({
            put: inFreshStore(
              folder,
              (store) => store.putFile(large),
              undefined,
              (objects) => {
                kept = keptOf(large, objects);
              },
            ),
            take: inFreshStore(
              folder,
              (store, staged) => store.takeFile(staged),
              (staged) => copyFileSync(large, staged),
            ),
            machine: seconds(() => {
              digestOfFile(large);
              copyFileSync(large, join(folder, "copy"));
            }),
          }),
          work: () => kept,
        },
        ...storePeers(bench, large),
      ];
    },
  },
  {
    name: "store-10k",
    rounds: 5,
    rows: [
      {
        figure: "put",
        what: "10,000 files of 4 KB into the store, copied in",
        unit: "s",
        bound: 3,
        note: NOTE,
      },
      { figure: "take", what: "  taken over from a stage", unit: "s", bound: 3 },
      { figure: "machine", what: "  this machine: writing them, unhashed and unsynced", unit: "s" },
    ],
    prepare(bench) {
      const folder = temporaryFolder(bench.resources);
      let kept: unknown;
      const small = join(folder, "small");
      writeSmall(small);
      return [
        {
          name: "steplab",
          measure: () => ({
            put: inFreshStore(
              folder,
              (store) => store.putFolder(small),
              undefined,
              (objects) => {
                kept = keptOf(small, objects);
              },
            ),
            take: inFreshStore(folder, (store, staged) => store.takeFolder(staged), writeSmall),
            machine: machineWrites(folder),
          }),
          work: () => kept,
        },
        ...storePeers(bench, small),
      ];
    },
  },
];

/** Seconds in an empty store, synced as a run does; `prepare` makes what is taken and `look` sees what is stored, outside the clock. */
function inFreshStore(
  folder: string,
  put: (store: ObjectStore, staged: string) => unknown,
  prepare: (staged: string) => void = () => undefined,
  look: (objects: string) => void = () => undefined,
): number {
  const root = join(folder, "project");
  mkdirSync(root);
  const staged = join(root, "staged");
  prepare(staged);
  const store = new ObjectStore({ objects: join(root, "objects") });
  const took = seconds(() => {
    put(store, staged);
    store.sync();
  });
  look(join(root, "objects"));
  rmSync(root, { recursive: true });
  return took;
}

function machineWrites(folder: string): number {
  const path = join(folder, "bare");
  const took = seconds(() => writeSmall(path));
  rmSync(path, { recursive: true });
  return took;
}

function seconds(work: () => void): number {
  const started = performance.now();
  work();
  return (performance.now() - started) / 1000;
}

function temporaryFolder(resources: Bench["resources"]): string {
  const folder = mkdtempSync(join(tmpdir(), "steplab-bench-store-"));
  resources.defer(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
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
