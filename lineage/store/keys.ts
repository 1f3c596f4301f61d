/** What a key led to: `.store/keys/<hex>.json`, written after the stage's outputs are in the store. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { hexOf, type StageKey } from "../../core/digest.ts";
import { sortKeys, type Json } from "../../core/json.ts";
import type { Archive } from "../archive.ts";
import type { StageRecord } from "../record.ts";
import { ensureFolder, writeFileAtomic } from "./files.ts";

/** The parts a key is the digest of, by name: kept so that `--explain` can say which part changed. */
export type KeyParts = Record<string, Json>;

export interface KeyEntry {
  version: 1;
  key: StageKey;
  parts: KeyParts;
  /** The stage as its run recorded it; `executedIn` names that run. */
  record: StageRecord;
}

/** The keys that led to a result, one file each; looked up by the runner alone. */
export class KeyIndex {
  readonly #folder: string;

  constructor(archive: Archive) {
    this.#folder = archive.keys;
  }

  /** Null when the key never succeeded, or its entry is unreadable: then the stage runs again, which heals it. */
  get(key: StageKey): KeyEntry | null {
    let text: string;
    try {
      text = readFileSync(this.#pathOf(key), "utf8");
    } catch {
      return null;
    }
    try {
      const entry = JSON.parse(text) as KeyEntry; // written by `put` alone; the checks below catch a torn or foreign file
      return entry.version === 1 && entry.key === key && entry.record.status === "succeeded"
        ? entry
        : null;
    } catch {
      return null;
    }
  }

  put(entry: KeyEntry): void {
    ensureFolder(this.#folder);
    // Sorted, so that a record made of cached stages need not be sorted again.
    writeFileAtomic(this.#pathOf(entry.key), JSON.stringify(sortKeys(entry)), { durable: true });
  }

  has(key: StageKey): boolean {
    return existsSync(this.#pathOf(key));
  }

  #pathOf(key: StageKey): string {
    return join(this.#folder, `${hexOf(key)}.json`);
  }
}
