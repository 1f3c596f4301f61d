/** Inputs and outputs of a stage in two runs: digest, size, rows, columns. Pure. */
import type { Digest } from "../../../core/digest.ts";
import type { ColumnSummary, TableSummary } from "../../../core/fact.ts";
import type { InputSource } from "../../../core/host.ts";
import type { Json } from "../../../core/json.ts";
import type { OutputRecord, StageRecord } from "../../record.ts";
import { isSame, namesOf, valueChanges, type ValueChange } from "./value.ts";

export interface InputChange {
  name: string;
  /** Absent on the side that does not have the input. */
  before?: { source: InputSource; digest: Digest; bytes: number };
  after?: { source: InputSource; digest: Digest; bytes: number };
}

export interface OutputChange {
  name: string;
  before?: OutputFacts;
  after?: OutputFacts;
  /** Columns of a table, or members of another kind's schema: gone, new, or of another shape. */
  schema: ValueChange[];
  /** Of tables: what the columns' summaries say, columns on both sides only. */
  columns: ColumnChange[];
  /** Of other kinds: what their summary says. */
  summary: ValueChange[];
}

export interface OutputFacts {
  kind: OutputRecord["kind"];
  digest: Digest;
  bytes: number;
  /** Null for what is no table. */
  rows: number | null;
}

export interface ColumnChange {
  column: string;
  /** `nulls`, `min`, `max`, `mean`, `distinct`; histograms are in the record. */
  changes: ValueChange[];
}

/** Inputs of other bytes, or from elsewhere. A run named in a source does not count: equal bytes are equal. */
export function inputChanges(
  before: StageRecord["inputs"],
  after: StageRecord["inputs"],
): InputChange[] {
  const changes: InputChange[] = [];
  for (const name of namesOf(before, after)) {
    const [earlier, later] = [before[name], after[name]];
    if (
      earlier !== undefined &&
      later !== undefined &&
      earlier.digest === later.digest &&
      placeOf(earlier.source) === placeOf(later.source)
    )
      continue;
    changes.push({ name, ...(earlier && { before: earlier }), ...(later && { after: later }) });
  }
  return changes;
}

/** Where an input comes from, in words: `collect.listings`, `data/x.csv`, an address. */
export function placeOf(source: InputSource): string {
  if ("path" in source) return source.path;
  if ("url" in source) return source.url;
  return `${source.stage}.${source.output}`;
}

/** Outputs of other bytes. */
export function outputChanges(
  before: StageRecord["outputs"],
  after: StageRecord["outputs"],
): OutputChange[] {
  const changes: OutputChange[] = [];
  for (const name of namesOf(before, after)) {
    const [earlier, later] = [before[name], after[name]];
    if (earlier !== undefined && later !== undefined && earlier.digest === later.digest) continue;
    changes.push({
      name,
      ...(earlier && { before: factsOf(earlier) }),
      ...(later && { after: factsOf(later) }),
      ...(earlier && later ? contentChanges(earlier, later) : NOTHING),
    });
  }
  return changes;
}

const NOTHING = { schema: [], columns: [], summary: [] };

function contentChanges(
  before: OutputRecord,
  after: OutputRecord,
): Pick<OutputChange, "schema" | "columns" | "summary"> {
  const schema = schemaChanges(before.schema, after.schema);
  const [earlier, later] = [tableSummary(before), tableSummary(after)];
  if (earlier !== null && later !== null)
    return { schema, columns: columnChanges(earlier, later), summary: [] };
  const summary =
    earlier === null && later === null
      ? valueChanges(before.summary as Record<string, Json>, after.summary as Record<string, Json>) // no tables, so JSON
      : [];
  return { schema, columns: [], summary };
}

/** A column is compared whole: `int` to `number` is one change, not one of each of its bounds. */
function schemaChanges(before: Json, after: Json): ValueChange[] {
  if (!isPlain(before) || !isPlain(after)) return valueChanges(before, after);
  return namesOf(before, after).flatMap((path): ValueChange[] => {
    const [earlier, later] = [before[path], after[path]];
    if (isSame(earlier, later)) return [];
    return [
      {
        path,
        ...(earlier !== undefined && { before: earlier }),
        ...(later !== undefined && { after: later }),
      },
    ];
  });
}

function columnChanges(before: TableSummary, after: TableSummary): ColumnChange[] {
  return Object.keys(before.columns).flatMap((column) => {
    const [earlier, later] = [before.columns[column], after.columns[column]];
    if (earlier === undefined || later === undefined) return [];
    const changes = valueChanges(figuresOf(earlier), figuresOf(later));
    return changes.length === 0 ? [] : [{ column, changes }];
  });
}

function figuresOf({ histogram: _histogram, ...figures }: ColumnSummary): Record<string, Json> {
  return { ...figures };
}

function factsOf(output: OutputRecord): OutputFacts {
  const { kind, digest, bytes } = output;
  return { kind, digest, bytes, rows: tableSummary(output)?.rows ?? null };
}

function tableSummary({ summary }: OutputRecord): TableSummary | null {
  return "rows" in summary && typeof summary.rows === "number" && "columns" in summary
    ? (summary as TableSummary) // what tables are summarised as
    : null;
}

function isPlain(value: Json): value is Record<string, Json> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
