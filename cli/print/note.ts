import type { StageRecord } from "../../lineage/record.ts";

/** What a note is, and for an assumption what came of it: `assumption, does not hold`. */
export function notePhrase({ kind, holds }: StageRecord["notes"][number]): string {
  return holds === undefined ? kind : `${kind}, ${holds ? "holds" : "does not hold"}`;
}
